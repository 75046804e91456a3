"""Signed requests that were taken in, while their signatures are accepted: rows of the inbox without a body."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import new_id
from incident_copilot.store.tables import deliveries
from incident_copilot.store.upsert import insert_if_new


async def add(db: AsyncConnection, workspace_id: str, source: str, signature: str, now: datetime) -> bool:
    """Remember a request; False when it is remembered already."""
    row = {"id": new_id(now), "workspace_id": workspace_id, "source": source, "delivery_key": signature}
    return await insert_if_new(db, deliveries, {**row, "received_at": now, "body": ""})


async def forget(db: AsyncConnection, workspace_id: str, source: str, signature: str) -> None:
    """Forget one request."""
    this = sa.and_(_of(workspace_id, source), deliveries.c.delivery_key == signature)
    await db.execute(sa.delete(deliveries).where(this))


async def forget_before(db: AsyncConnection, workspace_id: str, source: str, before: datetime) -> None:
    """Forget the requests that came before a time."""
    old = sa.and_(_of(workspace_id, source), deliveries.c.received_at < before)
    await db.execute(sa.delete(deliveries).where(old))


def _of(workspace_id: str, source: str) -> sa.ColumnElement[bool]:
    return sa.and_(deliveries.c.workspace_id == workspace_id, deliveries.c.source == source)
