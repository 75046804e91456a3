"""The timeline: what was observed; messages follow their edits and deletions."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.store.tables import timeline
from incident_copilot.store.upsert import insert_if_new


async def add(db: AsyncConnection, entry: TimelineEntry) -> bool:
    """Add an entry; False when one with the same kind and `ref` is there."""
    return await insert_if_new(db, timeline, entry.model_dump())


async def edit(db: AsyncConnection, ref: str, text: str) -> None:
    """Follow the edit of a message."""
    await db.execute(sa.update(timeline).where(timeline.c.ref == ref).values(text=text, edited=True))


async def delete(db: AsyncConnection, ref: str) -> None:
    """Follow the deletion of a message: its text goes, the fact that something was there stays."""
    await db.execute(sa.update(timeline).where(timeline.c.ref == ref).values(text="", deleted=True))


async def remove(db: AsyncConnection, kind: TimelineKind, ref: str) -> None:
    """Take an entry away again, as when a message is unpinned."""
    await db.execute(sa.delete(timeline).where(timeline.c.kind == kind, timeline.c.ref == ref))


async def text_of(db: AsyncConnection, ref: str) -> str | None:
    """Return the text last seen of a message, or None where it was never seen."""
    query = sa.select(timeline.c.text).where(timeline.c.ref == ref, timeline.c.kind == TimelineKind.MESSAGE)
    return (await db.execute(query)).scalar()


async def of_incident(db: AsyncConnection, incident_id: str) -> list[TimelineEntry]:
    """Return the incident's entries in order of time."""
    query = sa.select(timeline).where(timeline.c.incident_id == incident_id).order_by(timeline.c.at, timeline.c.id)
    return [TimelineEntry.model_validate(dict(row)) for row in (await db.execute(query)).mappings()]
