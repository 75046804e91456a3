"""A heartbeat learns how often it comes, from the time in which somebody looked, and is silent after twice that."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.heartbeat import WATCHDOGS, Heartbeat, Watchdog

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ALERT = Alert(source="s", fingerprint="f", name="Watchdog", status=AlertStatus.FIRING, starts_at=NOON)
FIRST = Heartbeat.first("am", ALERT, NOON)
WATCHDOG = WATCHDOGS[0]


def minutes(number):
    return timedelta(minutes=number)


def heard_at(*times, checked=True):
    """A heartbeat that was heard so many minutes after noon, with a look just before each unless nobody looked."""
    beat = FIRST
    for at in times:
        for minute in range(int((beat.checked_at - NOON) / minutes(1)) + 1, at + 1) if checked else ():
            beat = beat.checked(NOON + minutes(minute))
        beat = beat.heard(ALERT, NOON + minutes(at))
    return beat


def test_usual_interval_is_the_longest_of_late():
    assert FIRST.usual is None
    assert heard_at(10).usual == minutes(10)
    assert heard_at(10, 14).usual == minutes(9.4)
    assert heard_at(10, 10).usual == minutes(9)


def test_interval_without_looks_is_not_usual():
    assert heard_at(10, checked=False).usual is None


def test_interval_that_began_before_a_pause_is_not_usual_and_the_next_is():
    back = heard_at(4).checked(NOON + minutes(60))
    after = back.heard(ALERT, NOON + minutes(61))

    assert (back.watched_since, after.usual) == (NOON + minutes(60), minutes(4))
    assert after.checked(NOON + minutes(64)).heard(ALERT, NOON + minutes(68)).usual == minutes(7)


@pytest.mark.parametrize(
    ("beat", "watchdog", "limit"),
    [
        (FIRST, WATCHDOG, None),
        (heard_at(1), WATCHDOG, minutes(5)),
        (heard_at(10), WATCHDOG, minutes(20)),
        (heard_at(10), Watchdog(match={"alertname": "W"}, silent_after_min=3), minutes(3)),
        (FIRST, Watchdog(match={"alertname": "W"}, silent_after_min=3), minutes(3)),
    ],
    ids=["not known", "at the least", "twice the usual", "as told", "as told, not known"],
)
def test_limit_is_twice_the_usual_unless_told(beat, watchdog, limit):
    assert beat.limit(watchdog) == limit


def test_silence_counts_from_the_last_beat_or_since_somebody_looks():
    beat = heard_at(10)
    later = beat.model_copy(update={"watched_since": NOON + minutes(100)})

    assert [beat.is_silent(WATCHDOG, NOON + minutes(at)) for at in (30, 31)] == [False, True]
    assert [later.is_silent(WATCHDOG, NOON + minutes(at)) for at in (120, 121)] == [False, True]


def test_what_was_silent_is_no_usual_interval():
    silent = heard_at(4).model_copy(update={"silent_since": NOON + minutes(9)})

    assert silent.heard(ALERT, NOON + minutes(8)).usual == minutes(4)


def test_it_is_called_by_its_cluster_too():
    of_cluster = FIRST.heard(ALERT.model_copy(update={"labels": {"cluster": "eu-1"}}), NOON)

    assert (FIRST.subject, of_cluster.subject) == ("am", "am, cluster eu-1")
    assert (FIRST.named, of_cluster.named) == ("Watchdog", "Watchdog, cluster eu-1")
