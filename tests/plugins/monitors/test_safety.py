"""One finding alerts at once; a rate that is expected is held against its limit."""

from datetime import timedelta

import pytest

from .watching import HOUR, NOW, Observed, figure, looked, told, watched


def test_one_finding_alerts_at_once():
    found = looked("safety", watched([], [figure("safety.pii", successes=1, n=5000)]))["safety.pii"]

    assert told(found) == ("firing", "warning", "pii: 1 of 5,000 in 60 min")
    assert (found.kind, found.incident_type, found.p) == ("safety_violation", "security", None)


def test_it_says_since_when_nothing_was_found_any_more():
    seen = [(20, 3), (10, 0), (0, 0)]
    figures = [
        Observed(at=NOW - timedelta(minutes=ago), figure=figure("safety.pii", successes=flagged, n=50))
        for ago, flagged in seen
    ]

    found = looked("safety", watched([], figures))["safety.pii"]

    assert found.summary == f"pii: 3 of 150 in 60 min, none of 100 since {NOW - timedelta(minutes=20):%H:%M} UTC"


def test_many_findings_are_critical():
    found = looked("safety", watched([], [figure("safety.prompt_injection", successes=12, n=100)]))

    assert told(found["safety.prompt_injection"])[:2] == ("firing", "critical")
    assert found["safety.prompt_injection"].incident_type == "prompt_injection"


@pytest.mark.parametrize(("flagged", "outcome"), [(4, "fine"), (20, "firing")])
def test_an_expected_rate_is_tested(flagged, outcome):
    found = looked("safety", watched([], [figure("safety.toxicity", successes=flagged, n=5000)]))["safety.toxicity"]

    assert found.outcome == outcome
    assert found.summary.endswith(f"{flagged} of 5,000 in 60 min, 0.1% are expected")
    assert found.p is not None
    assert (found.p < 0.01) is (outcome == "firing")


def test_a_finding_of_hours_ago_is_over():
    old = Observed(at=NOW - HOUR - timedelta(minutes=1), figure=figure("safety.pii", successes=1, n=9))

    assert looked("safety", watched([], [old, figure("safety.pii", successes=0, n=9)]))["safety.pii"].outcome == "fine"
    assert looked("safety", watched([], [old])) == {}
