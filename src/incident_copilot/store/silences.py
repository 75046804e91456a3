"""Silences: made here or read elsewhere; each has a number people can say, and is never deleted."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.silence import Silence
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import silences

MOST = 500
"""How many silences count at one time, the newest."""
_NUMBER_LOCK = 0x51C0  # any constant will do: it names the advisory lock under which numbers are given


async def add(db: AsyncConnection, workspace_id: str, silence: Silence) -> Silence:
    """Keep a silence under the next number."""
    numbered = silence.model_copy(update={"number": await _next_number(db, workspace_id)})
    row = {"id": numbered.id, "workspace_id": workspace_id, "number": numbered.number}
    where = {"source": numbered.source, "ref": numbered.ref, "until": numbered.until}
    await db.execute(sa.insert(silences).values(**row, **where, body=body_of(numbered)))
    return numbered


async def running(db: AsyncConnection, workspace_id: str, now: datetime) -> list[Silence]:
    """Return the silences that count now, newest first."""
    query = sa.select(silences.c.body).where(_runs(workspace_id), silences.c.until > now)
    found = await db.execute(query.order_by(silences.c.number.desc()).limit(MOST))
    return [value_of(Silence, row.body) for row in found]


async def lock(db: AsyncConnection, workspace_id: str, number: int) -> Silence | None:
    """Return a silence that has not ended and keep others from ending it until the transaction ends, or None."""
    query = sa.select(silences.c.body).where(_runs(workspace_id), silences.c.number == number)
    row = (await db.execute(query.with_for_update())).first()
    return value_of(Silence, row.body) if row else None


async def some(db: AsyncConnection, ids: Collection[str]) -> dict[str, Silence]:
    """Return these silences by id, those that have ended too."""
    query = sa.select(silences.c.body).where(silences.c.id.in_(sorted(ids)))
    return {one.id: one for one in (value_of(Silence, row.body) for row in await db.execute(query))}


async def end(db: AsyncConnection, ids: Collection[str], now: datetime) -> None:
    """Note that silences count no longer."""
    here = sa.and_(silences.c.id.in_(sorted(ids)), silences.c.ended_at.is_(None))
    await db.execute(sa.update(silences).where(here).values(ended_at=now))


async def read_from(db: AsyncConnection, workspace_id: str, source: str) -> list[Silence]:
    """Return the silences of a source elsewhere that have not ended, as they were last read."""
    query = sa.select(silences.c.body).where(_runs(workspace_id), silences.c.source == source)
    return [value_of(Silence, row.body) for row in await db.execute(query.order_by(silences.c.number))]


async def update(db: AsyncConnection, changed: Sequence[Silence]) -> None:
    """Write silences back as they are now at their source."""
    for one in changed:
        values = {"until": one.until, "body": body_of(one)}
        await db.execute(sa.update(silences).where(silences.c.id == one.id).values(values))


def _runs(workspace_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(silences.c.workspace_id == workspace_id, silences.c.ended_at.is_(None))


async def _next_number(db: AsyncConnection, workspace_id: str) -> int:
    if db.dialect.name == "postgresql":
        await db.execute(sa.select(sa.func.pg_advisory_xact_lock(_NUMBER_LOCK)))
    query = sa.select(sa.func.max(silences.c.number)).where(silences.c.workspace_id == workspace_id)
    return ((await db.execute(query)).scalar() or 0) + 1
