"""Signed checkpoints of the action log: they stand for the rows up to them, which are cut behind them."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import action_log, log_checkpoints


class Checkpoint(Frozen):
    """The last row of a chain that was cut; the next row follows its hash."""

    chain: str
    seq: int
    hash: str
    signature: str

    @property
    def text(self) -> str:
        """What is signed."""
        return text_of(self.chain, self.seq, self.hash)


class Prefix(Frozen):
    """The rows of a chain that are older than a time, up to the last of them."""

    chain: str
    incident_id: str | None
    seq: int
    hash: str
    rows: int
    texts: tuple[str, ...]


def text_of(chain: str, seq: int, digest: str) -> str:
    """Return what is signed of a checkpoint."""
    return f"checkpoint {chain} {seq} {digest}"


async def newest(db: AsyncConnection) -> dict[str, Checkpoint]:
    """Return the last checkpoint of each chain that has one."""
    query = sa.select(log_checkpoints).order_by(log_checkpoints.c.seq)
    names = Checkpoint.model_fields
    rows = (await db.execute(query)).mappings()
    return {row["chain"]: value_of(Checkpoint, {name: row[name] for name in names}) for row in rows}


async def older(db: AsyncConnection, workspace_id: str, before: datetime) -> list[Prefix]:
    """Return how each chain of a workspace begins with rows that are older than a time."""
    young = action_log.alias("young")
    first_young = sa.select(sa.func.min(young.c.seq)).where(young.c.chain == action_log.c.chain, young.c.at >= before)
    is_old = sa.func.coalesce(action_log.c.seq < first_young.scalar_subquery(), sa.true())
    query = sa.select(action_log).where(action_log.c.workspace_id == workspace_id, is_old)
    found: dict[str, list[sa.Row[tuple[object, ...]]]] = {}
    for row in await db.execute(query.order_by(action_log.c.chain, action_log.c.seq)):
        found.setdefault(row.chain, []).append(row)
    return [_prefix(rows) for rows in found.values()]


async def cut(db: AsyncConnection, workspace_id: str, at: Checkpoint, now: datetime) -> None:
    """Keep a checkpoint and delete the rows that it stands for."""
    values = {"workspace_id": workspace_id, "at": now, **at.model_dump()}
    await db.execute(sa.insert(log_checkpoints).values(values))
    covered = sa.and_(action_log.c.chain == at.chain, action_log.c.seq <= at.seq)
    await db.execute(sa.delete(action_log).where(covered))


def _prefix(rows: Sequence[sa.Row[tuple[object, ...]]]) -> Prefix:
    last = rows[-1]
    values = [value for row in rows for value in row.payload.values()]
    kept = tuple(str(value["text"]) for value in values if isinstance(value, dict) and "text" in value)
    return Prefix(
        chain=last.chain, incident_id=last.incident_id, seq=last.seq, hash=last.hash, rows=len(rows), texts=kept
    )
