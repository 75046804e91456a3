"""Alerts are one row each, whatever the order of arrival; they wait until they are placed."""

from datetime import timedelta

import pytest

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.store import alerts


def told(clock, fingerprint="f1", status=AlertStatus.FIRING, after=0, **fields):
    """An alert that started so many seconds after noon."""
    starts_at = clock() + timedelta(seconds=after)
    ends_at = starts_at + timedelta(minutes=1) if status is AlertStatus.RESOLVED else None
    return Alert(
        source="alertmanager",
        fingerprint=fingerprint,
        name="HighErrorRate",
        status=status,
        starts_at=starts_at,
        ends_at=ends_at,
        **fields,
    )


async def record(db, alert, now):
    async with db.transaction() as tx:
        return await alerts.record(tx, "w", alert, now)


async def stored(db, fingerprint="f1"):
    async with db.transaction() as tx:
        return await alerts.lock(tx, "w", fingerprint)


async def waiting(db, limit=10):
    async with db.transaction() as tx:
        return [one.alert.fingerprint for one in await alerts.waiting(tx, "w", limit)]


async def place(db, *fingerprints, **where):
    async with db.transaction() as tx:
        await alerts.place(tx, "w", fingerprints, **where)


FIRES, ENDS = (AlertStatus.FIRING, 0), (AlertStatus.RESOLVED, 0)
FIRES_AGAIN, ENDS_AGAIN = (AlertStatus.FIRING, 60), (AlertStatus.RESOLVED, 60)


@pytest.mark.parametrize(
    ("first", "second", "changes", "wins"),
    [
        (FIRES, FIRES, False, FIRES),
        (FIRES, ENDS, True, ENDS),
        (ENDS, FIRES, False, ENDS),
        (ENDS, ENDS, False, ENDS),
        (ENDS, FIRES_AGAIN, True, FIRES_AGAIN),
        (FIRES_AGAIN, ENDS, False, FIRES_AGAIN),
        (FIRES, ENDS_AGAIN, True, ENDS_AGAIN),
    ],
)
async def test_newer_firing_wins_and_of_one_firing_its_end_whatever_comes_first(
    any_db, clock, first, second, changes, wins
):
    news = [await record(any_db, told(clock, status=state, after=after), clock()) for state, after in (first, second)]

    kept = (await stored(any_db)).alert
    assert news == [True, changes]
    assert kept == told(clock, status=wins[0], after=wins[1])


async def test_same_state_told_again_brings_the_texts_up_to_date_and_is_counted(db, clock):
    await record(db, told(clock, description="20 %"), clock())
    await place(db, "f1")
    first_seen = clock()
    clock.forward(60)

    changed = await record(db, told(clock, after=-60, description="35 %"), clock())

    kept = await stored(db)
    assert changed is False
    assert (kept.alert.description, kept.times_seen) == ("35 %", 2)
    assert (kept.first_seen, kept.last_seen) == (first_seen, clock())
    assert await waiting(db) == []


async def test_late_news_leaves_the_texts_as_they_are(db, clock):
    await record(db, told(clock, after=60, description="new"), clock())

    await record(db, told(clock, description="old"), clock())

    assert (await stored(db)).alert.description == "new"


async def test_alert_that_nobody_told_is_unknown(db):
    assert await stored(db) is None


async def test_alerts_of_two_workspaces_have_nothing_to_do_with_each_other(db, clock):
    await record(db, told(clock), clock())

    async with db.transaction() as tx:
        assert await alerts.waiting(tx, "other", 10) == []
        assert await alerts.lock(tx, "other", "f1") is None


async def test_oldest_change_waits_first_and_only_so_many_are_taken(any_db, clock):
    await record(any_db, told(clock, "late"), clock() + timedelta(seconds=1))
    await record(any_db, told(clock, "b", after=5), clock())
    await record(any_db, told(clock, "c", after=1), clock())
    await record(any_db, told(clock, "a", after=1), clock())

    assert await waiting(any_db) == ["a", "c", "b", "late"]
    assert await waiting(any_db, limit=2) == ["a", "b"]


async def test_placed_alert_waits_no_longer_until_its_state_changes(db, clock, open_incident):
    incident = await open_incident(db)
    await record(db, told(clock), clock())

    await place(db, "f1", incident_id=incident.id)
    after = await waiting(db)
    await record(db, told(clock, status=AlertStatus.RESOLVED), clock())

    assert (after, await waiting(db)) == ([], ["f1"])
    assert (await stored(db)).incident_id == incident.id


async def test_alerts_of_an_incident_are_counted_and_come_first_seen_first(db, clock, open_incident):
    incident = await open_incident(db)
    await record(db, told(clock, "b"), clock())
    await record(db, told(clock, "c", AlertStatus.RESOLVED), clock())
    await record(db, told(clock, "a"), clock() + timedelta(seconds=1))
    await record(db, told(clock, "other"), clock())
    await place(db, "a", "b", "c", incident_id=incident.id)

    async with db.read() as view:
        members = await alerts.of_incident(view, incident.id)
        assert [one.alert.fingerprint for one in members] == ["b", "c", "a"]
        assert await alerts.counts(view, incident.id) == (2, 1)
        assert await alerts.counts(view, "unknown") == (0, 0)


async def test_services_that_alerts_name_are_told_by_incident_each_once(any_db, clock, open_incident):
    incident = await open_incident(any_db)
    for fingerprint, service in (("a", "checkout"), ("b", "checkout"), ("c", "payments"), ("d", None), ("e", "other")):
        await record(any_db, told(clock, fingerprint, service=service), clock())
    await place(any_db, "a", "b", "c", "d", incident_id=incident.id)

    async with any_db.read() as view:
        assert await alerts.services(view, [incident.id, "unknown"]) == {incident.id: {"checkout", "payments"}}


async def test_digest_takes_what_the_hours_before_left_and_takes_it_once(db, clock):
    hour = clock()
    for number, fingerprint in enumerate(("a", "b", "c")):
        await record(db, told(clock, fingerprint), clock() + timedelta(seconds=number))
    await place(db, "b", "a", digest_hour=hour)
    await place(db, "c", digest_hour=hour + timedelta(hours=1))

    async def due():
        async with db.transaction() as tx:
            return [one.alert.fingerprint for one in await alerts.for_digest(tx, "w", hour + timedelta(hours=1))]

    before = await due()
    await record(db, told(clock, "a", AlertStatus.RESOLVED), clock())
    async with db.transaction() as tx:
        await alerts.digested(tx, "w", ["a", "b"])

    assert (before, await due()) == (["a", "b"], [])
    assert await waiting(db) == ["a"]
