"""Investigations by the model: plan, steps, what was spent and what came of it; one row each."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.investigation import Investigation, InvestigationState
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.model_tables import investigations


async def add(db: AsyncConnection, held: Investigation) -> None:
    """Keep one that begins."""
    row = {"id": held.id, "workspace_id": held.workspace_id, "incident_id": held.incident_id}
    await db.execute(sa.insert(investigations).values(**row, began_at=held.began_at, **_state(held)))


async def save(db: AsyncConnection, held: Investigation) -> None:
    """Keep one as it is after a step; who asked for it to stop is only written by `ask_to_stop`."""
    await db.execute(sa.update(investigations).where(investigations.c.id == held.id).values(**_state(held)))


async def latest(db: AsyncConnection, workspace_id: str, incident_id: str) -> Investigation | None:
    """Return the newest one of an incident, or None."""
    where = sa.and_(investigations.c.workspace_id == workspace_id, investigations.c.incident_id == incident_id)
    query = sa.select(investigations.c.body, investigations.c.stopped_by).where(where)
    return _value((await db.execute(query.order_by(investigations.c.id.desc()).limit(1))).mappings().first())


async def get(db: AsyncConnection, investigation_id: str) -> Investigation | None:
    """Return one, or None."""
    query = sa.select(investigations.c.body, investigations.c.stopped_by)
    return _value((await db.execute(query.where(investigations.c.id == investigation_id))).mappings().first())


async def ask_to_stop(db: AsyncConnection, workspace_id: str, investigation_id: str, person: str) -> bool:
    """Note who wants one to stop; False where it does not run, or somebody was faster."""
    running = sa.and_(
        investigations.c.workspace_id == workspace_id,
        investigations.c.id == investigation_id,
        investigations.c.state == InvestigationState.RUNNING,
        investigations.c.stopped_by.is_(None),
    )
    stopped = await db.execute(sa.update(investigations).where(running).values(stopped_by=person))
    return stopped.rowcount == 1


def _state(held: Investigation) -> dict[str, object]:
    return {"state": held.state, "step": held.spent.steps, "body": body_of(held)}


def _value(row: sa.RowMapping | None) -> Investigation | None:
    if row is None:
        return None
    return value_of(Investigation, row["body"]).model_copy(update={"stopped_by": row["stopped_by"]})
