"""Evaluations: the runs of sets of cases, newest first, by system and set."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.evaluation import EvaluationRun
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import evaluation_runs


async def add(db: AsyncConnection, workspace_id: str, run: EvaluationRun) -> None:
    """Keep a run."""
    row = {name: getattr(run, name) for name in ("id", "system", "suite", "at")}
    await db.execute(sa.insert(evaluation_runs).values(workspace_id=workspace_id, body=run.model_dump_json(), **row))


async def last(db: AsyncConnection, workspace_id: str, system: str, suite: str) -> EvaluationRun | None:
    """Return the newest run of a set; None where there is none."""
    found = await _some(db, workspace_id, 1, evaluation_runs.c.system == system, evaluation_runs.c.suite == suite)
    return found[0] if found else None


async def since(
    db: AsyncConnection, workspace_id: str, then: datetime, system: str | None = None, limit: int = 200
) -> list[EvaluationRun]:
    """Return the runs after a time, newest first; of one system where it is named."""
    own = [evaluation_runs.c.system == system] if system else []
    return await _some(db, workspace_id, limit, evaluation_runs.c.at > then, *own)


async def _some(
    db: AsyncConnection, workspace_id: str, limit: int, *which: sa.ColumnElement[bool]
) -> list[EvaluationRun]:
    query = sa.select(evaluation_runs.c.body).where(evaluation_runs.c.workspace_id == workspace_id, *which)
    newest = query.order_by(evaluation_runs.c.at.desc(), evaluation_runs.c.id.desc()).limit(limit)
    return [value_of(EvaluationRun, body) for body in (await db.execute(newest)).scalars()]
