"""Noise: one row for each alert name on a service that opened no incident, counted."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.noise import NoiseCount
from incident_copilot.store.tables import noise
from incident_copilot.store.upsert import insert

LONGEST_NAME, LONGEST_WHY = 200, 300  # the columns' lengths
_KEYS = ("workspace_id", "name", "service")


async def add(db: AsyncConnection, workspace_id: str, counted: Sequence[NoiseCount]) -> None:
    """Add to what was counted before; name and service are kept as far as they fit."""
    statement = insert(db, noise)
    told = {name: statement.excluded[name] for name in ("last_at", "why", "fingerprint")}
    times = {"times": noise.c.times + statement.excluded.times}
    for one in sorted(counted, key=lambda count: (count.name, count.service or "")):
        row = {
            **one.model_dump(),
            "workspace_id": workspace_id,
            "name": one.name[:LONGEST_NAME],
            "service": (one.service or "")[:LONGEST_NAME],
            "why": one.why[:LONGEST_WHY],
        }
        upsert = statement.values(row).on_conflict_do_update(index_elements=list(_KEYS), set_={**told, **times})
        await db.execute(upsert)


async def counted(db: AsyncConnection, workspace_id: str, limit: int) -> list[NoiseCount]:
    """Return the most frequent ones."""
    query = sa.select(noise).where(noise.c.workspace_id == workspace_id)
    query = query.order_by(noise.c.times.desc(), noise.c.name, noise.c.service).limit(limit)
    rows: Sequence[Any] = (await db.execute(query)).all()
    return [
        NoiseCount(
            name=row.name,
            service=row.service or None,
            times=row.times,
            first_at=row.first_at,
            last_at=row.last_at,
            why=row.why,
            fingerprint=row.fingerprint,
        )
        for row in rows
    ]
