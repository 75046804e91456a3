"""Tests and intervals of shares against published examples."""

import math

import pytest

from incident_copilot.analysis.monitoring import shares, tails
from incident_copilot.analysis.monitoring.shares import Interval, Share


@pytest.mark.parametrize(
    ("share", "wanted"),
    [(Share(81, 263), (0.2553, 0.3662)), (Share(15, 148), (0.0624, 0.1605)), (Share(0, 20), (0.0, 0.1611))],
)
def test_wilson_gives_the_intervals_of_newcombe_1998(share, wanted):
    assert shares.wilson(share) == pytest.approx(wanted, abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        (Share(56, 70), Share(48, 80), (0.0524, 0.3339)),
        (Share(9, 10), Share(3, 10), (0.1705, 0.8090)),
        (Share(10, 10), Share(0, 20), (0.6791, 1.0)),
    ],
)
def test_difference_gives_the_intervals_of_newcombe_1998(first, second, wanted):
    assert shares.difference(first, second) == pytest.approx(wanted, abs=5e-5)


def test_nothing_is_known_of_no_case():
    assert shares.wilson(Share(0, 0)) == Interval(0.0, 1.0)


def test_a_fall_is_weighed_in_pooled_standard_errors():
    rate = 9850 / 11_000
    wanted = float(tails.above(0.05 / math.sqrt(rate * (1 - rate) * (1 / 10_000 + 1 / 1000))))

    assert shares.drop_p(Share(9000, 10_000), Share(850, 1000)) == pytest.approx(wanted)
    assert shares.rise_p(Share(1000, 10_000), Share(150, 1000)) == pytest.approx(wanted)
    assert shares.drop_p(Share(900, 1000), Share(900, 1000)) == 0.5


def test_few_failures_are_counted_exactly():
    few = Share(98, 100)

    found = shares.drop_p(Share(10_000, 10_000), few)

    # Two or more of 100 at the rate that no failure of 10,000 leaves open: Wilson's upper end of 68 %.
    upper = shares.wilson(Share(0, 10_000), 0.68).high
    assert found == pytest.approx(1 - (1 - upper) ** 100 - 100 * upper * (1 - upper) ** 99, rel=1e-9)


def test_a_gap_is_held_against_what_is_allowed():
    assert shares.gap_p(Share(600, 1000), Share(500, 1000), 0.1) == pytest.approx(0.5)
    error = math.sqrt((0.64 * 0.36 + 0.46 * 0.54) / 1000)
    assert shares.gap_p(Share(640, 1000), Share(460, 1000), 0.1) == pytest.approx(float(tails.above(0.08 / error)))


@pytest.mark.parametrize(("only_before", "only_now", "wanted"), [(9, 1, 11 / 1024), (5, 5, 638 / 1024), (0, 0, 1.0)])
def test_mcnemar_is_exact(only_before, only_now, wanted):
    assert shares.worse_pairs_p(only_before, only_now) == pytest.approx(wanted, rel=1e-12)


def test_a_window_says_how_many_cases_it_needs():
    assert shares.cases_needed(0.9, 0.05, before_n=10_000) == 565  # 1 / (1 / 534.1 - 1 / 10000)
    assert shares.cases_needed(0.9, 0.05, before_n=500) is None
    assert shares.cases_needed(1.0, 0.0, before_n=0) is None
