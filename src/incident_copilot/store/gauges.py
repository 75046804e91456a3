"""Gauges: how much runs, waits and has failed, counted in the database, so that every replica says the same."""

from datetime import datetime

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.store.answers import judged
from incident_copilot.store.effects import OPEN
from incident_copilot.store.egress import Rate, rates
from incident_copilot.store.tables import alerts, answers, dead_letters, effects, incidents, jobs, model_calls


class ModelUse(Frozen):
    """What a model was asked for one purpose."""

    purpose: str
    model: str
    answered: int
    failed: int
    input_tokens: int
    output_tokens: int


class Gauges(Frozen):
    """Counts of one moment; `oldest_...` is since when the first one waits, None where none does."""

    incidents: dict[str, int]
    alerts_waiting: int
    effects: dict[str, int]
    oldest_effect: Utc | None
    jobs: dict[str, int]
    oldest_job: Utc | None
    dead_letters: int
    model_use: tuple[ModelUse, ...]
    model_failures: dict[str, int]
    grounding: tuple[Rate, ...] = ()
    answers: dict[str, int] = Field(default_factory=dict)
    judged: tuple[int, int] = (0, 0)
    """Of all answers: how many people found helpful, and how many not."""


async def measure(db: AsyncConnection, workspace_id: str, now: datetime, models_since: datetime) -> Gauges:
    """Count what there is now; `model_...`, `grounding` and `answers` are of what was asked since a time."""
    is_real = incidents.c.body["test"].as_boolean().is_not(True)
    running = sa.and_(incidents.c.workspace_id == workspace_id, incidents.c.ended_at.is_(None), is_real)
    unsettled = sa.and_(effects.c.workspace_id == workspace_id, effects.c.state.in_(OPEN))
    due = sa.and_(jobs.c.workspace_id == workspace_id, jobs.c.state == "ready", jobs.c.run_at <= now)
    held = sa.and_(jobs.c.workspace_id == workspace_id, jobs.c.state.in_(["leased", "dead"]))
    letters = sa.and_(dead_letters.c.workspace_id == workspace_id, dead_letters.c.state == "waiting")
    return Gauges(
        incidents=await _counts(db, incidents.c.severity, running),
        alerts_waiting=await _count(db, alerts, sa.and_(alerts.c.workspace_id == workspace_id, alerts.c.waiting)),
        effects=await _counts(db, effects.c.state, unsettled),
        oldest_effect=await _first(db, effects.c.created_at, sa.and_(unsettled, effects.c.run_at <= now)),
        jobs={"due": await _count(db, jobs, due), **await _counts(db, jobs.c.state, held)},
        oldest_job=await _first(db, jobs.c.run_at, due),
        dead_letters=await _count(db, dead_letters, letters),
        model_use=await _model_use(db, workspace_id, models_since),
        grounding=tuple(await rates(db, workspace_id, models_since)),
        answers=await _counts(
            db, answers.c.outcome, sa.and_(answers.c.workspace_id == workspace_id, answers.c.at >= models_since)
        ),
        judged=await judged(db, workspace_id),
        model_failures=await _model_failures(db, workspace_id, models_since),
    )


async def _count(db: AsyncConnection, table: sa.Table, where: sa.ColumnElement[bool]) -> int:
    return (await db.execute(sa.select(sa.func.count()).select_from(table).where(where))).scalar_one()


async def _counts(db: AsyncConnection, by: sa.Column[str], where: sa.ColumnElement[bool]) -> dict[str, int]:
    found = await db.execute(sa.select(by, sa.func.count()).where(where).group_by(by).order_by(by))
    return {str(value): count for value, count in found}


async def _first(db: AsyncConnection, column: sa.Column[datetime], where: sa.ColumnElement[bool]) -> datetime | None:
    return (await db.execute(sa.select(sa.func.min(column)).where(where))).scalar()


async def _model_use(db: AsyncConnection, workspace_id: str, since: datetime) -> tuple[ModelUse, ...]:
    this = sa.and_(model_calls.c.workspace_id == workspace_id, model_calls.c.at >= since)
    keys = (model_calls.c.purpose, model_calls.c.model)
    answered = sa.func.sum(sa.case((model_calls.c.outcome == "answered", 1), else_=0))
    query = sa.select(
        *keys,
        answered.label("answered"),
        (sa.func.count() - answered).label("failed"),
        sa.func.sum(model_calls.c.input_tokens).label("input_tokens"),
        sa.func.sum(model_calls.c.output_tokens).label("output_tokens"),
    )
    found = await db.execute(query.where(this).group_by(*keys).order_by(*keys))
    return tuple(ModelUse(**row) for row in found.mappings())


async def _model_failures(db: AsyncConnection, workspace_id: str, since: datetime) -> dict[str, int]:
    """How many questions in a row each model has left without a usable answer by now."""
    this = sa.and_(model_calls.c.workspace_id == workspace_id, model_calls.c.at >= since)
    answered = sa.select(model_calls.c.model, sa.func.max(model_calls.c.id).label("id"))
    last = answered.where(this, model_calls.c.outcome == "answered").group_by(model_calls.c.model).subquery()
    is_later = sa.or_(last.c.id.is_(None), model_calls.c.id > last.c.id)
    query = (
        sa.select(model_calls.c.model, sa.func.sum(sa.case((is_later, 1), else_=0)))
        .select_from(model_calls.outerjoin(last, model_calls.c.model == last.c.model))
        .where(this)
        .group_by(model_calls.c.model)
        .order_by(model_calls.c.model)
    )
    return {model: int(count) for model, count in await db.execute(query)}
