"""Gaps between groups fire where they are surely wider than allowed; small groups are named."""

import pytest

from .watching import figure, looked, told, watched

RATE, TRUE = "fairness.positive_rate", "fairness.true_positive_rate"


def groups(metric, **shares):
    return [figure(metric, f"gender={name}", successes=good, n=n) for name, (good, n) in shares.items()]


def test_a_gap_wider_than_allowed_fires():
    now = groups(RATE, m=(650, 1000), f=(420, 1000), x=(5, 12))

    found = looked("fairness", watched([], now))[RATE, "gender"]

    said = "demographic parity: 42.0% for gender=f, 65.0% for gender=m; a gap of 23.0%, 10% are allowed"
    assert told(found) == ("firing", "critical", f"{said} (n 1,000 at least); too few of gender=x")
    assert (found.low, found.high) == pytest.approx((0.187, 0.272), abs=0.002)
    assert (found.incident_type, found.kind) == ("bias_and_fairness", "unfairness")


def test_equalised_odds_are_looked_at_by_attribute():
    now = [*groups(TRUE, m=(80, 100), f=(78, 100)), figure(TRUE, "age=young", successes=50, n=100)]

    found = looked("fairness", watched([], now))

    assert found[TRUE, "gender"].outcome == "fine"
    assert told(found[TRUE, "age"])[::2] == (
        "unknown",
        "equalised odds, true positives by age: two groups of 100 are needed, there is one",
    )


def test_groups_that_are_too_small_are_no_finding():
    found = looked("fairness", watched([], groups(RATE, m=(9, 10), f=(1, 10))))[RATE, "gender"]

    said = "demographic parity by gender: two groups of 100 are needed, too few of gender=f, gender=m"
    assert told(found)[::2] == ("unknown", said)


@pytest.mark.parametrize(("unlike", "n", "outcome"), [(90, 400, "firing"), (20, 400, "fine"), (9, 20, "unknown")])
def test_like_cases_treated_unlike_are_counted(unlike, n, outcome):
    found = looked("fairness", watched([], [figure("fairness.individual", successes=unlike, n=n)]))

    assert found["fairness.individual"].outcome == outcome


def test_what_names_no_group_is_left_out():
    assert looked("fairness", watched([], [figure(RATE, successes=1, n=2), figure(RATE, "gender=f", value=0.4)])) == {}
