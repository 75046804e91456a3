"""Who is on call by schedules elsewhere, as last read: one row a schedule."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.rotation import OnDuty
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import duties
from incident_copilot.store.upsert import insert


class Duty(Frozen):
    """What a schedule said when it was last read, and what has gone wrong since."""

    source: str
    schedule: str
    people: tuple[OnDuty, ...] = ()
    read_at: Utc | None = None
    problem: str | None = None


async def note(
    db: AsyncConnection, workspace_id: str, source: str, schedule: str, people: Sequence[OnDuty], now: datetime
) -> None:
    """Keep what a schedule says now."""
    told = {"people": [one.model_dump(mode="json") for one in people], "read_at": now, "problem": None}
    await _keep(db, {"workspace_id": workspace_id, "source": source, "schedule": schedule, **told}, told)


async def note_problem(db: AsyncConnection, workspace_id: str, source: str, schedule: str, problem: str) -> None:
    """Keep why a schedule could not be read; what it said before stays."""
    keys = {"workspace_id": workspace_id, "source": source, "schedule": schedule}
    await _keep(db, {**keys, "people": [], "problem": problem}, {"problem": problem})


async def of(db: AsyncConnection, workspace_id: str) -> dict[tuple[str, str], Duty]:
    """Return what all schedules said last, by source and schedule."""
    query = sa.select(*(duties.c[name] for name in Duty.model_fields)).where(duties.c.workspace_id == workspace_id)
    found = [value_of(Duty, dict(row)) for row in (await db.execute(query)).mappings()]
    return {(one.source, one.schedule): one for one in found}


async def _keep(db: AsyncConnection, row: dict[str, object], changed: dict[str, object]) -> None:
    keys = [duties.c.workspace_id, duties.c.source, duties.c.schedule]
    await db.execute(insert(db, duties).values(row).on_conflict_do_update(index_elements=keys, set_=changed))
