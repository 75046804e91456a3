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

_MILLISECOND = 12
"""How many digits of an id say when it was made."""


class Arrived(NamedTuple):
    """One delivery: where it came in, the key that makes it one, what it said."""

    source: str
    key: str
    body: str


class Received(NamedTuple):
    """One delivery as it is stored."""

    source: str
    received_at: datetime
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


async def at(db: AsyncConnection, workspace_id: str, times: Sequence[datetime]) -> list[Received]:
    """Return the deliveries that came at these moments, in their order; not those whose body is forgotten."""
    table, found = tables.deliveries, []
    columns = (table.c.source, table.c.received_at, table.c.body)
    for time in sorted(times):
        # An id begins with its millisecond, so that the key finds what has no index of its own.
        millisecond = new_id(time)[:_MILLISECOND]
        here = sa.and_(table.c.workspace_id == workspace_id, table.c.id.between(millisecond, f"{millisecond}g"))
        query = sa.select(*columns).where(here, table.c.received_at == time).order_by(table.c.id)
        found += [Received(*row) for row in await db.execute(query) if row.body]
    return found


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
