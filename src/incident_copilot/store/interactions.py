"""Interactions with AI systems, redacted and scored before they come here; old ones are forgotten."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from incident_copilot.domain.observation import Interaction
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import interactions
from incident_copilot.store.upsert import insert_in


async def add_all(db: AsyncConnection, workspace_id: str, told: Sequence[Interaction]) -> frozenset[tuple[str, str]]:
    """Keep interactions, once each however often they are told; return system and id of those that are new."""
    rows = [
        {"workspace_id": workspace_id, **one.model_dump(exclude={"signals", "at"}), "at": one.at, "signals": _told(one)}
        for one in sorted({(one.system, one.id): one for one in told}.values(), key=lambda one: (one.system, one.id))
    ]
    if not rows:
        return frozenset()
    kept = await db.execute(_if_new(db.dialect.name), rows)
    return frozenset((row.system, row.id) for row in kept)


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
        interactions.c.workspace_id == workspace_id,
        interactions.c.system == system,
        interactions.c.at > since,
        interactions.c.at <= until,
    )
    newest = (interactions.c.at.desc(), interactions.c.id)
    order = (interactions.c.score.asc().nulls_last(), *newest) if worst_first else newest
    rows = (await db.execute(query.order_by(*order).limit(limit))).mappings()
    return [value_of(Interaction, dict(row)) for row in rows]


async def forget_before(db: AsyncConnection, workspace_id: str, then: datetime) -> int:
    """Delete the interactions before a time; return how many."""
    old = sa.and_(interactions.c.workspace_id == workspace_id, interactions.c.at <= then)
    return (await db.execute(sa.delete(interactions).where(old))).rowcount


@cache
def _if_new(dialect: str) -> ReturningInsert[tuple[str, str]]:
    """Built once: compiling it anew for each batch would hold up the loop."""
    statement = insert_in(dialect, interactions).on_conflict_do_nothing()
    return statement.returning(interactions.c.system, interactions.c.id)


def _told(one: Interaction) -> list[dict[str, object]]:
    return [signal.model_dump(mode="json") for signal in one.signals]
