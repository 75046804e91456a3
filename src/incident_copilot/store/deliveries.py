"""The inbox: one row per delivery, so that the same one twice is known (promise P2)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import new_id
from incident_copilot.store import tables
from incident_copilot.store.upsert import insert_if_new


async def add(db: AsyncConnection, *, workspace_id: str, source: str, key: str, body: str, now: datetime) -> bool:
    """Record a delivery; False when it was recorded before."""
    values = {
        "id": new_id(now),
        "workspace_id": workspace_id,
        "source": source,
        "delivery_key": key,
        "received_at": now,
        "body": body,
    }
    return await insert_if_new(db, tables.deliveries, values)


async def body_of(db: AsyncConnection, workspace_id: str, source: str, key: str) -> str:
    """Return the body of a delivery that is known to be stored."""
    query = sa.select(tables.deliveries.c.body).where(
        tables.deliveries.c.workspace_id == workspace_id,
        tables.deliveries.c.source == source,
        tables.deliveries.c.delivery_key == key,
    )
    return str((await db.execute(query)).scalar_one())
