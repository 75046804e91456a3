"""Alert expressions taken apart: what is measured, and the threshold."""

import pytest

from incident_copilot.vendors.promql import Condition, condition, filled


@pytest.mark.parametrize(
    ("expression", "query", "comparison", "threshold"),
    [
        ("job:errors:ratio > 0.05", "job:errors:ratio", ">", 0.05),
        ("up==0", "up", "==", 0.0),
        ("up == bool 0", "up", "==", 0.0),
        ("free_bytes <= 1e9", "free_bytes", "<=", 1e9),
        ("delta(x[5m]) < -3", "delta(x[5m])", "<", -3.0),
        ('avg by(host) (temp{core=~"c_[0-9]+"}) >= 15', 'avg by(host) (temp{core=~"c_[0-9]+"})', ">=", 15.0),
        ('(x{path=">5"} != 2)', 'x{path=">5"}', "!=", 2.0),
        ("((a) / (b)) > 1", "(a) / (b)", ">", 1.0),
        ("(a) + (b) > 1", "(a) + (b)", ">", 1.0),
        ('x{op="or"} > 1', 'x{op="or"}', ">", 1.0),
        ("(sum(x) or vector(0)) > 3", "sum(x) or vector(0)", ">", 3.0),
        ("burn > (14.4 * 0.001)", "burn", ">", None),
    ],
)
def test_threshold_at_the_end_is_taken_off(expression, query, comparison, threshold):
    assert condition(expression) == Condition(query, comparison, threshold)


@pytest.mark.parametrize(
    "expression",
    [
        "a > 1 and b > 2",
        "sum(a) unless sum(b) > 1",
        "a > 1 or b > 1",
        "a > on(service) b",
        "absent(up)",
        "rate(a[5m])",
        "a > ",
        "> 1",
        "a)b > 1",
        "",
    ],
)
def test_other_expressions_are_kept_whole(expression):
    assert condition(expression) == Condition(expression.strip())


def test_many_parentheses_are_not_worked_through_forever():
    assert condition("(" * 2000 + "x" + ")" * 2000).query.count("(") == 1980


def test_service_is_filled_in_where_it_cannot_break_out():
    query = filled('rate(x{service="{service}"}[5m])', 'a"} or {b="\\\n')

    assert query == 'rate(x{service="a\\"} or {b=\\"\\\\\\n"}[5m])'
