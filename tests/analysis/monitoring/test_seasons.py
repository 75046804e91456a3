"""What a figure usually is at the hours of a window: of former weeks, of former days, or of all."""

from datetime import UTC, datetime, timedelta

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
