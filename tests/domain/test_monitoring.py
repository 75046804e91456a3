"""Thresholds are read as people write them, and OpenTelemetry's names become queries."""

import pytest

from incident_copilot.domain.default_rules import DEFAULT_RULES
from incident_copilot.domain.monitoring import Condition, Measure, condition, of_opentelemetry


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("performance.error_rate > 5%", Condition(Measure.VALUE, "performance.error_rate", ">", 0.05)),
        ("performance.latency_p95_s>=1500ms", Condition(Measure.VALUE, "performance.latency_p95_s", ">=", 1.5)),
        (" increase(cost.usd) > 20% ", Condition(Measure.INCREASE, "cost.usd", ">", 0.2)),
        ("data.age_s > 2h", Condition(Measure.VALUE, "data.age_s", ">", 7200)),
        ("unusual(performance.requests) > 4", Condition(Measure.UNUSUAL, "performance.requests", ">", 4)),
        ("decrease(quality.score) < 0.5", Condition(Measure.DECREASE, "quality.score", "<", 0.5)),
    ],
)
def test_an_expression_is_taken_apart(text, wanted):
    assert condition(text) == wanted


@pytest.mark.parametrize(
    "text", ["error_rate > 5%", "a.b", "a.b > ", "increase(a.b > 1", "a.b) > 1", "a.b == 1", "a.b > -1"]
)
def test_what_is_no_threshold_says_how_one_is_written(text):
    with pytest.raises(ValueError, match="is no threshold; write metric, comparison and number"):
        condition(text)


@pytest.mark.parametrize(
    ("comparison", "values"),
    [
        (">", [False, False, True]),
        (">=", [False, True, True]),
        ("<", [True, False, False]),
        ("<=", [True, True, False]),
    ],
)
def test_a_bound_holds_as_it_is_written(comparison, values):
    expected = condition(f"a.b {comparison} 2")

    assert [expected.holds(value) for value in (1, 2, 3)] == values
    assert expected.is_upper is comparison.startswith(">")


def test_default_rules_are_those_of_the_runbook():
    assert len({one.name for one in DEFAULT_RULES}) == len(DEFAULT_RULES)
    assert {one.expr for one in DEFAULT_RULES} >= {
        "performance.throughput_per_s < 20",
        "quality.satisfaction < 4",
        "performance.cache_hit_rate < 80%",
        "performance.utilisation > 80%",
        "unusual(performance.requests) > 4",
        "increase(cost.usd) > 20%",
        "decrease(quality.score) > 5%",
    }


def test_opentelemetrys_metrics_are_asked_for_by_their_labels():
    asked = {one.metric: one for one in of_opentelemetry({"service_name": 'a"b', "env": "prod"})}

    match = 'env="prod",service_name="a\\"b"'
    assert asked["performance.throughput_per_s"].query == (
        f"sum(rate(gen_ai_client_operation_duration_seconds_count{{{match}}}[5m]))"
    )
    assert asked["cost.tokens_input"].query == (
        f'sum(increase(gen_ai_client_token_usage_sum{{{match},gen_ai_token_type="input"}}[5m]))'
    )
    assert [name for name, one in asked.items() if one.by] == ["provider.availability", "provider.latency_p95_s"]
    assert len(asked) == 8
