"""What a figure usually is at the hours of a window: of former weeks, of former days, or of all."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incident_copilot.analysis.monitoring import seasons, windows
from incident_copilot.domain.observation import Figure, Observed

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def usual(at):
    """Good ones of 100: fewer on Mondays."""
    return 88 if at.weekday() == 0 else 95


def share(at, good=None):
    return Observed(at=at, figure=Figure(metric="quality.accuracy", successes=good or usual(at), n=100))


def score(at, value=None, spread=0.1):
    value = usual(at) / 100 if value is None else value
    squares = 100 * value**2 + 99 * spread**2
    return Observed(at=at, figure=Figure(metric="quality.score", value=value, n=100, squares=squares))


def before(days, made):
    return [made(MONDAY - DAY * days + HOUR * hour) for hour in range(24 * days)]


def today(made, *values):
    return [made(MONDAY + HOUR * hour, *values) for hour in range(24)]


@pytest.mark.parametrize(
    ("days", "made", "value", "season", "usually", "seen"),
    [
        (28, share, None, "hour of the week", 0.88, False),
        (28, share, 80, "hour of the week", 0.88, True),
        (14, share, None, "hour of the day", 0.94, True),
        (3, share, None, "", 0.95, True),
        (28, score, None, "hour of the week", 0.88, False),
        (28, score, 0.8, "hour of the week", 0.88, True),
        (14, score, None, "hour of the day", 0.94, True),
    ],
)
def test_a_slow_monday_is_a_fall_only_where_former_mondays_are_not_known(days, made, value, season, usually, seen):
    current = today(made) if value is None else today(made, value)

    found = windows.fall(current, before(days, made), MONDAY, DAY)

    assert found is not None
    assert (found.season, round(found.before, 4), found.p < 0.01) == (season, usually, seen)


def test_what_is_known_of_few_cases_of_an_hour_counts_for_less():
    told = before(28, share)
    rare = [one.model_copy(update={"figure": Figure(metric="quality.accuracy", successes=9, n=10)}) for one in told]

    much, little = (windows.fall(today(share, 82), one, MONDAY, DAY) for one in (told, rare))

    assert much is not None
    assert little is not None
    assert (much.before_n, little.before_n) == (4 * 2400, 4 * 240)
    assert (much.p < 0.001, little.p > much.p) == (True, True)


def test_what_has_no_spread_or_no_cases_is_not_told_apart_by_hours():
    plain = [one.model_copy(update={"figure": Figure(metric="m", value=1.0, n=100)}) for one in before(28, share)]

    assert seasons.within_variance(plain, "hour of the week") is None
    assert seasons.expected([], before(28, share), lambda _: None) is None
    found = windows.fall(today(score), plain, MONDAY, DAY)
    assert found is not None
    assert (found.p, found.season) == (None, "")


def counted(at, n=100):
    words = "de" if at.weekday() == 0 else "en"
    return Observed(at=at, figure=Figure(metric="feature.language", counts={words: n}, n=n))


@pytest.mark.parametrize(("days", "found"), [(28, {"de": 9600}), (14, {"de": 4800, "en": 28_800}), (2, {"en": 4800})])
def test_a_distribution_is_held_against_the_same_hours_where_enough_was_counted(days, found):
    same = seasons.of_same_hours(today(counted), before(days, counted), 500)

    assert windows.counts_of(same) == found


CHANGES = [
    pytest.param("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC), id="back in autumn"),
    pytest.param("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC), id="forward in spring"),
]


def at_night(zone, at, made, quiet=30, busy=95):
    """What is told in an hour by a business that does worse from midnight to six by its own clock."""
    return made(at, quiet if at.astimezone(ZoneInfo(zone)).hour < 6 else busy)


@pytest.mark.parametrize(("zone", "changed"), CHANGES)
@pytest.mark.parametrize("made", [share, lambda at, good: score(at, good / 100)], ids=["share", "mean"])
def test_nights_are_no_fall_after_the_clocks_were_changed_where_the_zone_is_known(zone, changed, made):
    midnight = (changed.astimezone(ZoneInfo(zone)) + DAY).replace(hour=0).astimezone(UTC)
    nights = [at_night(zone, midnight + HOUR * hour, made) for hour in range(-24 * 28, 6)]

    def fall(by):
        told = seasons.by_clock(nights, by)
        return windows.fall(told[-6:], told[:-30], midnight, DAY)

    local, utc = fall(zone), fall(None)
    assert (local.season, round(local.before, 2), local.p < 0.01) == ("hour of the week", 0.3, False)
    assert (utc.season, round(utc.before, 3), utc.p < 0.01) == ("hour of the week", 0.408, True)


@pytest.mark.parametrize(("zone", "changed"), CHANGES)
def test_what_an_hour_usually_costs_goes_by_the_clock_too(zone, changed):
    midnight = (changed.astimezone(ZoneInfo(zone)) + DAY).replace(hour=0).astimezone(UTC)
    spent = [
        Observed(at=midnight + HOUR * hour, figure=Figure(metric="cost.usd", value=cost))
        for hour in range(-24 * 28, 7)
        for cost in [5.0 if (midnight + HOUR * hour).astimezone(ZoneInfo(zone)).hour < 6 else 50.0]
    ]

    def usual_cost(by, hours):
        told = seasons.by_clock(spent, by)[: len(spent) - 7 + hours]
        return windows.unusual_hour(told, midnight + HOUR * hours).usual

    assert [usual_cost(zone, hours) for hours in (1, 6, 7)] == [5.0, 5.0, 50.0]
    assert [usual_cost("UTC", hours) for hours in (1, 6, 7)] != [5.0, 5.0, 50.0]


def test_counts_of_the_same_hours_go_by_the_clock_too():
    zone, changed = "Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)
    nine = (changed.astimezone(ZoneInfo(zone)) + DAY).replace(hour=9).astimezone(UTC)
    told = [
        Observed(at=nine + HOUR * hour, figure=Figure(metric="output.label", counts={"yes": 100}))
        for hour in range(-24 * 28, 1)
    ]

    *before, now = seasons.by_clock(told, zone)
    same = seasons.of_same_hours([now], before, 100)

    assert {one.at.astimezone(ZoneInfo(zone)).hour for one in same} == {9}
    assert {one.at.hour for one in same} == {7}
