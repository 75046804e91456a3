"""Rules of monitors.yaml over the last minutes; those of the runbook by default."""

from datetime import timedelta

import pytest

from .watching import DAY, HOUR, NOW, Observed, figure, looked, told, watched


@pytest.mark.parametrize(
    ("metric", "fields", "wanted"),
    [
        (
            "performance.error_rate",
            {"successes": 60, "n": 1000},
            ("firing", "warning", "error rate is 0.06 over 15 min; performance.error_rate > 2%"),
        ),
        (
            "performance.error_rate",
            {"successes": 90, "n": 1000},
            ("firing", "critical", "error rate is 0.09 over 15 min; performance.error_rate > 5%"),
        ),
        (
            "performance.error_rate",
            {"successes": 3, "n": 100},
            ("fine", "critical", "error rate is 0.03 over 15 min; performance.error_rate > 5%"),
        ),
        (
            "performance.latency_p95_s",
            {"value": 1.8},
            ("firing", "warning", "latency p95 s is 1.8 over 15 min; performance.latency_p95_s > 1500ms"),
        ),
        (
            "performance.throughput_per_s",
            {"value": 12},
            ("weak", "info", "throughput per s is 12 over 15 min; performance.throughput_per_s < 20"),
        ),
        (
            "performance.cache_hit_rate",
            {"successes": 750, "n": 1000},
            ("weak", "info", "cache hit rate is 0.75 over 1 h; performance.cache_hit_rate < 80%"),
        ),
        (
            "quality.satisfaction",
            {"value": 4.4},
            ("fine", "info", "satisfaction is 4.4 over 24 h; quality.satisfaction < 4"),
        ),
        (
            "provider.availability",
            {"value": 0.9},
            ("firing", "critical", "availability is 0.9 over 15 min; provider.availability < 95%"),
        ),
    ],
)
def test_the_runbooks_thresholds_are_the_default(metric, fields, wanted):
    at = NOW - timedelta(minutes=5)

    found = looked("thresholds", watched([], [Observed(at=at, figure=figure(metric, **fields))]))

    assert told(found[metric]) == wanted


def test_what_is_older_than_the_rule_looks_back_is_left_out():
    old = Observed(at=NOW - HOUR, figure=figure("performance.error_rate", successes=90, n=100))

    assert looked("thresholds", watched([], [old])) == {}


@pytest.mark.parametrize(("now", "outcome"), [(100.0, "fine"), (130.0, "weak")])
def test_cost_that_went_up_a_fifth_is_a_weak_signal(now, outcome):
    before = [Observed(at=NOW - DAY * day, figure=figure("cost.usd", value=100.0)) for day in (9, 8, 7, 6, 5, 4, 3, 2)]

    found = looked("thresholds", watched(before, [figure("cost.usd", value=now)]))["increase(cost.usd)"]

    assert (found.outcome, found.name) == (outcome, "CostUp")


def test_a_score_that_fell_a_twentieth_is_a_weak_signal():
    before, now = figure("quality.score", value=0.8, n=100), figure("quality.score", value=0.72, n=10)

    found = looked("thresholds", watched([before], [now]))

    said = "decrease of score is 0.1 over 24 h; decrease(quality.score) > 5%"
    assert told(found["decrease(quality.score)"]) == ("weak", "info", said)


def test_a_change_needs_something_before():
    assert looked("thresholds", watched([], [figure("cost.usd", value=5.0)])) == {}


@pytest.mark.parametrize(("last", "outcome"), [(1000.0, "fine"), (9000.0, "weak"), (10.0, "weak")])
def test_traffic_is_unusual_in_both_directions(last, outcome):
    begun = NOW - 73 * HOUR
    told_before = [
        Observed(at=begun + hour * HOUR, figure=figure("performance.requests", value=1000.0 + hour % 3))
        for hour in range(72)
    ]
    newest = Observed(at=NOW - HOUR / 2, figure=figure("performance.requests", value=last))

    found = looked("thresholds", watched(told_before, [newest]))["unusual(performance.requests)"]

    assert (found.outcome, found.name) == (outcome, "TrafficUnusual")


def test_traffic_without_a_past_is_not_unusual():
    assert looked("thresholds", watched([], [figure("performance.requests", value=5.0)])) == {}


def test_own_rules_stand_beside_or_in_place():
    rule = {"name": "Slow", "expr": "custom.lag_s >= 2m", "severity": "critical"}
    now = [figure("custom.lag_s", value=120.0), figure("performance.utilisation", value=0.9)]
    recent = [Observed(at=NOW, figure=one) for one in now]

    both = looked("thresholds", watched([], recent), more=[rule])
    alone = looked("thresholds", watched([], recent), rules=[rule])

    assert {metric: one.outcome for metric, one in both.items()} == {
        "custom.lag_s": "firing",
        "performance.utilisation": "weak",
    }
    assert [(one.name, one.kind, one.severity) for one in alone.values()] == [("Slow", "anomaly", "critical")]
