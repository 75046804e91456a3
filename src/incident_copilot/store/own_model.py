"""What the copilot's own model did in a time: calls, words that were supported, and what people thought of it."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.tables import egress, feedback, model_calls, proposals, votes

ANSWERED, APPROVE = "answered", "approve"


class Counted(NamedTuple):
    """Sums over a time; `decided` are people's votes on proposals, `approved` those for them."""

    calls: int
    answered: int
    latency_ms: int
    latency_squares: float
    input_tokens: int
    output_tokens: int
    cost_usd: float
    sentences: int
    struck: int
    judged: int
    helpful: int
    decided: int
    approved: int


async def counted(db: AsyncConnection, workspace_id: str, since: datetime, until: datetime) -> Counted:
    """Return what was done after `since` and until `until`."""
    calls, words, opinions, said = model_calls.c, egress.c, feedback.c, votes.c
    latency = sa.cast(calls.latency_ms, sa.Float)
    asked = sa.select(
        sa.func.count(),
        _how_many(calls.outcome == ANSWERED),
        sa.func.sum(calls.latency_ms),
        sa.func.sum(latency * latency),
        sa.func.sum(calls.input_tokens),
        sa.func.sum(calls.output_tokens),
        sa.func.sum(calls.cost_usd),
    ).where(calls.workspace_id == workspace_id, calls.at > since, calls.at <= until)
    wrote = sa.select(sa.func.sum(words.sentences), sa.func.sum(words.struck)).where(
        words.workspace_id == workspace_id, words.at > since, words.at <= until, words.sentences.is_not(None)
    )
    thought = sa.select(sa.func.count(), _how_many(opinions.helpful)).where(
        opinions.workspace_id == workspace_id, opinions.at > since, opinions.at <= until
    )
    decided = (
        sa.select(sa.func.count(), _how_many(said.choice == APPROVE))
        .join(proposals, proposals.c.id == said.proposal_id)
        .where(proposals.c.workspace_id == workspace_id, said.at > since, said.at <= until)
    )
    found: list[Any] = []
    for query in (asked, wrote, thought, decided):
        found += (await db.execute(query)).one()
    return Counted(*(value or 0 for value in found))


def _how_many(holds: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((holds, 1), else_=0))
