"""Looks: when somebody last looked at an incident through the copilot, one row a person and incident."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.tables import looks
from incident_copilot.store.upsert import insert


async def last(db: AsyncConnection, workspace_id: str, incident_id: str, person: str) -> datetime | None:
    """Return when a person last looked at an incident, or None where they never did."""
    query = sa.select(looks.c.at).where(
        looks.c.workspace_id == workspace_id, looks.c.incident_id == incident_id, looks.c.person == person
    )
    return (await db.execute(query)).scalar()


async def note(db: AsyncConnection, workspace_id: str, incident_id: str, person: str, at: datetime) -> None:
    """Note that a person looks now; of two looks at once the later one stays."""
    key = {"workspace_id": workspace_id, "incident_id": incident_id, "person": person}
    upsert = insert(db, looks).values(**key, at=at)
    is_later = looks.c.at < upsert.excluded.at
    await db.execute(upsert.on_conflict_do_update(index_elements=list(key), set_={"at": at}, where=is_later))


async def forget(db: AsyncConnection, workspace_id: str, person: str) -> int:
    """Forget when a person looked at incidents; return at how many."""
    theirs = sa.and_(looks.c.workspace_id == workspace_id, looks.c.person == person)
    return (await db.execute(sa.delete(looks).where(theirs))).rowcount
