"""Confidence says how often such a hypothesis is right, never more than evidence can support."""

import pytest

from incident_copilot.analysis.calibrating import HIGHEST, LOWEST, calibrated, uncalibrated


def test_more_weight_is_never_less_confidence_and_never_beyond_the_ceiling():
    said = [calibrated(weight / 100) for weight in range(101)]

    assert said == sorted(said)
    assert said[0] == 0.0
    assert said[1] == LOWEST
    assert 0.89 < said[-1] < HIGHEST


@pytest.mark.parametrize("weight", [0.2, 0.35, 0.6])
def test_confidence_leads_back_to_its_weight(weight):
    assert uncalibrated(calibrated(weight)) == pytest.approx(weight)


def test_nothing_stays_nothing():
    assert uncalibrated(0.0) == 0.0
