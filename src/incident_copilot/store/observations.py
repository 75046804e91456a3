"""Observations of AI systems: figures as they were told, read in bounded windows; old ones are folded by the hour."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.observation import Figure, Observed, Snapshot, row_id
from incident_copilot.store.tables import observations
from incident_copilot.store.upsert import insert

MOST = 20_000
"""How many figures one read returns at the most: the newest."""
_COLUMNS = ("metric", "group", "value", "n", "successes", "squares", "baseline", "counts")


async def add_all(db: AsyncConnection, workspace_id: str, told: Sequence[Snapshot]) -> int:
    """Keep figures, once each however often they are told; return how many are new."""
    rows = {
        row_id(snapshot, figure): {
            "workspace_id": workspace_id,
            "system": snapshot.system,
            "at": snapshot.at,
            "labels": snapshot.labels,
            **figure.model_dump(),
        }
        for snapshot in told
        for figure in snapshot.figures
    }
    # In one order, so that two processes never wait for each other in a circle.
    ordered = [{"id": key, **row} for key, row in sorted(rows.items())]
    new = 0
    for first in range(0, len(ordered), _AT_ONCE):
        statement = insert(db, observations).values(ordered[first : first + _AT_ONCE])
        new += (await db.execute(statement.on_conflict_do_nothing())).rowcount
    return new


async def between(
    db: AsyncConnection,
    workspace_id: str,
    system: str,
    since: datetime,
    until: datetime,
    metrics: Collection[str] | None = None,
    limit: int = MOST,
) -> list[Observed]:
    """Return the figures of a time, oldest first, the newest `limit` at the most; of some metrics where given."""
    query = sa.select(observations).where(
        observations.c.workspace_id == workspace_id,
        observations.c.system == system,
        observations.c.at > since,
        observations.c.at <= until,
    )
    if metrics is not None:
        query = query.where(observations.c.metric.in_(sorted(metrics)))
    newest = query.order_by(observations.c.at.desc(), observations.c.id).limit(limit)
    return [_observed(row) for row in (await db.execute(newest)).mappings()][::-1]


async def systems(db: AsyncConnection, workspace_id: str, since: datetime) -> list[str]:
    """Return the systems of which something was observed since a time, by name."""
    query = (
        sa.select(observations.c.system)
        .where(observations.c.workspace_id == workspace_id, observations.c.at > since)
        .distinct()
        .order_by(observations.c.system)
    )
    return list((await db.execute(query)).scalars())


async def forget_before(db: AsyncConnection, workspace_id: str, then: datetime) -> int:
    """Delete what was observed before a time; return how many figures."""
    old = sa.and_(observations.c.workspace_id == workspace_id, observations.c.at <= then)
    return (await db.execute(sa.delete(observations).where(old))).rowcount


_AT_ONCE = 200
"""Rows of one statement: SQLite takes 32,766 values in one, PostgreSQL's driver 32,767."""


def _observed(row: sa.RowMapping) -> Observed:
    figure = Figure.model_construct(**{name: row[name] for name in _COLUMNS}, history=tuple(row["history"]))
    return Observed.model_construct(at=row["at"], figure=figure, labels=row["labels"])
