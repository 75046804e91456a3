"""Settings made in the chat: one row a team and setting; no row means that nothing was set there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.tables import team_settings
from incident_copilot.store.upsert import insert

Rows = Mapping[tuple[str, str], tuple[Any, str, datetime]]
"""Team and name to value, who set it, and when."""


async def every(db: AsyncConnection) -> Mapping[str, Rows]:
    """Return everything that was set, by workspace."""
    found: dict[str, dict[tuple[str, str], tuple[Any, str, datetime]]] = {}
    for row in await db.execute(sa.select(team_settings)):
        found.setdefault(row.workspace_id, {})[row.team, row.name] = (row.value, row.set_by, row.set_at)
    return found


async def channel(db: AsyncConnection, workspace_id: str, name: str) -> str | None:
    """Return the channel that was set under a name, or None."""
    this = _this(workspace_id, "", name)
    found = (await db.execute(sa.select(team_settings.c.value).where(this))).scalar()
    return str(found) if found else None


async def put(
    db: AsyncConnection, workspace_id: str, team: str, name: str, value: Any, *, by: str, now: datetime
) -> None:
    """Set a value."""
    key = {"workspace_id": workspace_id, "team": team, "name": name}
    values = {"value": value, "set_by": by, "set_at": now}
    upsert = insert(db, team_settings).values(**key, **values)
    await db.execute(upsert.on_conflict_do_update(index_elements=list(key), set_=values))


async def reset(db: AsyncConnection, workspace_id: str, team: str, name: str) -> bool:
    """Take a value back; False where there was none."""
    return (await db.execute(sa.delete(team_settings).where(_this(workspace_id, team, name)))).rowcount == 1


def _this(workspace_id: str, team: str, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        team_settings.c.workspace_id == workspace_id, team_settings.c.team == team, team_settings.c.name == name
    )
