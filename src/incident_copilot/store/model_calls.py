"""Calls of the language model: what for, how long, how many tokens."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import new_id
from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.store.tables import incidents, model_calls


async def add(
    db: AsyncConnection, *, workspace_id: str, incident_id: str | None, purpose: str, call: ModelCall, now: datetime
) -> None:
    """Keep one call."""
    row = {"id": new_id(now), "workspace_id": workspace_id, "incident_id": incident_id, "at": now, "purpose": purpose}
    await db.execute(sa.insert(model_calls).values(**row, **call.model_dump()))


async def count_since(db: AsyncConnection, workspace_id: str, since: datetime) -> int:
    """Return how many calls were made since a time."""
    query = sa.select(sa.func.count()).where(model_calls.c.workspace_id == workspace_id, model_calls.c.at >= since)
    return int((await db.execute(query)).scalar_one())


async def made_since(db: AsyncConnection, workspace_id: str, then: datetime) -> list[tuple[datetime, str, ModelCall]]:
    """Return the calls made since a time, oldest first: when, what for, and the call."""
    query = (
        sa.select(model_calls)
        .where(model_calls.c.workspace_id == workspace_id, model_calls.c.at >= then)
        .order_by(model_calls.c.id)
    )
    return [(row["at"], row["purpose"], _call(row)) for row in (await db.execute(query)).mappings()]


async def of_incident(db: AsyncConnection, incident_id: str) -> list[ModelCall]:
    """Return the calls made for an incident, oldest first."""
    query = sa.select(model_calls).where(model_calls.c.incident_id == incident_id).order_by(model_calls.c.id)
    return [_call(row) for row in (await db.execute(query)).mappings()]


async def spent(
    db: AsyncConnection, workspace_id: str, *, incident_id: str | None = None, since: datetime | None = None
) -> Spent:
    """Return what calls took together, of one incident or since a time."""
    query = sa.select(*_SUMS).where(model_calls.c.workspace_id == workspace_id)
    query = query if incident_id is None else query.where(model_calls.c.incident_id == incident_id)
    query = query if since is None else query.where(model_calls.c.at >= since)
    return _spent(*(await db.execute(query)).one())


async def spent_by_incident(db: AsyncConnection, workspace_id: str, since: datetime) -> dict[int, Spent]:
    """Return what calls took since a time, by the number of the incident that they were made for."""
    query = (
        sa.select(incidents.c.number, *_SUMS)
        .join(incidents, incidents.c.id == model_calls.c.incident_id)
        .where(model_calls.c.workspace_id == workspace_id, model_calls.c.at >= since)
        .group_by(incidents.c.number)
        .order_by(incidents.c.number)
    )
    return {number: _spent(*sums) for number, *sums in (await db.execute(query)).all()}


_SUMS = (
    sa.func.count(model_calls.c.id),
    sa.func.sum(model_calls.c.input_tokens + model_calls.c.output_tokens),
    sa.func.sum(model_calls.c.cost_usd),
    sa.func.sum(model_calls.c.latency_ms),
)


def _spent(steps: int, tokens: int | None, usd: float | None, ms: int | None) -> Spent:
    return Spent(steps=steps, tokens=tokens or 0, usd=usd or 0.0, seconds=(ms or 0) / 1000)


def _call(row: sa.RowMapping) -> ModelCall:
    """Rows of releases that noted less have NULL there."""
    return ModelCall(**{name: row[name] for name in ModelCall.model_fields if row[name] is not None})
