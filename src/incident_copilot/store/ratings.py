"""Ratings: how useful one person found the copilot in one incident, from 1 to 5; changeable."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.learning_tables import ratings
from incident_copilot.store.upsert import insert


async def given(db: AsyncConnection, workspace_id: str, incident_id: str, person: str) -> int | None:
    """Return what a person said of an incident, or None."""
    theirs = sa.and_(
        ratings.c.workspace_id == workspace_id, ratings.c.incident_id == incident_id, ratings.c.person == person
    )
    return (await db.execute(sa.select(ratings.c.stars).where(theirs))).scalar()


async def rate(
    db: AsyncConnection, workspace_id: str, incident_id: str, person: str, *, stars: int, at: datetime
) -> None:
    """Note what a person says of an incident, in place of what they said before."""
    told = {"stars": stars, "at": at}
    row = {"workspace_id": workspace_id, "incident_id": incident_id, "person": person, **told}
    keys = [ratings.c.workspace_id, ratings.c.incident_id, ratings.c.person]
    await db.execute(insert(db, ratings).values(row).on_conflict_do_update(index_elements=keys, set_=told))
