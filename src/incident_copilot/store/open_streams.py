"""Answers that are being written into the chat; whoever runs next ends those whose process died meanwhile."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.tables import open_streams
from incident_copilot.store.upsert import insert


class OpenStream(NamedTuple):
    """Where an answer stands, and below which message."""

    channel: str
    thread_ts: str
    ts: str


async def keep(db: AsyncConnection, workspace_id: str, at: OpenStream, until: datetime) -> None:
    """Note that an answer is being written, and until when its process will have added to it, or ended it."""
    row = {"workspace_id": workspace_id, **at._asdict(), "until": until}
    key = ["workspace_id", "channel", "ts"]
    await db.execute(
        insert(db, open_streams).values(row).on_conflict_do_update(index_elements=key, set_={"until": until})
    )


async def forget(db: AsyncConnection, workspace_id: str, at: OpenStream) -> None:
    """Forget an answer that has ended."""
    mine = sa.and_(open_streams.c.workspace_id == workspace_id, open_streams.c.channel == at.channel)
    await db.execute(sa.delete(open_streams).where(mine, open_streams.c.ts == at.ts))


async def lapsed(db: AsyncConnection, workspace_id: str, now: datetime) -> Sequence[OpenStream]:
    """Return the answers that nobody has added to in time."""
    columns = (open_streams.c.channel, open_streams.c.thread_ts, open_streams.c.ts)
    theirs = sa.and_(open_streams.c.workspace_id == workspace_id, open_streams.c.until <= now)
    return [OpenStream(*row) for row in await db.execute(sa.select(*columns).where(theirs).order_by(columns[-1]))]


async def lapse(db: AsyncConnection, workspace_id: str, now: datetime) -> int:
    """Have all lapse now, for the processes that wrote them are gone; return how many these are."""
    theirs = sa.update(open_streams).where(open_streams.c.workspace_id == workspace_id)
    return (await db.execute(theirs.values(until=now))).rowcount
