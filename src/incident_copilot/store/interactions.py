"""Interactions with AI systems, redacted and scored before they come here; old ones are forgotten."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.observation import Interaction
from incident_copilot.store import spans
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import interactions
from incident_copilot.store.upsert import insert_new


async def add_all(db: AsyncConnection, workspace_id: str, told: Sequence[Interaction]) -> frozenset[tuple[str, str]]:
    """Keep interactions, once each however often they are told; return system and id of those that are new."""
    rows = [
        {"workspace_id": workspace_id, **one.model_dump(exclude={"signals", "at"}), "at": one.at, "signals": _told(one)}
        for one in sorted({(one.system, one.id): one for one in told}.values(), key=lambda one: (one.system, one.id))
    ]
    return await insert_new(db, interactions, rows, interactions.c.system, interactions.c.id)


async def between(
    db: AsyncConnection,
    workspace_id: str,
    system: str,
    since: datetime,
    until: datetime,
    limit: int = 1000,
    worst_first: bool = False,
) -> list[Interaction]:
    """Return the interactions of a time, newest first or those with the lowest score first."""
    query = sa.select(*(interactions.c[name] for name in Interaction.model_fields)).where(
        spans.of_system(interactions, workspace_id, system, since, until)
    )
    newest = (interactions.c.at.desc(), interactions.c.id)
    order = (interactions.c.score.asc().nulls_last(), *newest) if worst_first else newest
    rows = (await db.execute(query.order_by(*order).limit(limit))).mappings()
    return [value_of(Interaction, dict(row)) for row in rows]


async def forget_before(db: AsyncConnection, workspace_id: str, then: datetime) -> int:
    """Delete the interactions until a time; return how many."""
    return await spans.forget_before(db, interactions, workspace_id, then)


def _told(one: Interaction) -> list[dict[str, object]]:
    return [signal.model_dump(mode="json") for signal in one.signals]
