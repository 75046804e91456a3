"""Outcomes: how the incident that an alert opened turned out, one row an incident."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.track_record import LATEST, TrackRecord, TurnedOut
from incident_copilot.store.tables import outcomes
from incident_copilot.store.upsert import insert

LONGEST = 200  # the columns' lengths
LOOKED_AT = 2000
"""How many incidents of a workspace are looked back at for a list of alerts."""


async def note(
    db: AsyncConnection,
    workspace_id: str,
    incident_id: str,
    *,
    name: str,
    service: str | None,
    outcome: TurnedOut,
    ended_at: datetime,
    lasted_s: float | None = None,
    worst: float | None = None,
    bound: float | None = None,
) -> None:
    """Note how an incident turned out; once more where it ended again.

    `lasted_s` is how long its alert fired, `worst` how far its metric went and `bound` its limit, where that is known.
    """
    told: dict[str, object] = {"name": name[:LONGEST], "service": (service or "")[:LONGEST], "outcome": outcome}
    told |= {"ended_at": ended_at, "lasted_s": lasted_s, "worst": worst, "bound": bound}
    statement = insert(db, outcomes).values(workspace_id=workspace_id, incident_id=incident_id, **told)
    keys = [outcomes.c.workspace_id, outcomes.c.incident_id]
    await db.execute(statement.on_conflict_do_update(index_elements=keys, set_=told))


async def take_back(db: AsyncConnection, workspace_id: str, incident_id: str) -> None:
    """Forget how an incident turned out: it runs again."""
    this = sa.and_(outcomes.c.workspace_id == workspace_id, outcomes.c.incident_id == incident_id)
    await db.execute(sa.delete(outcomes).where(this))


async def of(db: AsyncConnection, workspace_id: str, name: str, service: str | None) -> TrackRecord:
    """Return how the latest incidents of an alert turned out."""
    here = sa.and_(
        outcomes.c.workspace_id == workspace_id,
        outcomes.c.name == name[:LONGEST],
        outcomes.c.service == (service or "")[:LONGEST],
    )
    query = (
        sa.select(outcomes.c.outcome).where(here).order_by(outcomes.c.ended_at.desc(), outcomes.c.incident_id.desc())
    )
    latest = (await db.execute(query.limit(LATEST))).scalars()
    return TrackRecord(latest=tuple(TurnedOut(one) for one in latest))


async def lately(db: AsyncConnection, workspace_id: str) -> dict[tuple[str, str | None], TrackRecord]:
    """Return the records of all alerts that opened one of the latest incidents, by name and service."""
    query = sa.select(outcomes).where(outcomes.c.workspace_id == workspace_id)
    query = query.order_by(outcomes.c.ended_at.desc(), outcomes.c.incident_id.desc()).limit(LOOKED_AT)
    rows: Sequence[Any] = (await db.execute(query)).all()
    found: dict[tuple[str, str | None], list[TurnedOut]] = {}
    for row in rows:
        found.setdefault((row.name, row.service or None), []).append(TurnedOut(row.outcome))
    return {key: TrackRecord(latest=tuple(latest[:LATEST])) for key, latest in sorted(found.items(), key=_named)}


def _named(item: tuple[tuple[str, str | None], object]) -> tuple[str, str]:
    (name, service), _ = item
    return name, service or ""
