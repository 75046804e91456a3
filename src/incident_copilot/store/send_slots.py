"""Send slots: when the next message may go to a channel, one row per channel for all replicas."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.tables import send_slots
from incident_copilot.store.upsert import insert

_FREE_AT = sa.select(send_slots.c.channel, send_slots.c.next_at).where(
    send_slots.c.workspace_id == sa.bindparam("workspace")
)


async def free_at(db: AsyncConnection, workspace_id: str) -> dict[str, datetime]:
    """Return the time from which each channel takes a message; a channel without one is free."""
    return {row.channel: row.next_at for row in await db.execute(_FREE_AT, {"workspace": workspace_id})}


async def take(db: AsyncConnection, workspace_id: str, channel: str, now: datetime, next_at: datetime) -> bool:
    """Take the channel's turn and give the next one out for `next_at`; False when somebody else was faster."""
    row = {"workspace_id": workspace_id, "channel": channel, "next_at": next_at}
    upsert = insert(db, send_slots).values(row)
    upsert = upsert.on_conflict_do_update(
        index_elements=["workspace_id", "channel"], set_={"next_at": next_at}, where=send_slots.c.next_at <= now
    )
    return (await db.execute(upsert)).rowcount == 1


async def pause(db: AsyncConnection, workspace_id: str, channel: str, until: datetime) -> None:
    """Let nothing go to the channel before a time."""
    row = {"workspace_id": workspace_id, "channel": channel, "next_at": until}
    upsert = insert(db, send_slots).values(row)
    await db.execute(
        upsert.on_conflict_do_update(
            index_elements=["workspace_id", "channel"], set_={"next_at": until}, where=send_slots.c.next_at < until
        )
    )
