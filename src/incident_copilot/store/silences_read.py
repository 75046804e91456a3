"""When the silences of each source elsewhere were last read, and what went wrong since: one row each."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.tables import silences_read
from incident_copilot.store.upsert import insert


async def note(
    db: AsyncConnection, workspace_id: str, source: str, now: datetime, problem: str | None, *, is_read: bool
) -> None:
    """Note that a source was read, or why it could not be, or not all of it."""
    row = {"workspace_id": workspace_id, "source": source, "tried_at": now, "problem": problem}
    read = {"read_at": now} if is_read else {}
    statement = insert(db, silences_read).values(**row, **read)
    keys = [silences_read.c.workspace_id, silences_read.c.source]
    changed = {"tried_at": now, "problem": problem, **read}
    await db.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def problems(db: AsyncConnection, workspace_id: str) -> list[str]:
    """Return in words which sources could not be read, or not whole, when it was last tried, and why."""
    here = sa.and_(silences_read.c.workspace_id == workspace_id, silences_read.c.problem.is_not(None))
    rows = await db.execute(sa.select(silences_read).where(here).order_by(silences_read.c.source))
    return [
        f"{row.source}: silences were last read {f'{row.read_at:%-d %b %H:%M} UTC' if row.read_at else 'never'}: "
        f"{row.problem}"
        for row in rows
    ]
