"""Drills: one runs at a time in a workspace."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.drill import Drill
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import drills
from incident_copilot.store.upsert import insert_if_new


async def begin(db: AsyncConnection, drill: Drill) -> bool:
    """Keep a new drill; False where one of its key was there already, or another one runs."""
    return await insert_if_new(
        db, drills, {"workspace_id": drill.workspace_id, "id": drill.id, "key": drill.key, **_columns(drill)}
    )


async def get(db: AsyncConnection, workspace_id: str, drill_id: str) -> Drill | None:
    """Return a drill, or None."""
    return await _one(db, sa.and_(drills.c.workspace_id == workspace_id, drills.c.id == drill_id))


async def lock(db: AsyncConnection, workspace_id: str, drill_id: str) -> Drill | None:
    """Return a drill and keep others from changing it until the transaction ends, or None."""
    return await _one(db, sa.and_(drills.c.workspace_id == workspace_id, drills.c.id == drill_id), locked=True)


async def of_incident(db: AsyncConnection, workspace_id: str, incident_id: str) -> Drill | None:
    """Return the drill that an incident belongs to, or None."""
    return await _one(db, sa.and_(drills.c.workspace_id == workspace_id, drills.c.incident_id == incident_id))


async def running(db: AsyncConnection, workspace_id: str) -> Drill | None:
    """Return the drill that runs, or None."""
    return await _one(db, sa.and_(drills.c.workspace_id == workspace_id, drills.c.ended_at.is_(None)))


async def latest(db: AsyncConnection, workspace_id: str, limit: int) -> list[Drill]:
    """Return the latest drills, newest first."""
    query = sa.select(drills.c.body).where(drills.c.workspace_id == workspace_id)
    found = await db.execute(query.order_by(drills.c.started_at.desc(), drills.c.id.desc()).limit(limit))
    return [value_of(Drill, row.body) for row in found]


async def save(db: AsyncConnection, drill: Drill) -> Drill:
    """Write a drill back; call it after `lock`, in the same transaction."""
    here = sa.and_(drills.c.workspace_id == drill.workspace_id, drills.c.id == drill.id)
    await db.execute(sa.update(drills).where(here).values(_columns(drill)))
    return drill


async def _one(db: AsyncConnection, where: sa.ColumnElement[bool], *, locked: bool = False) -> Drill | None:
    query = sa.select(drills.c.body).where(where)
    row = (await db.execute(query.with_for_update() if locked else query)).first()
    return value_of(Drill, row.body) if row else None


def _columns(drill: Drill) -> dict[str, object]:
    return {
        "incident_id": drill.incident_id,
        "started_at": drill.started_at,
        "ended_at": drill.ended_at,
        "body": body_of(drill),
    }
