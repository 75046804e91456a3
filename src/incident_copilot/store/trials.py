"""Trials: what came of each suggestion, a row for each adviser behind it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.advice import Came, Trial
from incident_copilot.store.learning_tables import trials
from incident_copilot.store.upsert import insert

LOOKED_AT = 5_000
"""How many of a workspace are looked back at, newest first."""


async def note(
    db: AsyncConnection,
    workspace_id: str,
    advisers: Sequence[str],
    *,
    proposal_id: str,
    incident_id: str,
    came: Came,
    at: datetime,
) -> None:
    """Note what came of a suggestion; what was noted of it before is replaced."""
    told = {"incident_id": incident_id, "came": came, "at": at}
    keys = [trials.c.workspace_id, trials.c.adviser, trials.c.proposal_id]
    for adviser in sorted(set(advisers)):
        row = {"workspace_id": workspace_id, "adviser": adviser, "proposal_id": proposal_id, **told}
        await db.execute(insert(db, trials).values(row).on_conflict_do_update(index_elements=keys, set_=told))


async def every(db: AsyncConnection, workspace_id: str) -> dict[str, list[Trial]]:
    """Return the latest trials by adviser, newest first."""
    query = sa.select(trials).where(trials.c.workspace_id == workspace_id)
    newest = query.order_by(trials.c.at.desc(), trials.c.proposal_id.desc()).limit(LOOKED_AT)
    found: dict[str, list[Trial]] = {}
    for row in await db.execute(newest):
        found.setdefault(row.adviser, []).append(Trial(came=Came(row.came), at=row.at))
    return found


async def of(db: AsyncConnection, workspace_id: str, adviser: str) -> list[Trial]:
    """Return the trials of one adviser, newest first."""
    query = sa.select(trials.c.came, trials.c.at).where(*_this(workspace_id, adviser))
    rows = await db.execute(query.order_by(trials.c.at.desc()).limit(LOOKED_AT))
    return [Trial(came=Came(row.came), at=row.at) for row in rows]


async def forget(db: AsyncConnection, workspace_id: str, adviser: str) -> int:
    """Forget the trials of an adviser; return how many there were."""
    return int((await db.execute(sa.delete(trials).where(*_this(workspace_id, adviser)))).rowcount)


def _this(workspace_id: str, adviser: str) -> tuple[sa.ColumnElement[bool], ...]:
    return trials.c.workspace_id == workspace_id, trials.c.adviser == adviser
