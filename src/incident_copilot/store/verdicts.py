"""Verdicts: what each monitor said last of each metric of an AI system, one row a key."""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.verdict import Verdict
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import verdicts
from incident_copilot.store.upsert import insert


async def save(db: AsyncConnection, workspace_id: str, told: Sequence[Verdict]) -> None:
    """Keep verdicts in the place of what was said before of the same."""
    if not told:
        return
    rows = [
        {
            "workspace_id": workspace_id,
            "system": one.system,
            "key": hashlib.sha256(one.key.encode()).hexdigest()[:32],
            "outcome": one.outcome.value,
            "at": one.at,
            "body": body_of(one),
        }
        for one in sorted({one.key: one for one in told}.values(), key=lambda one: one.key)
    ]
    statement = insert(db, verdicts)
    anew = {name: statement.excluded[name] for name in ("outcome", "at", "body")}
    keys = [verdicts.c.workspace_id, verdicts.c.system, verdicts.c.key]
    await db.execute(statement.on_conflict_do_update(index_elements=keys, set_=anew), rows)


async def of(db: AsyncConnection, workspace_id: str, system: str | None = None) -> list[Verdict]:
    """Return what was said last, of one system or of all, by system, monitor, metric and group."""
    query = sa.select(verdicts.c.body).where(verdicts.c.workspace_id == workspace_id)
    query = query if system is None else query.where(verdicts.c.system == system)
    found = [value_of(Verdict, row) for row in (await db.execute(query)).scalars()]
    return sorted(found, key=lambda one: (one.system, one.monitor, one.metric, one.group))


async def forget(db: AsyncConnection, workspace_id: str, told: Sequence[Verdict]) -> None:
    """Delete what was said of what nobody monitors any more."""
    keys = [hashlib.sha256(one.key.encode()).hexdigest()[:32] for one in told]
    gone = sa.and_(verdicts.c.workspace_id == workspace_id, verdicts.c.key.in_(keys))
    await db.execute(sa.delete(verdicts).where(gone))
