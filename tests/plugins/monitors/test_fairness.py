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


def alike(metric, unlike, n):
    return figure(f"fairness.{metric}", "gender", successes=unlike, n=n)


@pytest.mark.parametrize(
    ("within", "outcome", "beside"),
    [
        ((10, 400), "firing", "2.5% within a group, "),
        ((88, 400), "fine", "22.0% within a group, "),
        ((9, 20), "firing", ""),
    ],
)
def test_what_is_decided_by_chance_within_a_group_too_is_not_between_groups(within, outcome, beside):
    told_of = [alike("individual", 90, 400), alike("individual_within", *within)]

    found = looked("fairness", watched([], told_of))["fairness.individual", "gender"]

    said = "22.5% of 400 pairs of like requests of two groups (gender) are decided otherwise (95 % 18.7% to 26.8%), "
    assert (found.outcome, found.summary) == (outcome, f"{said}{beside}10% are allowed")


def test_where_no_requests_are_alike_it_is_said_that_nothing_can_be_told():
    now = [*groups(RATE, m=(650, 1000), f=(640, 1000)), figure("interactions.signals", successes=0, n=2000)]

    found = looked("fairness", watched([], now))["fairness.individual", "gender"]

    assert told(found)[::2] == ("unknown", "like requests of two groups (gender): 0 pairs, 100 are needed to tell")


def test_what_names_no_group_is_left_out():
    assert looked("fairness", watched([], [figure(RATE, successes=1, n=2), figure(RATE, "gender=f", value=0.4)])) == {}
