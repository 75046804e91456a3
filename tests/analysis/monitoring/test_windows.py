"""Windows of figures: pooled, told apart by the hour, turned round, and held against the baseline."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.analysis.monitoring import windows
from incident_copilot.analysis.monitoring.windows import Fall
from incident_copilot.domain.observation import Figure, Observed

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def seen(*figures, at=NOON, every=HOUR):
    return [Observed(at=at + number * every, figure=one) for number, one in enumerate(figures)]


def share(good, n):
    return Figure(metric="quality.accuracy", successes=good, n=n)


def value(one, metric="cost.usd", **fields):
    return Figure(metric=metric, value=one, **fields)


def test_values_without_cases_count_as_one_each():
    before = seen(*(value(0.9 + 0.01 * (number % 2), "quality.accuracy") for number in range(40)), at=NOON - 3 * DAY)

    found = windows.fall(seen(value(0.8, "quality.accuracy")), before, NOON, DAY)

    assert found is not None
    assert (found.n, found.before_n, round(found.by, 3)) == (1, 40, 0.105)
    assert found.p is not None
    assert found.p < 0.001


def test_a_fall_needs_something_now_and_something_before():
    assert windows.fall([], seen(share(9, 10)), NOON, DAY) is None
    assert windows.fall(seen(Figure(metric="quality.accuracy")), seen(share(9, 10)), NOON, DAY) is None


def test_values_that_never_vary_cannot_be_tested():
    before = seen(*[value(1.0, "quality.score")] * 40)

    assert windows.fall(seen(value(0.5, "quality.score")), before, NOON, DAY) == Fall(0.5, 1.0, None, None, 1, 40, 30)


def test_a_mean_without_spread_before_is_held_against_it_untested():
    before = seen(value(0.9, "quality.score", n=10))

    assert windows.fall(seen(value(0.5, "quality.score")), before, NOON, DAY) == Fall(0.5, 0.9, None, None, 1, 0, 30)


def test_figures_without_cases_add_nothing_to_a_share():
    now = seen(share(1700, 2000), Figure(metric="quality.accuracy", value=0.1))

    found = windows.fall(now, seen(share(9000, 10_000)), NOON, DAY)

    assert found is not None
    assert (found.value, found.n, found.is_share) == (0.85, 2000, True)


def test_what_adds_up_is_summed_by_the_hour_and_levels_are_pooled():
    told = seen(value(1.0), value(2.0), value(3.0, n=2), every=timedelta(minutes=30))
    levels = seen(value(1.0, "performance.latency_p95_s"), value(3.0, "performance.latency_p95_s"), every=timedelta(0))

    noon = NOON.timestamp()
    assert windows.hourly(told) == [(noon, 3.0), (noon + 3600, 6.0)]
    assert windows.hourly(levels) == [(noon, 2.0)]
    assert windows.hourly(seen(Figure(metric="cost.usd"))) == []


def test_an_hour_is_unusual_only_where_it_was_seen():
    assert windows.unusual_hour(seen(value(1.0)), NOON + 5 * HOUR) is None


def test_usual_amounts_are_those_of_a_span():
    told = seen(*[value(2.0)] * 10)

    assert windows.usual_level(told, 5 * HOUR) == pytest.approx(10.0)
    assert windows.usual_level(told[:1], HOUR) == 2.0
    assert windows.usual_level(seen(value(2.0, "quality.score")), HOUR) == 2.0
    assert windows.usual_level([], HOUR) is None


def test_turned_round_failures_are_successes():
    told = seen(share(3, 10), value(2.0, "lag_s", history=(1.0,), baseline=1.5), Figure(metric="x"))

    assert [one.figure for one in windows.inverted(told)] == [
        share(7, 10),
        value(-2.0, "lag_s", history=(-1.0,), baseline=-1.5),
        Figure(metric="x"),
    ]


def test_what_is_told_by_nobody_has_no_counts():
    assert windows.counts_of([]) == {}
