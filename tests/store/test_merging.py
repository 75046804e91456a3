"""Many alerts are merged into their rows by one statement; the order in which they arrive does not matter."""

import itertools
from datetime import timedelta

import pytest

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.store import alerts, deliveries
from incident_copilot.store.deliveries import Arrived


def told(clock, fingerprint="f", minutes=0, *, over=False, summary=""):
    """An alert that began some minutes after noon; `over` when it ended."""
    starts_at = clock() + timedelta(minutes=minutes)
    return Alert(
        source="am",
        fingerprint=fingerprint,
        name="Up",
        status=AlertStatus.RESOLVED if over else AlertStatus.FIRING,
        summary=summary,
        starts_at=starts_at,
        ends_at=starts_at if over else None,
    )


async def record(db, now, *some):
    async with db.transaction() as tx:
        return await alerts.record_all(tx, "w", some, now)


async def stored(db, fingerprint="f"):
    async with db.transaction() as tx:
        return await alerts.lock(tx, "w", fingerprint)


async def waiting(db, limit=10):
    async with db.transaction() as tx:
        return [one.alert.fingerprint for one in await alerts.waiting(tx, "w", limit)]


async def placed(db, *fingerprints, **place):
    async with db.transaction() as tx:
        await alerts.place(tx, "w", fingerprints, **place)


async def test_new_alerts_are_stored_and_wait(any_db, clock):
    assert await record(any_db, clock(), told(clock, "a"), told(clock, "b")) == [True, True]

    first = await stored(any_db, "a")
    assert (first.alert, first.first_seen, first.times_seen) == (told(clock, "a"), clock(), 1)
    assert await waiting(any_db) == ["a", "b"]


@pytest.mark.parametrize("count", [1, 8, 9, 600])
async def test_any_number_of_alerts_is_stored_once_each(any_db, clock, count):
    names = [f"{number:04}" for number in range(count)]

    changed = await record(any_db, clock(), *(told(clock, name) for name in names))
    again = await record(any_db, clock(), *(told(clock, name) for name in names))

    assert (changed, again) == ([True] * count, [False] * count)
    assert await waiting(any_db, 1000) == names


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_whatever_the_order_the_newest_state_wins(db, clock, order):
    states = [told(clock), told(clock, over=True), told(clock, minutes=5), told(clock, minutes=5, over=True)]

    for place in order:
        await record(db, clock(), states[place])

    found = await stored(db)
    assert (found.alert, found.times_seen) == (states[3], 4)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
async def test_in_one_batch_it_is_the_same(any_db, clock, order):
    states = [told(clock), told(clock, over=True), told(clock, minutes=5), told(clock, minutes=5, over=True)]

    changed = await record(any_db, clock(), *(states[place] for place in order))

    found = await stored(any_db)
    expected = [place == max(order[: at + 1]) for at, place in enumerate(order)]
    assert changed == expected
    assert (found.alert, found.times_seen) == (states[3], 4)


async def test_older_state_moves_only_when_it_was_seen(any_db, clock):
    await record(any_db, clock(), told(clock, minutes=5, summary="new"))
    await placed(any_db, "f")
    clock.forward(60)

    changed = await record(any_db, clock(), told(clock, summary="old"))

    found = await stored(any_db)
    assert changed == [False]
    assert (found.alert.summary, found.last_seen, found.times_seen) == ("new", clock(), 2)
    assert await waiting(any_db) == []


async def test_same_state_told_again_brings_its_texts_up_to_date_and_need_not_be_looked_at(any_db, clock):
    await record(any_db, clock(), told(clock, summary="2 %"))
    await placed(any_db, "f")

    changed = await record(any_db, clock(), told(clock, summary="7 %"), told(clock, summary="8 %"))

    assert changed == [False, False]
    assert (await stored(any_db)).alert.summary == "8 %"
    assert await waiting(any_db) == []


async def test_state_that_changed_waits_until_it_is_placed_anew(any_db, clock):
    await record(any_db, clock(), told(clock))
    await placed(any_db, "f")

    await record(any_db, clock(), told(clock, over=True))
    await record(any_db, clock(), told(clock, over=True))

    assert await waiting(any_db) == ["f"]


async def test_alerts_of_other_workspaces_are_others(any_db, clock):
    async with any_db.transaction() as tx:
        await alerts.record(tx, "x", told(clock, over=True), clock())

    assert await record(any_db, clock(), told(clock)) == [True]


async def test_nothing_told_changes_nothing(any_db, clock):
    assert await record(any_db, clock()) == []


async def test_of_a_storm_some_are_read_and_rather_those_that_fire(any_db, clock, open_incident):
    incident = await open_incident(any_db)
    await record(any_db, clock(), told(clock, "a", over=True))
    clock.forward(1)
    await record(any_db, clock(), told(clock, "c"), told(clock, "b"))
    await placed(any_db, "a", "b", "c", incident_id=incident.id)

    async with any_db.read() as db:
        some = [one.alert.fingerprint for one in await alerts.of_incident(db, incident.id, limit=2)]
        everything = [one.alert.fingerprint for one in await alerts.of_incident(db, incident.id)]
        counts = await alerts.counts(db, incident.id)

    assert (some, everything, counts) == (["b", "c"], ["a", "b", "c"], (2, 1))


async def test_deliveries_of_a_batch_are_kept_once_each(any_db, clock):
    arrived = [Arrived("am", "2", "two"), Arrived("am", "1", "one"), Arrived("am", "2", "again"), Arrived("x", "2", "")]
    async with any_db.transaction() as tx:
        new = await deliveries.add_all(tx, "w", arrived, clock())
        second = await deliveries.add(tx, workspace_id="w", source="am", key="1", body="other", now=clock())
        body = await deliveries.body_of(tx, "w", "am", "2")

    assert (new, second, body) == ([True, True, False, True], False, "two")


@pytest.mark.parametrize("body", ["", "z", "short ü", "long ü " * 1000])
async def test_body_comes_back_as_it_was_and_a_long_one_is_stored_small(any_db, clock, body):
    async with any_db.transaction() as tx:
        await deliveries.add(tx, workspace_id="w", source="am", key="1", body=body, now=clock())
        kept = await deliveries.body_of(tx, "w", "am", "1")
        size = (await tx.exec_driver_sql("SELECT length(body) FROM deliveries")).scalar_one()

    assert kept == body
    assert size <= 200
