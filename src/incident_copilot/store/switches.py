"""Switches that people turn for the whole workspace: one row for each that is on."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.store.bodies import value_of
from incident_copilot.store.db import wake
from incident_copilot.store.tables import switches
from incident_copilot.store.upsert import insert_if_new

PAUSE = "pause"
_PAUSED = sa.select(switches.c.workspace_id).where(switches.c.name == PAUSE)
"""Nothing goes to customers, or anywhere but to the chat, while it is on."""


class Turned(Frozen):
    """Who turned a switch on, and when."""

    by: str
    at: Utc


async def turn_on(db: AsyncConnection, workspace_id: str, name: str, by: str, now: datetime) -> bool:
    """Turn a switch on; False where it is on already."""
    return await insert_if_new(db, switches, {"workspace_id": workspace_id, "name": name, "by": by, "at": now})


async def turn_off(db: AsyncConnection, workspace_id: str, name: str) -> bool:
    """Turn a switch off; False where it is off already."""
    this = sa.and_(switches.c.workspace_id == workspace_id, switches.c.name == name)
    wake(db, "effects")
    return (await db.execute(sa.delete(switches).where(this))).rowcount > 0


async def turned(db: AsyncConnection, workspace_id: str, name: str) -> Turned | None:
    """Return who turned a switch on, or None where it is off."""
    query = sa.select(switches.c.by, switches.c.at).where(
        switches.c.workspace_id == workspace_id, switches.c.name == name
    )
    row = (await db.execute(query)).mappings().first()
    return value_of(Turned, dict(row)) if row else None


async def paused(db: AsyncConnection) -> set[str]:
    """Return the workspaces that nothing leaves now."""
    return set((await db.execute(_PAUSED)).scalars())
