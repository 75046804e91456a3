"""Gaps between groups with their intervals, and like cases that are treated unlike."""

import pytest

from incident_copilot.analysis.monitoring import fairness, shares
from incident_copilot.analysis.monitoring.shares import Share


def test_the_surest_gap_between_groups_is_found():
    groups = {"a": Share(600, 1000), "b": Share(420, 1000), "c": Share(590, 1000), "tiny": Share(0, 20)}

    found = fairness.parity(groups, allowed=0.1)

    assert found is not None
    assert (found.favoured, found.other, found.n, found.ratio) == ("a", "b", 1000, 0.7)
    assert found.gap == pytest.approx(0.18)
    assert found.p == pytest.approx(3 * shares.gap_p(groups["a"], groups["b"], 0.1))
    assert found.interval == shares.difference(groups["a"], groups["b"], 1 - 0.05 / 3)
    assert fairness.too_small(groups) == ["tiny"]


def test_a_gap_that_is_allowed_is_no_finding():
    found = fairness.parity({"a": Share(60_000, 100_000), "b": Share(55_000, 100_000)}, allowed=0.1)

    assert found is not None
    assert found.p == pytest.approx(1.0)


def test_groups_that_get_nothing_are_alike():
    found = fairness.parity({"a": Share(0, 200), "b": Share(0, 200)}, allowed=0.1)

    assert found is not None
    assert (found.gap, found.ratio) == (0.0, 1.0)


def test_one_group_has_nobody_to_be_held_against():
    assert fairness.parity({"a": Share(60, 100), "b": Share(1, 2)}, allowed=0.1) is None
