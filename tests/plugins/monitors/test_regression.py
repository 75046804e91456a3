"""A version that does worse on an evaluation set than the one before it; the same cases are compared in pairs."""

import pytest

from .watching import DAY, NOW, Observed, figure, looked, told, watched


def run(version, days_ago, metric="evaluation.support", **fields):
    return Observed(at=NOW - days_ago * DAY, figure=figure(metric, **fields), labels={"version": version})


def test_the_same_cases_are_compared_by_mcnemar():
    before = run("6", 3, successes=180, n=200)
    counts = {"both": 160, "only_before": 20, "only_now": 4, "neither": 16}
    now = run("7", 0.1, successes=164, n=200, counts=counts)

    found = looked("regression", watched([before], [now]))["evaluation.support"]

    said = "version 7 has 0.82 on support, version 6 had 0.9 (n 200, the same cases)"
    assert told(found) == ("firing", "critical", said)
    # Twenty or more heads of 24 tosses.
    assert found.p == pytest.approx(12_951 / 2**24)
    assert found.incident_type == "model_regression"


def test_scores_of_the_same_cases_are_compared_in_pairs():
    earlier = tuple(0.8 + 0.01 * (case % 10) for case in range(50))
    worse = tuple(score - 0.02 - 0.001 * (case % 3) for case, score in enumerate(earlier))
    told_before = run("6", 3, value=sum(earlier) / 50, n=50, history=earlier)
    told_now = run("7", 0.1, value=sum(worse) / 50, n=50, history=worse)

    found = looked("regression", watched([told_before], [told_now]))["evaluation.support"]

    assert (found.outcome, found.severity) == ("firing", "warning")
    assert found.p == pytest.approx(1 / 2001)
    assert found.high is not None
    assert found.high < 0


@pytest.mark.parametrize(("right", "outcome"), [(160, "firing"), (179, "fine")])
def test_cases_of_their_own_are_compared_as_shares(right, outcome):
    runs = [run("6", 3, successes=180, n=200), run("7", 0.1, successes=right, n=200)]

    found = looked("regression", watched(runs[:1], runs[1:]))["evaluation.support"]

    assert (found.outcome, "cases of their own" in found.summary) == (outcome, True)


def test_results_without_cases_are_a_weak_signal():
    found = looked("regression", watched([run("6", 3, value=0.9)], [run("7", 0.1, value=0.5)]))["evaluation.support"]

    assert (found.outcome, found.p) == ("weak", None)


def test_one_version_has_none_before_it():
    told_twice = [run("7", 3, successes=1, n=2), run("7", 1, successes=1, n=2)]

    assert looked("regression", watched(told_twice, [])) == {}
    assert looked("regression", watched([run("6", 2)], [run("7", 1)])) == {}
