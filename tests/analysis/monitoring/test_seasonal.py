"""What is usual is that of the hour of the week, of the day or of all, whichever has enough."""

import pytest

from incident_copilot.analysis.monitoring import seasonal
from incident_copilot.analysis.monitoring.seasonal import DAY_S, HOUR_S, WEEK_S

NOISE = (0.95, 1.0, 1.05, 1.0)


def weeks(count, night=2.0, day=20.0, weekend=5.0):
    """Hourly values by hour of the day and day of the week, each week a little different."""
    for hour in range(count * 168):
        level = night if hour % 24 < 6 else weekend if hour // 24 % 7 >= 5 else day
        yield hour * HOUR_S, level * NOISE[hour // 168 % 4]


def test_a_quiet_hour_is_held_against_quiet_hours():
    found = seasonal.unusual(list(weeks(4)), 4 * WEEK_S, 4.0)

    assert found is not None
    assert (found.usual, found.by, found.n) == (2.0, "hour of the week", 672)
    assert found.p == pytest.approx(1 / 673)
    assert found.rise == 1.0
    assert found.z > 5


def test_what_is_usual_for_the_hour_is_no_news():
    found = seasonal.unusual(list(weeks(4)), 4 * WEEK_S + 12 * HOUR_S, 20.0)

    assert found is not None
    assert (found.usual, found.z) == (20.0, 0.0)
    assert found.p > 0.5


def test_with_a_week_alone_the_hour_of_the_day_counts():
    found = seasonal.unusual(list(weeks(1)), WEEK_S + 2 * HOUR_S, 2.0)

    assert found is not None
    assert (found.by, found.usual) == ("hour of the day", 1.9)


def test_with_two_days_all_hours_count():
    told = [(hour * HOUR_S, 10.0) for hour in range(48)]

    found = seasonal.unusual(told, 2 * DAY_S, 10.5)

    assert found is not None
    assert (found.by, found.usual, round(found.z, 2)) == ("all hours", 10.0, 2.44)


def test_values_around_zero_are_compared_as_they_are():
    told = [(hour * HOUR_S, float(hour % 2)) for hour in range(50)]

    found = seasonal.unusual(told, 2 * DAY_S, 3.0)

    assert found is not None
    assert (found.usual, found.p) == (0.5, 1 / 51)
    assert found.z == pytest.approx(2.5 / (1.4826 * 0.5))


def test_nothing_but_zeros_has_no_rise():
    found = seasonal.unusual([(hour * HOUR_S, 0.0) for hour in range(50)], 2 * DAY_S, 0.0)

    assert found is not None
    assert (found.z, found.rise, found.p) == (0.0, 0.0, 1.0)


def test_too_few_values_say_nothing():
    assert seasonal.unusual([(0.0, 1.0)] * 47, 0.0, 9.0) is None


def test_an_hour_that_was_seen_once_says_nothing_of_how_far_values_stray():
    told = [(hour * HOUR_S, 10.0 + hour % 24) for hour in range(24 * 5) if hour % 24 < 23 or hour == 23]

    found = seasonal.unusual(told, 5 * DAY_S, 10.0)

    assert found is not None
    assert (found.by, found.usual, found.n) == ("hour of the day", 10.0, 115)
