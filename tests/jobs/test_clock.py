"""The clock: each period ticks once, whoever ticks, and done work does not pile up."""

import asyncio
import sqlite3
from datetime import timedelta

import sqlalchemy as sa

from incident_copilot.jobs.clock import Ticker
from incident_copilot.store import jobs
from incident_copilot.store.db import Db
from incident_copilot.store.tables import jobs as table


async def _keys(db):
    async with db.read() as view:
        return sorted((await view.execute(sa.select(table.c.key))).scalars())


async def test_period_ticks_once_whoever_ticks(any_db, clock):
    replicas = [Ticker(any_db, "w", [("digest", 3600)], clock) for _ in range(2)]
    for minutes in (0, 59, 1):
        clock.forward(minutes * 60)
        for replica in replicas:
            await replica.tick("digest", 3600)
    async with any_db.read() as view:
        row = (await view.execute(sa.select(table).order_by(table.c.run_at).limit(1))).one()

    assert await _keys(any_db) == ["digest:2026-11-21T12:00:00", "digest:2026-11-21T13:00:00"]
    assert (row.kind, row.lane, row.tick) == ("digest", "tick:digest", True)


async def test_started_clock_ticks_at_once(db, clock):
    ticked = asyncio.Event()
    db.on_commit("jobs", ticked.set)
    ticker = Ticker(db, "w", [("digest", 3600)], clock)
    ticker.start()
    async with asyncio.timeout(5):
        await ticked.wait()
    ticker.stop()

    assert await _keys(db) == ["digest:2026-11-21T12:00:00"]


async def test_jobs_done_more_than_a_day_ago_are_deleted(db, clock):
    ticker = Ticker(db, "w", [], clock)
    await ticker.tick("digest", 3600)
    async with db.transaction() as tx:
        [job] = await jobs.claim(tx, "me", ["digest"], 1, clock(), timedelta(seconds=9))
        await job.complete(tx)
    clock.forward(86400)
    await ticker.purge()
    kept = await _keys(db)
    clock.forward(1)
    await ticker.purge()

    assert (kept, await _keys(db)) == (["digest:2026-11-21T12:00:00"], [])


async def test_database_that_is_away_makes_a_tick_late_and_nothing_worse(sqlite_url, clock, caplog):
    db = Db.open(sqlite_url, lock_wait_s=0.01)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ticker = Ticker(db, "w", [], clock)
    await ticker.tick("digest", 3600)
    await ticker.purge()
    other.execute("ROLLBACK")
    other.close()
    await ticker.tick("digest", 3600)

    assert [text.split(":")[0] for text in caplog.messages] == ["tick digest", "old jobs are not deleted"]
    assert await _keys(db) == ["digest:2026-11-21T12:00:00"]
    await db.close()
