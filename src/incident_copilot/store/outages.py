"""Outages: since when a chat workspace does not answer or refuses the copilot, one row for all replicas."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import outages
from incident_copilot.store.upsert import insert


class Outage(Frozen):
    """A workspace that takes nothing; `code` is its own error name where it refuses the copilot itself.

    `try_at` is the time of the next try; everything else waits until one goes well.
    """

    workspace_id: str
    since: Utc
    code: str | None
    error: str
    try_at: Utc


_ALL = sa.select(outages)


async def current(db: AsyncConnection) -> dict[str, Outage]:
    """Return the outages there are now, by workspace."""
    found = await db.execute(_ALL)
    return {row["workspace_id"]: value_of(Outage, dict(row)) for row in found.mappings()}


async def of(db: AsyncConnection, workspace_id: str) -> Outage | None:
    """Return the workspace's outage, None where all is well."""
    return (await current(db)).get(workspace_id)


async def note(
    db: AsyncConnection, workspace_id: str, *, code: str | None, error: str, now: datetime, try_at: datetime
) -> Outage:
    """Note a failure: it begins an outage, or goes on with the one there is; a refusal may follow silence."""
    values = {"code": code, "error": error, "try_at": try_at}
    upsert = insert(db, outages).values(workspace_id=workspace_id, since=now, **values)
    upsert = upsert.on_conflict_do_update(index_elements=["workspace_id"], set_=values)
    row = (await db.execute(upsert.returning(outages))).mappings().one()
    return value_of(Outage, dict(row))


async def take_try(db: AsyncConnection, outage: Outage, now: datetime, try_at: datetime) -> bool:
    """Take the one try that is due now, the next being due at `try_at`; False when somebody else was faster."""
    due = sa.and_(outages.c.workspace_id == outage.workspace_id, outages.c.try_at <= now)
    return (await db.execute(sa.update(outages).where(due).values(try_at=try_at))).rowcount == 1


async def end(db: AsyncConnection, workspace_id: str) -> Outage | None:
    """Note that the workspace answers again; return the outage that this ends, None where somebody else ended it."""
    ended = sa.delete(outages).where(outages.c.workspace_id == workspace_id).returning(outages)
    row = (await db.execute(ended)).mappings().first()
    return value_of(Outage, dict(row)) if row else None
