"""Names of people by chat id, apart from the log so that they can be erased."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.tables import people
from incident_copilot.store.upsert import insert


async def remember(db: AsyncConnection, workspace_id: str, chat_id: str, name: str, now: datetime) -> None:
    """Keep the name that somebody goes by now."""
    row = {"workspace_id": workspace_id, "chat_id": chat_id, "name": name, "seen_at": now}
    upsert = insert(db, people).values(row)
    await db.execute(
        upsert.on_conflict_do_update(index_elements=["workspace_id", "chat_id"], set_={"name": name, "seen_at": now})
    )


async def forget(db: AsyncConnection, workspace_id: str, chat_id: str) -> bool:
    """Erase the name that somebody went by; False where none was kept."""
    theirs = sa.and_(people.c.workspace_id == workspace_id, people.c.chat_id == chat_id)
    return (await db.execute(sa.delete(people).where(theirs))).rowcount > 0


async def names(db: AsyncConnection, workspace_id: str, among: Collection[str] | None = None) -> dict[str, str]:
    """Return chat id to name, of all who have one or of those `among` these ids."""
    query = sa.select(people.c.chat_id, people.c.name).where(people.c.workspace_id == workspace_id)
    if among is not None:
        query = query.where(people.c.chat_id.in_(among))
    return {row.chat_id: row.name for row in await db.execute(query)}
