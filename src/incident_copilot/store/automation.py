"""Changes of how far the copilot goes for a service: of each one request, one advice and one level in force at most."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.automation import ChangeState, LevelChange
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import level_changes
from incident_copilot.store.upsert import insert_if_new

MEANWHILE = "Somebody changed that just now. Look again: /incident automation."
LIVE = (ChangeState.ADVISED, ChangeState.ASKED, ChangeState.IN_FORCE)


async def add(db: AsyncConnection, change: LevelChange) -> LevelChange:
    """Keep a change, and return it.

    Raises:
        DecisionRefused: the service has one in this state already: somebody else was first.
    """
    if not await insert_if_new(db, level_changes, change.model_dump()):
        raise DecisionRefused(MEANWHILE)
    return change


async def get(db: AsyncConnection, workspace_id: str, change_id: str) -> LevelChange:
    """Return a change.

    Raises:
        UnknownThing: there is none with this id.
    """
    this = sa.and_(level_changes.c.workspace_id == workspace_id, level_changes.c.id == change_id)
    found = await _some(db, this)
    if not found:
        raise UnknownThing(f"no change of a level {change_id}")
    return found[0]


async def live(db: AsyncConnection, workspace_id: str, service: str | None = None) -> list[LevelChange]:
    """Return what is advised, asked for and in force, of one service or of all."""
    here = sa.and_(level_changes.c.workspace_id == workspace_id, level_changes.c.state.in_(LIVE))
    return await _some(db, here if service is None else sa.and_(here, level_changes.c.service == service))


async def settle(
    db: AsyncConnection, change: LevelChange, state: ChangeState, by: str | None, now: datetime
) -> LevelChange:
    """Move a change on from the state that it is known in, and return it.

    Raises:
        DecisionRefused: it is not in that state any more: somebody else was first.
    """
    unchanged = sa.and_(
        level_changes.c.workspace_id == change.workspace_id,
        level_changes.c.id == change.id,
        level_changes.c.state == change.state,
    )
    decided: dict[str, Any] = {"state": state, "decided_by": by, "decided_at": now}
    if (await db.execute(sa.update(level_changes).where(unchanged).values(decided))).rowcount != 1:
        raise DecisionRefused(MEANWHILE)
    return change.model_copy(update=decided)


async def _some(db: AsyncConnection, which: sa.ColumnElement[bool]) -> list[LevelChange]:
    query = sa.select(level_changes).where(which).order_by(level_changes.c.service, level_changes.c.id)
    return [value_of(LevelChange, dict(row)) for row in (await db.execute(query)).mappings()]
