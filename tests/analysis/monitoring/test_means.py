"""Means of scores fall by sums alone, or as draws from the scores say."""

import numpy as np
import pytest

from incident_copilot.analysis.monitoring import means
from incident_copilot.analysis.monitoring.means import Mean


def test_a_fall_is_weighed_by_the_spread_of_both():
    before, now = Mean(4.0, 100, 1.0), Mean(3.7, 100, 1.25)

    assert means.drop_p(before, now) == pytest.approx(0.0227501, abs=1e-7)
    assert means.difference(now, before) == pytest.approx((-0.3 - 0.2939946, -0.3 + 0.2939946), abs=1e-6)


def test_scores_without_spread_fell_or_did_not():
    flat = Mean(1.0, 50, 0.0)

    assert means.drop_p(flat, Mean(0.9, 50, 0.0)) == 0.0
    assert means.drop_p(flat, flat) == 1.0


def test_the_bootstrap_gives_the_interval_of_the_normal_distribution_where_that_holds():
    random = np.random.default_rng(3)
    before, now = random.normal(0.8, 0.1, 400), random.normal(0.7, 0.1, 400)

    wanted = means.difference(Mean(now.mean(), 400, now.var(ddof=1)), Mean(before.mean(), 400, before.var(ddof=1)))

    assert means.drawn_difference(now, before) == pytest.approx(wanted, abs=0.001)


def test_pairs_leave_out_what_both_share():
    before = np.linspace(0, 1, 50)
    now = before - 0.01

    assert means.drawn_difference(now, before, paired=True) == pytest.approx((-0.01, -0.01))
    assert means.drawn_drop_p(now, before) == pytest.approx(1 / 2001, abs=1)
    assert means.drawn_drop_p(before, before) == 1.0


def test_many_scores_are_drawn_in_parts():
    values = np.tile([0.0, 1.0], 200)

    low, high = means.drawn_difference(values, values)

    assert (round(low, 2), round(high, 2)) == (-0.07, 0.08)
