"""Channels that the copilot must not post in any more, although something still goes there."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.tables import closed_channels
from incident_copilot.store.upsert import insert_if_new


async def close(db: AsyncConnection, workspace_id: str, channel: str, why: str, now: datetime) -> bool:
    """Note that a channel is closed; False where that is known."""
    row = {"workspace_id": workspace_id, "channel": channel, "why": why, "since": now}
    return await insert_if_new(db, closed_channels, row)


async def open_again(db: AsyncConnection, workspace_id: str, channel: str, why: str) -> bool:
    """Forget that a channel was closed for this reason; False where it was not."""
    this = sa.and_(
        closed_channels.c.workspace_id == workspace_id,
        closed_channels.c.channel == channel,
        closed_channels.c.why == why,
    )
    return (await db.execute(sa.delete(closed_channels).where(this))).rowcount == 1


async def all_of(db: AsyncConnection, workspace_id: str) -> Mapping[str, str]:
    """Return why, by channel."""
    query = sa.select(closed_channels.c.channel, closed_channels.c.why)
    found = await db.execute(query.where(closed_channels.c.workspace_id == workspace_id))
    return {row.channel: row.why for row in found}
