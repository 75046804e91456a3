"""Shares of a few, against tables of the beta distribution."""

import pytest

from incident_copilot.analysis.beta import chance_below, interval


@pytest.mark.parametrize(
    ("successes", "failures", "expected"),
    [
        (1, 1, (0.1, 0.9)),
        (1, 2, (0.051, 0.684)),
        (3, 1, (0.464, 0.965)),
    ],
)
def test_an_interval_holds_what_is_likely(successes, failures, expected):
    assert interval(successes, failures) == pytest.approx(expected, abs=0.002)


def test_more_of_the_same_narrows_the_interval():
    low, high = interval(20, 20)
    lower, higher = interval(2, 2)

    assert lower < low < 0.5 < high < higher


def test_the_chance_to_lie_below_a_limit():
    assert chance_below(0.5, 3, 3) == pytest.approx(0.5, abs=0.001)
    assert chance_below(0.5, 1, 2) == pytest.approx(0.75, abs=0.001)
