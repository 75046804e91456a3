"""The timeline: what was observed; messages follow their edits and deletions."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.errors import UnknownThing
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
    seen = sa.and_(timeline.c.ref == ref, timeline.c.deleted.is_(False), timeline.c.corrected.is_not(True))
    return (await db.execute(sa.update(timeline).where(seen).values(values))).rowcount > 0


async def delete(db: AsyncConnection, ref: str) -> bool:
    """Follow the deletion of a message: its text goes, the fact that something was there stays; False if never seen."""
    gone = sa.update(timeline).where(timeline.c.ref == ref).values(text="", deleted=True)
    return (await db.execute(gone)).rowcount > 0


async def erase(db: AsyncConnection, author: str, held: Collection[str] = ()) -> int:
    """Erase what one author wrote, and that it was theirs, but in `held` incidents; return how many entries it was."""
    theirs = sa.update(timeline).where(timeline.c.author == author, timeline.c.incident_id.not_in(held))
    return (await db.execute(theirs.values(text="", deleted=True, author=None, ref=None))).rowcount


async def mark(db: AsyncConnection, entry: TimelineEntry, mark: str) -> bool:
    """Keep a message because somebody marked it; False where it is kept already, which takes the mark too.

    What was removed is there again.
    """
    if await add(db, entry.model_copy(update={"marks": (mark,)})):
        return True
    for kept in await _marked(db, entry.ref or ""):
        if kept.removed_by:  # somebody wants it kept after all
            again = {"text": entry.text, "at": entry.at, "deleted": False, "removed_by": None, "marks": [mark]}
            await db.execute(sa.update(timeline).where(timeline.c.id == kept.id).values(again))
            return True
        if mark not in kept.marks:
            await _set_marks(db, kept, (*kept.marks, mark))
    return False


async def unmark(db: AsyncConnection, ref: str, mark: str) -> None:
    """Take a mark back, as when a message is unpinned; without any the message is kept no more."""
    for kept in await _marked(db, ref):
        left = tuple(one for one in kept.marks if one != mark)
        if left:
            await _set_marks(db, kept, left)
        else:
            await db.execute(sa.delete(timeline).where(timeline.c.id == kept.id))


async def get(db: AsyncConnection, entry_id: str) -> TimelineEntry:
    """Return an entry, which nobody else changes until the transaction ends.

    Raises:
        UnknownThing: there is none with this id.
    """
    query = sa.select(timeline).where(timeline.c.id == entry_id).with_for_update()
    row = (await db.execute(query)).mappings().first()
    if row is None:
        raise UnknownThing(f"no entry {entry_id} of the timeline")
    return value_of(TimelineEntry, dict(row))


async def message(db: AsyncConnection, ref: str) -> TimelineEntry | None:
    """Return a message as it was seen when it was said, or None where it was not."""
    query = sa.select(timeline).where(timeline.c.ref == ref, timeline.c.kind == TimelineKind.MESSAGE)
    row = (await db.execute(query)).mappings().first()
    return value_of(TimelineEntry, dict(row)) if row else None


async def correct(db: AsyncConnection, entry: TimelineEntry, text: str, at: datetime) -> None:
    """Give an entry the words and the time that a person says are right."""
    values = {"text": text, "at": at, "corrected": True}
    await db.execute(sa.update(timeline).where(timeline.c.id == entry.id).values(values))


async def remove(db: AsyncConnection, entry: TimelineEntry, by: str) -> None:
    """Take an entry off: its words go, the fact that somebody removed something stays."""
    values = {"text": "", "deleted": True, "removed_by": by}
    await db.execute(sa.update(timeline).where(timeline.c.id == entry.id).values(values))


async def put_there(db: AsyncConnection, incident_id: str, limit: int) -> list[TimelineEntry]:
    """Return the newest entries that people put there or removed, newest first; not those whose message is deleted."""
    by_people = timeline.c.kind.in_([TimelineKind.NOTE, TimelineKind.PINNED])
    is_told = sa.or_(timeline.c.deleted.is_(False), timeline.c.removed_by.is_not(None))
    here = sa.and_(timeline.c.incident_id == incident_id, by_people, is_told)
    query = sa.select(timeline).where(here).order_by(timeline.c.at.desc(), timeline.c.id.desc()).limit(limit)
    return [value_of(TimelineEntry, dict(row)) for row in (await db.execute(query)).mappings()]


async def _marked(db: AsyncConnection, ref: str) -> list[TimelineEntry]:
    query = sa.select(timeline).where(timeline.c.ref == ref, timeline.c.kind == TimelineKind.PINNED).with_for_update()
    return [value_of(TimelineEntry, dict(row)) for row in (await db.execute(query)).mappings()]


async def _set_marks(db: AsyncConnection, entry: TimelineEntry, marks: tuple[str, ...]) -> None:
    await db.execute(sa.update(timeline).where(timeline.c.id == entry.id).values(marks=list(marks)))


async def of_incident(db: AsyncConnection, incident_id: str) -> list[TimelineEntry]:
    """Return the incident's entries in order of time."""
    query = sa.select(timeline).where(timeline.c.incident_id == incident_id).order_by(timeline.c.at, timeline.c.id)
    return [value_of(TimelineEntry, dict(row)) for row in (await db.execute(query)).mappings()]
