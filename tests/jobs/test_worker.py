"""The worker: jobs run once, are tried again, keep their leases, and slow ones hold up only their own class."""

import asyncio
import logging
import sqlite3

import pytest
import sqlalchemy as sa

from incident_copilot.jobs.worker import Worker
from incident_copilot.store import jobs
from incident_copilot.store.db import Db
from incident_copilot.store.tables import jobs as table


@pytest.fixture
def put(clock):
    """Enqueues a job whose kind is its key."""

    async def enqueue(db, kind, **values):
        async with db.transaction() as tx:
            defaults = {"workspace_id": "w", "key": kind, "lane": kind, "run_at": clock()}
            await jobs.enqueue(tx, kind=kind, **(defaults | values))

    return enqueue


def _finishing(db, done):
    async def handler(job):
        async with job.finish(db):
            done.append(job.key)

    return handler


async def _rows(db):
    async with db.read() as view:
        return sorted((row.key, row.state, row.attempts, row.error) for row in await view.execute(sa.select(table)))


async def test_due_jobs_run_and_so_do_those_they_leave(any_db, put, clock):
    done = []

    async def first(job):
        async with job.finish(any_db) as tx:
            done.append("first")
            await jobs.enqueue(tx, workspace_id="w", kind="second", key="second", lane="l", run_at=clock())

    await put(any_db, "first")
    worker = Worker(any_db, {"first": first, "second": _finishing(any_db, done)}, clock)

    assert (await worker.run_due(), done) == (2, ["first", "second"])
    assert await _rows(any_db) == [("first", "done", 1, None), ("second", "done", 1, None)]


async def test_job_without_a_handler_waits_for_a_release_that_has_one(db, put, clock):
    await put(db, "of a newer release")

    assert await Worker(db, {}, clock).run_due() == 0
    assert await _rows(db) == [("of a newer release", "ready", 0, None)]


async def test_failed_job_is_tried_again_after_a_pause(db, put, clock, caplog):
    done = []

    async def fail_once(job):
        if job.attempts == 1:
            raise ValueError("no such incident")
        await _finishing(db, done)(job)

    await put(db, "a")
    worker = Worker(db, {"a": fail_once}, clock)
    first = [await worker.run_due(), await _rows(db)]
    clock.forward(2)
    await worker.run_due()

    assert first == [1, [("a", "ready", 1, "ValueError: no such incident")]]
    assert (done, "job a failed in attempt 1" in caplog.text) == (["a"], True)


async def test_job_that_always_fails_is_parked_where_people_see_it(db, put, clock, caplog):
    async def fail(job):
        raise ValueError("poison")

    await put(db, "a")
    worker = Worker(db, {"a": fail}, clock)
    for _ in range(10):
        await worker.run_due()
        clock.forward(60)

    assert await _rows(db) == [("a", "dead", 8, "ValueError: poison")]
    assert caplog.messages[-1] == "job a is parked after 8 attempts"


async def test_handler_that_does_not_finish_its_job_has_failed(db, put, clock):
    async def forget(job):
        return

    await put(db, "a")
    await Worker(db, {"a": forget}, clock).run_due()

    assert await _rows(db) == [("a", "ready", 1, "RuntimeError: the handler of a returned without job.finish()")]


async def test_job_that_hangs_is_cut_off_at_its_deadline(db, put, clock):
    async def hang(job):
        await asyncio.Event().wait()

    await put(db, "a")
    await Worker(db, {"a": hang}, clock, deadline_s=0.01).run_due()

    assert await _rows(db) == [("a", "ready", 1, "TimeoutError: ")]


async def test_result_of_a_job_that_was_taken_over_is_dropped(db, put, clock, caplog):
    async def lose(job):
        async with db.transaction() as tx:
            await tx.execute(sa.update(table).values(lease_by="another"))
        async with job.finish(db) as tx:
            await jobs.enqueue(tx, workspace_id="w", kind="a", key="never", lane="l", run_at=clock())

    await put(db, "a")
    with caplog.at_level(logging.INFO):
        await Worker(db, {"a": lose}, clock).run_due()

    assert await _rows(db) == [("a", "leased", 1, None)]
    assert "dropped a result: job a is leased to somebody else" in caplog.text


async def test_hung_model_work_does_not_hold_up_the_pipeline(db, put, clock):
    done, hung, release, quick = [], asyncio.Semaphore(0), asyncio.Event(), asyncio.Event()

    async def think(job):
        hung.release()
        await release.wait()
        await _finishing(db, done)(job)

    async def gather(job):
        await _finishing(db, done)(job)
        quick.set()

    worker = Worker(
        db,
        {"think": think, "gather": gather},
        clock,
        classes={"think": "model"},
        slots={"pipeline": 1, "model": 2},
        poll_s=60,
    )
    running = asyncio.create_task(worker.run())
    for number in range(3):
        await put(db, "think", key=f"think {number}", lane=f"think {number}")
    async with asyncio.timeout(5):
        await hung.acquire()
        await hung.acquire()
        await put(db, "gather")
        await quick.wait()
    before = list(done)
    release.set()
    await worker.stop()
    await running

    assert (before, len(done)) == (["gather"], 3)


async def test_running_worker_starts_right_after_the_commit(db, put, clock):
    done, started = [], asyncio.Event()

    async def gather(job):
        await _finishing(db, done)(job)
        started.set()

    worker = Worker(db, {"gather": gather}, clock, poll_s=60)
    running = asyncio.create_task(worker.run())
    await put(db, "gather")
    async with asyncio.timeout(5):
        await started.wait()
    await worker.stop()
    await running

    assert done == ["gather"]


async def test_lease_is_renewed_while_the_job_runs(db, put, clock):
    leases, finished = [], asyncio.Event()

    async def lease_end(view):
        return (await view.execute(sa.select(table.c.lease_until))).scalar()

    async def long(job):
        async with db.read() as view:
            leases.append(await lease_end(view))
        while leases[-1] == leases[0]:
            await asyncio.sleep(0)
            async with db.read() as view:
                leases.append(await lease_end(view))
        async with job.finish(db):
            finished.set()

    await put(db, "long")
    worker = Worker(db, {"long": long}, clock, lease_s=0.3)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(5):
        await finished.wait()
    await worker.stop()
    await running

    assert leases[-1] > leases[0]


async def test_job_whose_lease_was_lost_is_cancelled(db, put, clock):
    started, ended = asyncio.Event(), asyncio.Event()

    async def hang(job):
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    await put(db, "a")
    worker = Worker(db, {"a": hang}, clock, lease_s=0.9)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(5):
        await started.wait()
        async with db.transaction() as tx:
            await tx.execute(sa.update(table).values(lease_by="another"))
        await ended.wait()
    await worker.stop()
    await running

    assert await _rows(db) == [("a", "leased", 1, None)]


async def test_job_that_is_lost_before_it_starts_is_only_left_alone(db, put, clock):
    async def never(job):
        raise AssertionError("it must not run here")

    await put(db, "a")
    worker = Worker(db, {"a": never}, clock)
    await worker._claim(["a"], 1)
    async with db.transaction() as tx:
        await tx.execute(sa.update(table).values(lease_by="another"))
    await worker._renew()

    assert await _rows(db) == [("a", "leased", 1, None)]


async def test_renewal_survives_a_database_that_is_away(sqlite_url, put, clock, caplog):
    db, done = Db.open(sqlite_url, lock_wait_s=0.01), []
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///"), isolation_level=None)

    async def outlast(job):
        other.execute("BEGIN IMMEDIATE")
        await worker._renew()
        other.execute("ROLLBACK")
        await _finishing(db, done)(job)

    await put(db, "a")
    worker = Worker(db, {"a": outlast}, clock)
    await worker.run_due()
    other.close()

    assert (done, "cannot renew its leases: the database does not answer" in caplog.text) == (["a"], True)
    await db.close()


async def test_stop_lets_running_jobs_finish(db, put, clock):
    done, started, release = [], asyncio.Event(), asyncio.Event()

    async def slow(job):
        started.set()
        await release.wait()
        await _finishing(db, done)(job)

    await put(db, "a")
    worker = Worker(db, {"a": slow}, clock)
    running = asyncio.create_task(worker.run())
    await started.wait()
    asyncio.get_running_loop().call_soon(release.set)
    await worker.stop()
    await running

    assert done == ["a"]


async def test_stop_gives_back_what_does_not_finish_in_time(db, put, clock):
    done, started = [], asyncio.Event()

    async def hang(job):
        started.set()
        await asyncio.Event().wait()

    await put(db, "a")
    worker = Worker(db, {"a": hang}, clock)
    running = asyncio.create_task(worker.run())
    await started.wait()
    await worker.stop(grace_s=0)
    await running
    await Worker(db, {"a": _finishing(db, done)}, clock).run_due()

    assert (done, await _rows(db)) == (["a"], [("a", "done", 2, None)])
