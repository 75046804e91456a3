"""Snapshots of evidence: each is the files that belong to one row of the action log, and goes when that row is cut."""

import zlib
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.log import LogEntry
from incident_copilot.store.column_types import unpack
from incident_copilot.store.tables import snapshots


async def add(db: AsyncConnection, row: LogEntry, files: Mapping[str, bytes]) -> None:
    """Keep the files that a row of the log vouches for."""
    key = {"workspace_id": row.workspace_id, "chain": row.chain, "seq": row.seq}
    await db.execute(sa.insert(snapshots), [{**key, "name": name, "body": body} for name, body in files.items()])


async def files(db: AsyncConnection, row: LogEntry) -> dict[str, bytes]:
    """Return the files that a row of the log vouches for, by name; none where they are gone."""
    packed = sa.type_coerce(snapshots.c.body, sa.LargeBinary)
    query = sa.select(snapshots.c.name, packed.label("packed")).where(
        snapshots.c.workspace_id == row.workspace_id, snapshots.c.chain == row.chain, snapshots.c.seq == row.seq
    )
    return {one.name: _unpacked(one.packed) for one in await db.execute(query.order_by(snapshots.c.name))}


async def cut(db: AsyncConnection, workspace_id: str, chain: str, seq: int) -> None:
    """Delete what rows of a chain up to one of them vouched for; call it once their checkpoint is written."""
    covered = sa.and_(snapshots.c.chain == chain, snapshots.c.seq <= seq)
    await db.execute(sa.delete(snapshots).where(snapshots.c.workspace_id == workspace_id, covered))


def _unpacked(packed: bytes) -> bytes:
    """Return a file; as it is stored where it cannot be unpacked, which is not what its manifest says."""
    try:
        return unpack(packed)
    except zlib.error:
        return packed
