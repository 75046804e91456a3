"""Figures that are unlike the others of their system."""

import pytest

from incident_copilot.domain.sampled import NOTHING, Typical
from incident_copilot.plugins.evaluators import anomaly

from .judging import look, names

USUAL = {"latency_ms": Typical(800.0, 300.0, 1_000), "cost_usd": Typical(0.002, 0.001, 1_000)}


def test_one_that_took_very_long_stands_out(fixture):
    said = look(anomaly, fixture("anomaly"), USUAL)

    assert (names(said), said.signals[0].score) == (["anomaly.latency_ms"], 112.5)
    assert said.facts == {"interactions.unusual": True}


@pytest.mark.parametrize(
    ("usual", "latency_ms"),
    [
        (USUAL, 2_000.0),
        (USUAL | {"latency_ms": Typical(800.0, 100.0, 1_000)}, 1_500.0),
        (USUAL | {"latency_ms": Typical(800.0, 300.0, 20)}, 90_000.0),
        ({}, 90_000.0),
        (USUAL | {"latency_ms": Typical(0.0, 0.0, 1_000)}, 90_000.0),
    ],
)
def test_long_tails_and_few_cases_are_usual(usual, latency_ms):
    assert look(anomaly, None, usual, latency_ms=latency_ms).facts == {"interactions.unusual": False}


def test_without_figures_nothing_is_said():
    assert look(anomaly, None, USUAL) == NOTHING
