"""The inbox: one row per delivery, so that the same one twice is known (promise P2)."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from incident_copilot.domain.base import new_id
from incident_copilot.store import tables
from incident_copilot.store.upsert import insert_in


class Arrived(NamedTuple):
    """One delivery: where it came in, the key that makes it one, what it said."""

    source: str
    key: str
    body: str


async def add(db: AsyncConnection, *, workspace_id: str, source: str, key: str, body: str, now: datetime) -> bool:
    """Record a delivery; False when it was recorded before."""
    return (await add_all(db, workspace_id, [Arrived(source, key, body)], now))[0]


async def add_all(db: AsyncConnection, workspace_id: str, arrived: Sequence[Arrived], now: datetime) -> list[bool]:
    """Record deliveries; return for each whether it is new, which of two with one key is only the first."""
    rows = [
        {
            "id": new_id(now),
            "workspace_id": workspace_id,
            "source": one.source,
            "delivery_key": one.key,
            "received_at": now,
            "body": one.body,
        }
        for one in arrived
    ]
    # In one order, so that two processes never wait for each other in a circle; of one key the first comes first.
    in_order = sorted(rows, key=lambda row: (row["source"], row["delivery_key"]))
    new = set((await db.execute(_if_new(db.dialect.name), in_order)).scalars())
    return [row["id"] in new for row in rows]


async def body_of(db: AsyncConnection, workspace_id: str, source: str, key: str) -> str:
    """Return the body of a delivery that is known to be stored."""
    query = sa.select(tables.deliveries.c.body).where(
        tables.deliveries.c.workspace_id == workspace_id,
        tables.deliveries.c.source == source,
        tables.deliveries.c.delivery_key == key,
    )
    return str((await db.execute(query)).scalar_one())


async def forget_body(db: AsyncConnection, workspace_id: str, source: str, key: str) -> None:
    """Drop what a delivery said, once it is taken in; that it came stays known."""
    this = sa.and_(
        tables.deliveries.c.workspace_id == workspace_id,
        tables.deliveries.c.source == source,
        tables.deliveries.c.delivery_key == key,
    )
    await db.execute(sa.update(tables.deliveries).where(this).values(body=""))


@cache
def _if_new(dialect: str) -> ReturningInsert[str]:
    return insert_in(dialect, tables.deliveries).on_conflict_do_nothing().returning(tables.deliveries.c.id)
