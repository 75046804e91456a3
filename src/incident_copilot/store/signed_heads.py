"""The signed heads of the action log's chains: one row a day."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import signed_heads
from incident_copilot.store.upsert import insert_if_new


class Signed(Frozen):
    """What was signed on a day, as it was signed, and the signature in hex."""

    day: str
    body: str
    signature: str


async def add(db: AsyncConnection, workspace_id: str, signed: Signed, now: datetime) -> bool:
    """Keep the heads of a day; False where that day has some."""
    return await insert_if_new(db, signed_heads, {"workspace_id": workspace_id, "at": now, **signed.model_dump()})


async def every(db: AsyncConnection, workspace_id: str) -> list[Signed]:
    """Return all of them, oldest first."""
    columns = [signed_heads.c[name] for name in Signed.model_fields]
    query = sa.select(*columns).where(signed_heads.c.workspace_id == workspace_id).order_by(signed_heads.c.day)
    return [value_of(Signed, dict(row)) for row in (await db.execute(query)).mappings()]
