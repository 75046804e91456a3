"""Requests that arrive together share one transaction; each is answered after its commit, and only for itself."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
import sqlalchemy as sa

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import StoreUnavailable
from incident_copilot.pipeline.ingest import Intake
from incident_copilot.ports import Delivery
from incident_copilot.store.db import Db
from incident_copilot.store.tables import alerts, deliveries, jobs

from .life import Life, big


@pytest.fixture
def life(any_db, clock):
    return Life(any_db, clock)


class Counting:
    """A database that counts its transactions."""

    def __init__(self, db):
        self._db = db
        self.count = 0

    async def in_one_go(self, body, priority):
        self.count += 1
        return await self._db.in_one_go(body, priority)


class Held(Counting):
    """A database whose transactions wait until they are let go."""

    def __init__(self, db):
        super().__init__(db)
        self.entered, self.go = asyncio.Event(), asyncio.Event()

    async def in_one_go(self, body, priority):
        self.entered.set()
        await self.go.wait()
        return await self._db.in_one_go(body, priority)


def pod(number):
    """One alert of a storm."""
    return big(f"Pod{number}", labels={"pod_name": str(number)})


def carrying(*told, delivery_id=None):
    return Delivery(alerts=told, delivery_id=delivery_id)


def send(intake, *told, delivery_id=None, body=b"{}"):
    return intake.receive("alertmanager", carrying(*told, delivery_id=delivery_id), body)


async def rows(life, table):
    async with life.deps.db.read() as db:
        return (await db.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()


async def test_requests_that_arrive_together_share_one_transaction_and_wake_correlation_once(life):
    counting = Counting(life.deps.db)
    intake = Intake(replace(life.deps, db=counting))

    changed = await asyncio.gather(*(send(intake, pod(number)) for number in range(40)))

    assert changed == [1] * 40
    assert counting.count == 1
    assert [await rows(life, table) for table in (deliveries, alerts, jobs)] == [40, 40, 1]


async def test_each_request_of_a_batch_is_told_what_it_changed_itself(life, clock):
    intake = Intake(life.deps)
    fired, ended = pod(1), pod(1).model_copy(update={"status": AlertStatus.RESOLVED, "ends_at": clock()})

    changed = await asyncio.gather(
        send(intake, fired, pod(2)), send(intake, fired), send(intake, ended), send(intake, fired)
    )

    stored = await life.alert(fired)
    assert changed == [2, 0, 1, 0]
    assert (stored.alert, stored.times_seen) == (ended, 4)
    assert await rows(life, deliveries) == 3


async def test_delivery_id_twice_in_one_batch_and_again_later_counts_once(life):
    intake = Intake(life.deps)

    together = await asyncio.gather(
        send(intake, pod(1), delivery_id="d-1"), send(intake, pod(2), delivery_id="d-1", body=b"other")
    )
    later = await send(intake, pod(3), delivery_id="d-1")

    assert (together, later) == ([1, 0], 0)
    assert [await rows(life, table) for table in (deliveries, alerts)] == [1, 1]


async def test_the_same_states_in_the_next_batch_change_nothing_and_leave_no_second_delivery(life):
    intake = Intake(life.deps)
    await send(intake, pod(1))

    assert await send(intake, pod(1)) == 0
    assert await rows(life, deliveries) == 1


async def test_what_arrives_while_a_batch_is_written_goes_into_the_next(life):
    intake = Intake(life.deps)
    first = asyncio.create_task(send(intake, pod(1)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    second = await send(intake, pod(2))

    assert (await first, second) == (1, 1)


async def test_more_alerts_than_one_transaction_takes_are_written_in_several(life):
    counting = Counting(life.deps.db)
    intake = Intake(replace(life.deps, db=counting), alerts=5)

    changed = await asyncio.gather(*(send(intake, pod(2 * n), pod(2 * n + 1)) for n in range(6)))

    assert changed == [2] * 6
    assert counting.count == 3


async def test_delivery_without_alerts_is_kept(life):
    assert await send(Intake(life.deps)) == 0
    assert await rows(life, deliveries) == 1


async def test_request_that_cannot_be_written_fails_alone(life):
    intake = Intake(life.deps)
    poison = pod(2).model_copy(update={"name": "\ud800"})

    good, bad, other = await asyncio.gather(
        send(intake, pod(1)), send(intake, poison), send(intake, pod(3)), return_exceptions=True
    )

    assert (good, other) == (1, 1)
    assert isinstance(bad, ValueError)
    assert await rows(life, alerts) == 2


async def test_full_disk_is_told_to_every_request_of_the_batch_and_nothing_is_stored(db, clock):
    life = Life(db, clock)

    async def fill(tx):
        pages = (await tx.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await db.in_one_go(fill)
    intake = Intake(life.deps)

    told = await asyncio.gather(*(send(intake, pod(n), body=b"x" * 2000) for n in range(99)), return_exceptions=True)

    assert {str(error) for error in told} == {"the database does not answer: database or disk is full"}
    assert [await rows(life, table) for table in (deliveries, alerts, jobs)] == [0, 0, 0]


async def test_locked_database_is_said_and_the_next_request_is_taken(sqlite_url, clock):
    db = Db.open(sqlite_url, lock_wait_s=0.05)
    life = Life(db, clock)
    intake = Intake(life.deps)
    with closing(sqlite3.connect(sqlite_url.partition(":///")[2])) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable):
            await send(intake, pod(1))

    assert await send(intake, pod(1)) == 1
    await db.close()


async def test_writer_that_is_stopped_tells_all_who_wait_and_the_next_request_starts_another(db, clock):
    life, held = Life(db, clock), Held(db)
    intake = Intake(replace(life.deps, db=held))
    waiting = asyncio.gather(*(send(intake, pod(n)) for n in range(300)), return_exceptions=True)
    await held.entered.wait()

    intake._writer.cancel()
    told = await waiting
    held.go.set()

    assert {str(error) for error in told} == {"the writer was stopped"}
    assert await rows(life, alerts) == 0
    assert await send(intake, pod(1)) == 1


@pytest.mark.parametrize("bounds", [{"waiting": 2}, {"waiting_bytes": 4}], ids=["requests", "bytes"])
async def test_what_does_not_fit_into_the_queue_is_told_to_come_again(db, clock, bounds):
    life = Life(db, clock)
    intake = Intake(life.deps, **bounds)

    told = await asyncio.gather(*(send(intake, pod(n)) for n in range(3)), return_exceptions=True)

    assert told[:2] == [1, 1]
    assert str(told[2]) == "2 webhooks with 4 bytes wait to be recorded"
    assert await send(intake, pod(3)) == 1


async def test_request_that_waits_too_long_is_told_so_and_is_not_written_any_more(db, clock):
    life, held = Life(db, clock), Held(db)
    intake = Intake(replace(life.deps, db=held), patience_s=0.02)
    first = asyncio.create_task(send(intake, pod(1)))
    await held.entered.wait()
    writer = intake._writer

    told = await asyncio.gather(send(intake, pod(2)), first, return_exceptions=True)
    held.go.set()
    await writer

    assert [str(error) for error in told] == ["not recorded in 0.02 s"] * 2
    assert await life.alert(pod(2)) is None
    # The writer had begun with this one: it is stored, and its sender will send it again.
    assert await life.alert(pod(1)) is not None
