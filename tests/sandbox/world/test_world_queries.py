"""PromQL and LogQL: what is understood, and what is refused where."""

import pytest

from incident_copilot.sandbox.world import logql, promql
from incident_copilot.sandbox.world.series import Series
from incident_copilot.sandbox.world.tokens import Matcher, QueryProblem, duration_s, unix_s

QUANTILE = 'histogram_quantile(0.99, sum by (le) (rate(latency_bucket{service="payments"}[5m])))'
LABELS = {"service": "payments", "cluster": "eu-1"}
LATENCY = Series(metric="job:latency:p99", labels=LABELS, expressions=(QUANTILE,), unit="seconds", baseline=1)


def selects(expression: str) -> bool:
    return promql.parse(expression).selects(LATENCY, LABELS)


@pytest.mark.parametrize(
    "expression",
    [
        QUANTILE,
        f"{QUANTILE} > 1",
        f"({QUANTILE}) > 300ms",
        f"(({QUANTILE}))",
        "histogram_quantile( 0.99,sum  by(le)(rate(latency_bucket{service='payments'}[5m])) ) >= bool -1",
        "job:latency:p99",
        'job:latency:p99{service="payments"} > 0.3',
        'job:latency:p99{service=~"pay.*|checkout", cluster!="us-1", zone!~".+",}',
        '{service="payments"}',
        '{__name__=~".+", service="payments"}',
    ],
)
def test_expression_selects_the_series(expression: str) -> None:
    assert selects(expression)


@pytest.mark.parametrize(
    "expression",
    [
        'job:latency:p99{service="checkout"}',
        'job:latency:p99{service!~"pay.*"}',
        "job:latency:p50",
        "rate(latency_bucket[5m])",
        "latency[5m]",
        "sum(job:latency:p99) by (service)",
        "1",
        "a and b",
        "a or 2",
        "-a",
        "a > 12parsecs",
        "a{} > 5 > 1",
        "sum(a) - 1",
        "(a) + (b)",
        "x offset 5m",
    ],
)
def test_valid_expression_may_select_nothing(expression: str) -> None:
    assert not selects(expression)


def test_threshold_is_read_with_sign_and_unit() -> None:
    assert promql.parse("latency < bool -2").threshold == promql.Threshold("<", -2.0)
    assert promql.parse("latency >= 300ms").threshold == promql.Threshold(">=", 0.3)
    assert promql.parse("latency").threshold is None
    assert [promql.Threshold("!=", 2).holds(value) for value in (1.0, 2.0)] == [True, False]


@pytest.mark.parametrize(
    ("expression", "at", "problem"),
    [
        ("", 1, "no expression found in input"),
        ("up{", 4, 'unclosed left bracket "{"'),
        ("up)", 3, 'unexpected bracket ")"'),
        ("(up]", 4, 'unexpected bracket "]"'),
        ('up{a="b}', 6, "unterminated quoted string"),
        ("up $ 1", 4, "unexpected character: '$'"),
        ("up |= 1", 4, "unexpected character: '|'"),
        ("up >", 5, "unexpected end of input"),
        ("* up", 1, 'unexpected operator "*"'),
        ("up down", 4, 'unexpected word "down"'),
        ("up{a}", 5, 'unexpected bracket "}", expected "=" or "!=" or "=~" or "!~"'),
        ("up{a=b}", 6, 'unexpected word "b", expected string'),
        ('up{a="b" c="d"}', 10, 'unexpected word "c"'),
        ('up{a="b" + d="e"}', 10, 'unexpected operator "+", expected "}"'),
        ('up{a=~"("}', 7, "error parsing regexp: missing ), unterminated subpattern at position 0"),
        ("{}", 1, "vector selector must contain at least one non-empty matcher"),
    ],
)
def test_bad_expression_is_refused_at_its_place(expression: str, at: int, problem: str) -> None:
    with pytest.raises(QueryProblem) as refused:
        promql.parse(expression)

    assert (refused.value.at, refused.value.problem) == (at, problem)


def kept(query: str, line: str, **labels: str) -> bool:
    parsed = logql.parse(query)
    assert isinstance(parsed, logql.LogQuery)
    return parsed.selects({"service": "payments", "level": "error", **labels}) and parsed.keeps(line)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('{service="payments"}', True),
        ('{service="checkout"}', False),
        ('{service=~"pay.+"} |= "QueuePool"', True),
        ("{service=~`pay\\w+`} |~ `(?i)queuepool limit of size \\d`", True),
        ('{service="payments"} != "QueuePool"', False),
        ('{service="payments"} !~ "timeout|refused"', True),
        ('{service="payments"} |= "size 4" |~ "limit.*size" != "refused"', True),
        ('{service="payments"} |= "(size"', False),
        ('{service="payments"} | json | level="error"', True),
        ('{service="payments"} | logfmt | level=~"warn|info" |= "QueuePool"', False),
        ('{service="payments"} |= "say \\"hi\\"\\n"', False),
    ],
)
def test_log_query_keeps_what_it_asks_for(query: str, expected: bool) -> None:
    assert kept(query, "QueuePool limit of size 4") is expected


@pytest.mark.parametrize(
    ("query", "range_s", "per_second", "by"),
    [
        ('count_over_time({service="a"}[1m])', 60, False, None),
        ('rate({service="a"} |= "x" [5m])', 300, True, None),
        ('sum(count_over_time({service="a"}[1h30m]))', 5400, False, ()),
        ('sum by (service, level) (rate({service="a"}[30s]))', 30, True, ("service", "level")),
        ('sum(rate({service="a"}[30s])) by (service)', 30, True, ("service",)),
    ],
)
def test_count_query_is_read(query: str, range_s: float, per_second: bool, by: tuple[str, ...] | None) -> None:
    parsed = logql.parse(query)

    assert isinstance(parsed, logql.CountQuery)
    assert (parsed.range_s, parsed.per_second, parsed.by) == (range_s, per_second, by)


@pytest.mark.parametrize(
    ("query", "at", "problem"),
    [
        ("", 1, 'unexpected end of input, expected "count_over_time" or "rate"'),
        ('"{"', 1, 'unexpected string "{", expected "{"'),
        ('{service="a"} |=', 17, "unexpected end of input, expected string"),
        ('{service="a"} "x"', 15, 'unexpected string "x"'),
        ('{service="a"} |~ "["', 18, "error parsing regexp: unterminated character set at position 0"),
        ('count_over_time({service="a"}[soon])', 31, 'unexpected word "soon", expected number'),
        ('count_over_time({service="a"}[5parsecs])', 31, 'not a valid duration string: "5parsecs"'),
    ],
)
def test_bad_log_query_is_refused_at_its_place(query: str, at: int, problem: str) -> None:
    with pytest.raises(QueryProblem) as refused:
        logql.parse(query)

    assert (refused.value.at, refused.value.problem) == (at, problem)


def test_log_query_without_a_real_matcher_is_refused() -> None:
    with pytest.raises(QueryProblem, match="at least one regexp or equality matcher"):
        logql.parse('{service=~".*"}')


def test_absent_label_counts_as_empty() -> None:
    assert [Matcher("zone", operator, "").matches({}) for operator in ("=", "==", "!=", "=~", "!~")] == [
        True, True, False, True, False,
    ]  # fmt: skip


def test_durations_and_times_are_read() -> None:
    assert [duration_s(text) for text in ("15", "90s", "1h30m", "300ms", "1.5m")] == [15, 90, 5400, 0.3, 90]
    assert unix_s("1795251600.5") == 1795251600.5
    assert unix_s("2026-11-21T09:00:00Z") == 1795251600


@pytest.mark.parametrize("text", ["", "soon", "5 parsecs"])
def test_bad_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        duration_s(text)
