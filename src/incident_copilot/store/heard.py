"""When each alert source was last heard, one row each: looked at by people, not by steps."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.source_health import SourceHealth
from incident_copilot.store.tables import sources_heard
from incident_copilot.store.upsert import insert


async def note(db: AsyncConnection, workspace_id: str, lags: Mapping[str, float | None], now: datetime) -> None:
    """Note that these sources delivered, and how many seconds after its start the newest alert of each came."""
    # In one order, so that two processes never wait for each other in a circle.
    rows = [
        {"workspace_id": workspace_id, "source": source, "last_at": now, "lag_s": lag}
        for source, lag in sorted(lags.items())
    ]
    statement = insert(db, sources_heard)
    lag = sa.func.coalesce(statement.excluded.lag_s, sources_heard.c.lag_s)
    keys = [sources_heard.c.workspace_id, sources_heard.c.source]
    values = {"last_at": statement.excluded.last_at, "lag_s": lag}
    await db.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), rows)


async def all_of(db: AsyncConnection, workspace_id: str) -> list[SourceHealth]:
    """Return all sources that have ever delivered, by name."""
    query = sa.select(sources_heard).where(sources_heard.c.workspace_id == workspace_id)
    rows = await db.execute(query.order_by(sources_heard.c.source))
    return [SourceHealth(source=row.source, last_at=row.last_at, lag_s=row.lag_s) for row in rows]
