"""Two signals on one interaction alert at once; the rates of single ones are held against what is usual."""

import pytest

from .watching import HOUR, NOW, Observed, figure, looked, told, watched

TOGETHER = "interactions.together"


@pytest.mark.parametrize(("both", "outcome"), [(0, "fine"), (1, "firing")])
def test_two_signals_at_once_alert_at_once(both, outcome):
    found = looked("interactions", watched([], [figure(TOGETHER, successes=both, n=40)]))[TOGETHER]

    said = f"{both} of 40 interactions had two signals or more in 60 min"
    assert told(found) == (outcome, "warning", said)


@pytest.mark.parametrize(("attempts", "incident_type"), [(0, "quality_degradation"), (3, "prompt_injection")])
def test_two_signals_at_once_beside_attacks_are_for_those_who_see_to_attacks(attempts, incident_type):
    now = [figure(TOGETHER, successes=2, n=40), figure("interactions.injection_attempts", successes=attempts, n=40)]

    assert looked("interactions", watched([], now))[TOGETHER].incident_type == incident_type


def test_two_signals_of_hours_ago_are_over():
    old = Observed(at=NOW - 2 * HOUR, figure=figure(TOGETHER, successes=1, n=40))

    assert looked("interactions", watched([], [old])) == {}


@pytest.mark.parametrize(("both", "outcome"), [(20, "fine"), (80, "firing")])
def test_where_two_signals_are_usual_their_rate_is_tested(both, outcome):
    before, now = figure(TOGETHER, successes=200, n=10_000), figure(TOGETHER, successes=both, n=1000)

    assert looked("interactions", watched([before], [now]))[TOGETHER].outcome == outcome


@pytest.mark.parametrize(
    ("metric", "incident_type"),
    [("interactions.injection_attempts", "prompt_injection"), ("interactions.unusual", "quality_degradation")],
)
def test_signals_that_become_more_fire(metric, incident_type):
    before, now = figure(metric, successes=100, n=10_000), figure(metric, successes=250, n=1000)

    found = looked("interactions", watched([before], [now]))[metric]

    assert (found.outcome, found.severity, found.incident_type) == ("firing", "critical", incident_type)
    assert (found.value, found.baseline) == pytest.approx((0.25, 0.01))


def test_what_is_no_share_or_has_no_baseline_says_nothing():
    now = [figure("interactions.latency_ms", value=5.0, n=9), figure("interactions.signals", successes=1, n=2)]
    before = [figure("interactions.latency_ms", successes=1, n=2)]

    assert looked("interactions", watched(before, now)) == {}
