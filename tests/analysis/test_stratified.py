"""A share estimated by strata: each counts as much as it is of all, and what nobody looked at makes it uncertain."""

import numpy as np
import pytest

from incident_copilot.analysis.monitoring.shares import Share
from incident_copilot.analysis.stratified import Stratum, estimate


def test_each_stratum_counts_as_much_as_it_is_of_all():
    found = estimate([Stratum(100, Share(9, 10)), Stratum(900, Share(1, 10))])

    assert round(found.share, 4) == 0.18
    assert (round(found.low, 2), round(found.high, 2)) == (0.10, 0.45)


def test_stratum_that_nobody_looked_at_makes_it_wide_and_one_that_is_empty_does_not():
    half = estimate([Stratum(500, Share(5, 50)), Stratum(500, Share(0, 0))])
    whole = estimate([Stratum(500, Share(5, 50)), Stratum(0, Share(0, 0))])

    assert (round(half.low, 2), round(half.high, 2)) == (0.05, 0.56)
    assert (round(whole.low, 2), round(whole.high, 2)) == (0.04, 0.21)


@pytest.mark.parametrize("strata", [[], [Stratum(10, Share(0, 0))], [Stratum(0, Share(0, 0))]])
def test_nothing_is_said_where_nothing_was_looked_at(strata):
    assert estimate(strata) is None


def test_interval_holds_the_truth_as_often_as_it_says():
    random = np.random.default_rng(3)
    sizes, rates, truth = (300, 1700), (0.8, 0.1), 0.205

    def holds():
        strata = [
            Stratum(size, Share(int(random.binomial(20, rate)), 20)) for size, rate in zip(sizes, rates, strict=True)
        ]
        found = estimate(strata)
        return found.low <= truth <= found.high

    assert sum(holds() for _ in range(400)) >= 0.93 * 400
