"""Jobs: rows of work that commit with what caused them; claimed with a lease, fenced, retried, parked."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen, Utc, new_id
from incident_copilot.errors import LostLease
from incident_copilot.store.bodies import value_of
from incident_copilot.store.db import JOBS, Db, wake
from incident_copilot.store.tables import jobs
from incident_copilot.store.upsert import Insert, insert_if_new, insert_in

MAX_ATTEMPTS = 8

# Each worker asks this at each look, so it is built once.
_NEXT_DUE = sa.select(
    sa.func.min(sa.case((jobs.c.state == "ready", jobs.c.run_at)), type_=jobs.c.run_at.type),
    sa.func.min(sa.case((jobs.c.state == "leased", jobs.c.lease_until)), type_=jobs.c.run_at.type),
).where(jobs.c.state.in_(["ready", "leased"]), jobs.c.kind.in_(sa.bindparam("kinds", expanding=True)))


class Job(Frozen):
    """One job; while it is leased, `lease_by` and `attempts` together say whose it is."""

    id: str
    workspace_id: str
    key: str
    kind: str
    lane: str
    payload: dict[str, Any] = Field(default_factory=dict)
    state: str
    tick: bool
    priority: int
    run_at: Utc
    attempts: int
    lease_by: str | None
    error: str | None = None

    @asynccontextmanager
    async def finish(self, db: Db, priority: int = JOBS) -> AsyncIterator[AsyncConnection]:
        """Open the transaction that records the job's result and, in the same commit, that the job is done.

        Raises:
            LostLease: somebody else has the job now; nothing of this transaction is kept.
            StoreUnavailable: nothing was recorded.
        """
        async with db.transaction(priority) as tx:
            await self.complete(tx)
            yield tx

    async def complete(self, tx: AsyncConnection) -> None:
        """Note in this transaction that the job is done, and prove that it is still ours.

        Raises:
            LostLease: somebody else has it now.
        """
        await _let_go(tx, self, state="done", error=None)


async def enqueue(
    db: AsyncConnection,
    *,
    workspace_id: str,
    kind: str,
    key: str,
    lane: str,
    run_at: datetime,
    payload: dict[str, Any] | None = None,
    priority: int = 5,
) -> None:
    """Have work done at `run_at`, 0 being the most urgent priority.

    Where work of this key is ready already, that row stays, with the earlier time and the higher urgency of the two.
    """
    values = _new_row(workspace_id, kind, key, lane, run_at, payload, priority, tick=False)
    await db.execute(_more_urgent(db.dialect.name), values)
    wake(db, "jobs")


async def enqueue_tick(
    db: AsyncConnection,
    *,
    workspace_id: str,
    kind: str,
    key: str,
    lane: str,
    run_at: datetime,
    payload: dict[str, Any] | None = None,
    priority: int = 5,
) -> bool:
    """Have work done that is due once for ever under its key; False when this or another process ticked before."""
    values = _new_row(workspace_id, kind, key, lane, run_at, payload, priority, tick=True)
    wake(db, "jobs")
    return await insert_if_new(db, jobs, values)


async def cancel(db: AsyncConnection, workspace_id: str, key: str) -> bool:
    """Take back work that is ready; False when there is none, or it has begun."""
    ready = sa.and_(jobs.c.workspace_id == workspace_id, jobs.c.key == key, jobs.c.state == "ready")
    return (await db.execute(sa.delete(jobs).where(ready))).rowcount > 0


async def next_due(db: AsyncConnection, kinds: Collection[str], now: datetime) -> datetime | None:
    """Return the time from which `claim` may find something: in the past when it may now, None when nothing waits.

    A lease that runs out counts by the database's clock, put on the scale of `now`.
    """
    offset = now - await Db.clock(db)
    ready, expiring = (await db.execute(_NEXT_DUE, {"kinds": list(kinds)})).one()
    times = [ready, expiring + offset if expiring else None]
    return min((time for time in times if time), default=None)


async def claim(
    db: AsyncConnection, who: str, kinds: Collection[str], limit: int, now: datetime, lease: timedelta
) -> list[Job]:
    """Lease up to `limit` due jobs of these kinds to `who`, at most one per lane, the most urgent first.

    A job whose lease ran out is taken over; see `park_abandoned` for one that was taken over too often.

    Raises:
        LostLease: another worker was faster; try again.
    """
    clock = await Db.clock(db)
    asked = {"kinds": list(kinds), "most": limit, "now": now, "clock": clock, "who": who, "until": clock + lease}
    try:
        taken = [_job(row) for row in await db.execute(_take(), asked)]
    except sa.exc.IntegrityError as error:
        # On PostgreSQL a more urgent job of the lane may have come after the other worker looked, before we did.
        raise LostLease("another worker was faster in this lane") from error
    return sorted(taken, key=lambda job: (job.priority, job.run_at, job.id))


async def park_abandoned(db: AsyncConnection, kinds: Collection[str]) -> list[Job]:
    """Park jobs whose process died at each attempt, so that they do not take down the next one too; return them."""
    parked = await db.execute(_park(), {"kinds": list(kinds), "clock": await Db.clock(db)})
    return [_job(row) for row in parked]


async def renew(db: AsyncConnection, who: str, ids: Collection[str], lease: timedelta) -> set[str]:
    """Extend the leases of these jobs and return the ids that are still `who`'s."""
    until = await Db.clock(db) + lease
    mine = sa.and_(jobs.c.id.in_(ids), jobs.c.lease_by == who, jobs.c.state == "leased")
    kept = await db.execute(sa.update(jobs).where(mine).values(lease_until=until).returning(jobs.c.id))
    return set(kept.scalars())


async def is_held(db: AsyncConnection, job: Job) -> bool:
    """Return whether the job is still leased as it was claimed."""
    return (await db.execute(sa.select(jobs.c.id).where(_held(job)))).first() is not None


async def fail(db: AsyncConnection, job: Job, error: str, now: datetime) -> bool:
    """Note a failed attempt: the job runs again after a pause that doubles, or is parked; True when it is parked.

    Raises:
        LostLease: somebody else has it now.
    """
    if job.attempts >= MAX_ATTEMPTS:
        await _let_go(db, job, state="dead", error=error)
        return True
    await _make_ready(db, job, error, now + timedelta(seconds=min(60, 2**job.attempts)))
    return False


async def release(db: AsyncConnection, job: Job) -> None:
    """Give a job back that was claimed and not finished, to be run again at once.

    Raises:
        LostLease: somebody else has it now.
    """
    await _make_ready(db, job, job.error, job.run_at)


async def dead(db: AsyncConnection, workspace_id: str) -> list[Job]:
    """Return parked jobs with their errors, oldest first."""
    query = sa.select(jobs).where(jobs.c.workspace_id == workspace_id, jobs.c.state == "dead").order_by(jobs.c.id)
    return [_job(row) for row in await db.execute(query)]


async def purge(db: AsyncConnection, before: datetime) -> int:
    """Delete what was done and due before a time; return how many."""
    old = sa.and_(jobs.c.state == "done", jobs.c.run_at < before)
    return (await db.execute(sa.delete(jobs).where(old))).rowcount


@cache
def _more_urgent(dialect: str) -> Insert:
    """Return the statement of `enqueue`, made once: to make it costs more than to run it."""
    row = insert_in(dialect, jobs)
    new = row.excluded
    # The update is made even where it changes nothing: it locks the ready row, so that on PostgreSQL no worker can
    # claim it and read the state from before this transaction.
    return row.on_conflict_do_update(
        index_elements=["workspace_id", "key"],
        index_where=sa.text("state = 'ready' AND NOT tick"),
        set_={
            "run_at": sa.case((new.run_at < jobs.c.run_at, new.run_at), else_=jobs.c.run_at),
            "priority": sa.case((new.priority < jobs.c.priority, new.priority), else_=jobs.c.priority),
        },
    )


def _new_row(
    workspace_id: str,
    kind: str,
    key: str,
    lane: str,
    run_at: datetime,
    payload: dict[str, Any] | None,
    priority: int,
    *,
    tick: bool,
) -> dict[str, Any]:
    return {
        "id": new_id(run_at),
        "workspace_id": workspace_id,
        "kind": str(kind),
        "key": key,
        "lane": lane,
        "payload": payload or {},
        "state": "ready",
        "tick": tick,
        "priority": priority,
        "run_at": run_at,
        "attempts": 0,
    }


# These run at each look for work, so they are built once.


@cache
def _take() -> sa.Executable:
    due = sa.select(jobs.c.id).where(sa.or_(_has_run_out(), _first_in_free_lane()))
    due = due.order_by(jobs.c.priority, jobs.c.run_at, jobs.c.id).limit(sa.bindparam("most", type_=sa.Integer))
    due = due.with_for_update(skip_locked=True)
    lease: dict[str, Any] = {"lease_by": sa.bindparam("who"), "lease_until": sa.bindparam("until")}
    taken = sa.update(jobs).where(jobs.c.id.in_(sa.select(due.cte("due").c.id)))
    return taken.values(state="leased", attempts=jobs.c.attempts + 1, **lease).returning(jobs)


@cache
def _park() -> sa.Executable:
    error = f"its process stopped during attempt {MAX_ATTEMPTS}"
    worn_out = sa.update(jobs).where(_has_run_out(), jobs.c.attempts >= MAX_ATTEMPTS)
    return worn_out.values(state="dead", error=error, lease_by=None).returning(jobs)


def _is_of_kinds(job: sa.FromClause) -> sa.ColumnElement[bool]:
    return job.c.kind.in_(sa.bindparam("kinds", expanding=True))


def _has_run_out() -> sa.ColumnElement[bool]:
    return sa.and_(jobs.c.state == "leased", jobs.c.lease_until < sa.bindparam("clock"), _is_of_kinds(jobs))


def _first_in_free_lane() -> sa.ColumnElement[bool]:
    now: sa.BindParameter[datetime] = sa.bindparam("now")
    other = jobs.alias("other")
    same_lane = sa.and_(other.c.workspace_id == jobs.c.workspace_id, other.c.lane == jobs.c.lane)
    taken = sa.exists().where(same_lane, other.c.state == "leased")
    rank = sa.tuple_(other.c.priority, other.c.run_at, other.c.id) < sa.tuple_(
        jobs.c.priority, jobs.c.run_at, jobs.c.id
    )
    earlier = sa.exists().where(same_lane, other.c.state == "ready", other.c.run_at <= now, _is_of_kinds(other), rank)
    return sa.and_(jobs.c.state == "ready", jobs.c.run_at <= now, _is_of_kinds(jobs), ~taken, ~earlier)


def _held(job: Job) -> sa.ColumnElement[bool]:
    return sa.and_(
        jobs.c.id == job.id,
        jobs.c.state == "leased",
        jobs.c.lease_by == job.lease_by,
        jobs.c.attempts == job.attempts,
    )


async def _let_go(db: AsyncConnection, job: Job, **values: Any) -> None:
    ended = sa.update(jobs).where(_held(job)).values(lease_by=None, lease_until=None, **values)
    if (await db.execute(ended)).rowcount != 1:
        raise LostLease(f"job {job.key} is leased to somebody else")


async def _make_ready(db: AsyncConnection, job: Job, error: str | None, run_at: datetime) -> None:
    """Where work of the same key became ready meanwhile, that row takes over what this one has been through."""
    same_key = sa.and_(jobs.c.workspace_id == job.workspace_id, jobs.c.key == job.key, jobs.c.state == "ready")
    waiting = sa.select(jobs.c.id).where(same_key, ~jobs.c.tick).with_for_update()
    heir = None if job.tick else (await db.execute(waiting)).scalar()
    if heir is None:
        await _let_go(db, job, state="ready", error=error, run_at=run_at)
    else:
        await _let_go(db, job, state="done", error=error)
        past = {"attempts": job.attempts, "error": error, "run_at": run_at}
        await db.execute(sa.update(jobs).where(jobs.c.id == heir).values(past))
    wake(db, "jobs")


def _job(row: sa.Row[Any]) -> Job:
    return value_of(Job, {name: getattr(row, name) for name in Job.model_fields})
