"""Pairings: the last word of people on two kinds of alert, one row a pair."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.pairing import Pairing
from incident_copilot.store.tables import pairings
from incident_copilot.store.upsert import insert

MOST = 1000
"""How many pairings count at one time, the newest."""


async def say(
    db: AsyncConnection, workspace_id: str, pairs: Sequence[tuple[str, str]], *, together: bool, now: datetime
) -> None:
    """Note that people joined these pairs of kinds, or kept them apart; it takes the place of an earlier word."""
    if not pairs:
        return
    rows = [
        {"workspace_id": workspace_id, "one": one, "other": other, "together": together, "at": now}
        for one, other in pairs
    ]
    statement = insert(db, pairings)
    keys = [pairings.c.workspace_id, pairings.c.one, pairings.c.other]
    values = {"together": statement.excluded.together, "at": statement.excluded.at}
    await db.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), rows)


async def since(db: AsyncConnection, workspace_id: str, at: datetime) -> list[Pairing]:
    """Return what people said since a time, newest first."""
    here = sa.and_(pairings.c.workspace_id == workspace_id, pairings.c.at >= at)
    newest = sa.select(pairings).where(here).order_by(pairings.c.at.desc(), pairings.c.one, pairings.c.other)
    found = await db.execute(newest.limit(MOST))
    return [Pairing(one=row.one, other=row.other, together=row.together, at=row.at) for row in found]
