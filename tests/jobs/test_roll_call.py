"""The roll call: goes on while the database is away, and gives the lock back at the end."""

import asyncio
from datetime import timedelta

from incident_copilot.jobs.roll_call import RollCall
from incident_copilot.store import jobs
from incident_copilot.store.db import Db
from incident_copilot.store.presence import Presence


async def _abandoned(db, clock):
    """A job that a process held when it died."""
    async with db.transaction() as tx:
        await jobs.enqueue(tx, workspace_id="w", kind="k", key="k", lane="k", run_at=clock())
        await jobs.claim(tx, "worker@0000dead:1", ["k"], 1, clock(), timedelta(seconds=30))


async def test_work_of_a_dead_process_wakes_the_living(any_db, clock, caplog):
    await _abandoned(any_db, clock)
    woken = asyncio.Event()
    any_db.on_commit("jobs", woken.set)
    caplog.set_level("INFO")
    roll_call = RollCall(Presence(any_db), every_s=0.02)
    running = asyncio.create_task(roll_call.run())
    async with asyncio.timeout(5):
        await woken.wait()
    roll_call.stop()
    await running

    async with any_db.transaction() as tx:
        assert len(await jobs.claim(tx, "me", ["k"], 1, clock(), timedelta(seconds=30))) == 1
    assert "took over the leases of 1 workers" in caplog.text


async def test_database_that_is_away_is_no_reason_to_stop(tmp_path, caplog):
    db = Db.open(f"sqlite+aiosqlite:///{tmp_path / 'not-migrated.db'}")
    warned = asyncio.Event()
    caplog.handler.addFilter(lambda record: "cannot see who is alive" not in record.msg or warned.set() or True)
    roll_call = RollCall(Presence(db), every_s=0.001)
    running = asyncio.create_task(roll_call.run())
    async with asyncio.timeout(5):
        await warned.wait()
    roll_call.stop()
    await running
    await db.close()

    assert running.exception() is None
