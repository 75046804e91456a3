"""The timeline: what was observed; messages follow their edits and deletions."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import timeline
from incident_copilot.store.upsert import insert, insert_if_new


async def add(db: AsyncConnection, entry: TimelineEntry) -> bool:
    """Add an entry; False when one with the same kind and `ref` is there."""
    return await insert_if_new(db, timeline, entry.model_dump())


async def add_all(db: AsyncConnection, entries: Sequence[TimelineEntry]) -> None:
    """Add entries; those with the kind and `ref` of one that is there are left out."""
    if entries:
        await db.execute(insert(db, timeline).on_conflict_do_nothing(), [entry.model_dump() for entry in entries])


async def count(db: AsyncConnection, incident_id: str, kind: TimelineKind) -> int:
    """Return how many entries of one kind the incident has."""
    query = sa.select(sa.func.count()).select_from(timeline)
    return (await db.execute(query.where(timeline.c.incident_id == incident_id, timeline.c.kind == kind))).scalar_one()


async def edit(db: AsyncConnection, ref: str, text: str) -> bool:
    """Follow the edit of a message; False where it was never seen. The same text again is no edit."""
    values = {"text": text, "edited": sa.or_(timeline.c.edited, timeline.c.text != text)}
    seen = sa.and_(timeline.c.ref == ref, timeline.c.deleted.is_(False))
    return (await db.execute(sa.update(timeline).where(seen).values(values))).rowcount > 0


async def delete(db: AsyncConnection, ref: str) -> bool:
    """Follow the deletion of a message: its text goes, the fact that something was there stays; False if never seen."""
    gone = sa.update(timeline).where(timeline.c.ref == ref).values(text="", deleted=True)
    return (await db.execute(gone)).rowcount > 0


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
    return [value_of(TimelineEntry, dict(row)) for row in (await db.execute(query)).mappings()]
