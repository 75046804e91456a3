"""Presence: what a dead process held is free at once; what a living one holds is left alone."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, Show
from incident_copilot.errors import StoreUnavailable
from incident_copilot.store import due_effects, effects, jobs
from incident_copilot.store.presence import Presence

LEASE = timedelta(seconds=30)
NOTICE = Show(place=Place.OPERATOR, slot="card", content=Notice(text="hello"))


@asynccontextmanager
async def present(db):
    """A process that lives while entered."""
    presence = Presence(db)
    await presence.look_around()
    yield presence
    await presence.leave()


async def _hold(db, clock, who):
    """Have somebody lease one job and one effect."""
    clock.forward(0.001)
    async with db.transaction() as tx:
        await jobs.enqueue(tx, workspace_id="w", kind="k", key=who, lane=who, run_at=clock())
        await effects.enqueue(tx, workspace_id="w", incident_id=None, stream=who, deed=NOTICE, now=clock())
        await jobs.claim(tx, who, ["k"], 1, clock(), LEASE)
        [waiting] = await due_effects.due(tx, clock(), 1)
        await effects.lease(tx, waiting, who, lease=LEASE, sent_at=clock())


async def _free(db, clock):
    """Count the jobs and effects that somebody else may take."""
    async with db.transaction() as tx:
        return len(await jobs.claim(tx, "me", ["k"], 9, clock(), LEASE)), len(await due_effects.due(tx, clock(), 9))


async def test_what_a_dead_process_held_is_free_long_before_its_leases_end(any_db, clock):
    async with present(any_db) as gone:
        await _hold(any_db, clock, gone.sign("worker"))
    async with present(any_db) as next_one:
        await next_one.look_around()

    assert await _free(any_db, clock) == (1, 1)


async def test_what_a_living_process_holds_is_left_alone(any_db, clock):
    async with present(any_db) as living, present(any_db) as other:
        for one in (living, other):
            await _hold(any_db, clock, one.sign("worker"))
        looks = [await one.look_around() for _ in range(2) for one in (living, other)]

    assert (looks, await _free(any_db, clock)) == ([0, 0, 0, 0], (0, 0))


async def test_leases_of_no_process_run_out_by_themselves(any_db, clock):
    await _hold(any_db, clock, "a one-off command")
    async with present(any_db) as other:
        assert [await other.look_around() for _ in range(2)] == [0, 0]

    assert await _free(any_db, clock) == (0, 0)


async def test_a_process_that_is_back_in_time_keeps_its_leases(postgres_db, clock):
    async with present(postgres_db) as other:
        async with present(postgres_db) as unlucky:
            await _hold(postgres_db, clock, unlucky.sign("worker"))
        while_away = await other.look_around()
        await unlucky.look_around()
        back = [await other.look_around() for _ in range(2)]
        await unlucky.leave()

    assert (while_away, back) == (0, [0, 0])


async def test_one_that_waited_for_the_file_takes_over_when_it_is_free(db, clock):
    waiting = Presence(db)
    async with present(db) as holder:
        await _hold(db, clock, holder.sign("worker"))
        refused = await waiting.look_around()

    assert (refused, await waiting.look_around(), await waiting.look_around()) == (0, 1, 0)
    await waiting.leave()


async def test_lost_session_is_opened_again(postgres_db, clock):
    async with present(postgres_db) as presence:
        async with postgres_db.transaction() as tx:
            await tx.execute(
                sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2")
            )
        with pytest.raises(StoreUnavailable):
            await presence.look_around()

        assert await presence.look_around() == 0


def test_leases_name_the_process(db):
    presence = Presence(db)
    worker, outbox = presence.sign("worker"), presence.sign("outbox")

    assert worker.partition("@")[0] == "worker"
    assert worker.partition("@")[2] == outbox.partition("@")[2]
    assert Presence(db).sign("worker") != worker
