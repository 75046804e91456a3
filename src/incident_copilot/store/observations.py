"""Observations of AI systems: figures as they were told, read in bounded windows; old ones are folded by the hour."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import new_id
from incident_copilot.domain.observation import Figure, Observed, Snapshot, pooled, row_id
from incident_copilot.store import spans
from incident_copilot.store.tables import observations
from incident_copilot.store.upsert import insert_new

MOST = 20_000
"""How many figures one read returns at the most: the newest."""
_IDS = 1000
"""Rows that one statement deletes."""
_FIGURE = ("metric", "group", "value", "n", "successes", "squares", "baseline", "counts", "history")
_READ = ("at", "labels", *_FIGURE)


async def add_all(db: AsyncConnection, workspace_id: str, told: Sequence[Snapshot]) -> int:
    """Keep figures, once each however often they are told; return how many are new."""
    rows = {
        row_id(snapshot, figure): {
            "workspace_id": workspace_id,
            "system": snapshot.system,
            "at": snapshot.at,
            "labels": snapshot.labels,
            "folded": False,
            **figure.model_dump(),
        }
        for snapshot in told
        for figure in snapshot.figures
    }
    ordered = [{"id": key, **row} for key, row in sorted(rows.items())]
    return len(await insert_new(db, observations, ordered, observations.c.id))


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
    query = sa.select(*(observations.c[name] for name in _READ)).where(
        spans.of_system(observations, workspace_id, system, since, until)
    )
    if metrics is not None:
        query = query.where(observations.c.metric.in_(sorted(metrics)))
    newest = query.order_by(observations.c.at.desc(), observations.c.id).limit(limit)
    return [_observed(*row) for row in (await db.execute(newest)).all()][::-1]


async def sums(
    db: AsyncConnection, workspace_id: str, system: str, since: datetime, until: datetime
) -> tuple[float, ...]:
    """Return number and sums of the figures of a time: while these are the same, so is what was told."""
    every = observations.c
    query = sa.select(sa.func.count(), sa.func.sum(every.n), sa.func.sum(every.successes), sa.func.sum(every.value))
    found = await db.execute(query.where(spans.of_system(observations, workspace_id, system, since, until)))
    return tuple(float(one or 0) for one in found.one())


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
    """Delete what was observed until a time; return how many figures."""
    return await spans.forget_before(db, observations, workspace_id, then)


async def fold_before(db: AsyncConnection, workspace_id: str, then: datetime, limit: int = 5000) -> int:
    """Make one figure an hour of what was observed before a time, the oldest `limit` at the most; return how many.

    Evaluations stay as they are: each is a run of its own.
    """
    query = (
        sa.select(observations)
        .where(
            observations.c.workspace_id == workspace_id,
            observations.c.folded.is_(False),
            observations.c.at <= then,
            observations.c.metric.not_like("evaluation.%"),
        )
        .order_by(observations.c.at, observations.c.id)
        .limit(limit)
    )
    rows = (await db.execute(query)).mappings().all()
    hours: dict[tuple[str, ...], list[sa.RowMapping]] = {}
    for row in rows:
        hours.setdefault(_place(row), []).append(row)
    folded = [_folded(workspace_id, parts) for _, parts in sorted(hours.items())]
    taken = [row["id"] for row in rows]
    for first in range(0, len(taken), _IDS):
        some = observations.c.id.in_(taken[first : first + _IDS])
        await db.execute(sa.delete(observations).where(observations.c.workspace_id == workspace_id, some))
    if folded:
        await db.execute(sa.insert(observations), folded)
    return len(rows)


def _observed(at: datetime, labels: dict[str, str], *figure: Any) -> Observed:
    """Rows were checked when they were told: a window holds thousands of them."""
    fields = dict(zip(_FIGURE, figure, strict=True))
    fields["history"] = tuple(fields["history"])
    return Observed.model_construct(at=at, labels=labels, figure=Figure.model_construct(**fields))


def _place(row: sa.RowMapping) -> tuple[str, ...]:
    """What is folded into one: figures of one metric, group, labels and hour."""
    hour = f"{row['at']:%Y-%m-%dT%H}"
    return row["system"], hour, row["metric"], row["group"], json.dumps(row["labels"], sort_keys=True)


def _folded(workspace_id: str, parts: Sequence[sa.RowMapping]) -> dict[str, object]:
    """A part that comes late is folded into a figure of its own; both are added up when they are read."""
    last = parts[-1]
    figures = [_observed(*(part[name] for name in _READ)).figure for part in parts]
    together = pooled(figures) or figures[-1]
    return {
        "workspace_id": workspace_id,
        "id": new_id(last["at"]),
        "system": last["system"],
        "at": last["at"],
        "labels": last["labels"],
        "folded": True,
        **together.model_dump(),
    }
