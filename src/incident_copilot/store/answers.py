"""Answers that people were given: who asked, about which incident, how it was answered; and what they thought of it."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.tables import answers, feedback
from incident_copilot.store.upsert import insert

ANSWERING, STOPPED = "answering", "stopped"


class Ended(NamedTuple):
    """How an answer came about: by which model, if by one, and how many of its sentences code struck."""

    outcome: str
    model: str | None = None
    sentences: int = 0
    struck: int = 0


async def begin(
    db: AsyncConnection,
    workspace_id: str,
    answer_id: str,
    *,
    incident_id: str | None,
    person: str,
    channel: str,
    thread_ts: str,
    topic: str,
    now: datetime,
) -> None:
    """Note that somebody is being answered."""
    row = {"workspace_id": workspace_id, "id": answer_id, "incident_id": incident_id, "person": person, "at": now}
    place = {"channel": channel, "thread_ts": thread_ts, "topic": topic[:40]}
    await db.execute(sa.insert(answers).values(**row, **place, outcome=ANSWERING, took_ms=0, sentences=0, struck=0))


async def finish(db: AsyncConnection, workspace_id: str, answer_id: str, ended: Ended, took_ms: int) -> bool:
    """Note how somebody was answered; False where people stopped it before."""
    this = sa.and_(answers.c.workspace_id == workspace_id, answers.c.id == answer_id, answers.c.outcome == ANSWERING)
    values = {**ended._asdict(), "outcome": ended.outcome[:60], "took_ms": took_ms}
    return (await db.execute(sa.update(answers).where(this).values(values))).rowcount == 1


async def stop(db: AsyncConnection, workspace_id: str, channel: str, thread_ts: str) -> list[str | None]:
    """Stop what is being answered in a thread; return the incidents that it is about."""
    these = sa.and_(
        answers.c.workspace_id == workspace_id,
        answers.c.channel == channel,
        answers.c.thread_ts == thread_ts,
        answers.c.outcome == ANSWERING,
    )
    stopped = sa.update(answers).where(these).values(outcome=STOPPED).returning(answers.c.incident_id)
    return list((await db.execute(stopped)).scalars())


async def talked_of(db: AsyncConnection, workspace_id: str, channel: str, thread_ts: str) -> str | None:
    """Return the incident that the last answer in a thread was about, or None."""
    query = sa.select(answers.c.incident_id).where(
        answers.c.workspace_id == workspace_id,
        answers.c.channel == channel,
        answers.c.thread_ts == thread_ts,
        answers.c.incident_id.is_not(None),
    )
    return (await db.execute(query.order_by(answers.c.id.desc()).limit(1))).scalar()


async def asked_at(db: AsyncConnection, workspace_id: str, incident_id: str) -> frozenset[str]:
    """Return where questions about an incident began, as channel:ts."""
    query = sa.select(answers.c.channel, answers.c.thread_ts).where(
        answers.c.workspace_id == workspace_id, answers.c.incident_id == incident_id
    )
    return frozenset(f"{row.channel}:{row.thread_ts}" for row in await db.execute(query))


async def outcome_of(db: AsyncConnection, workspace_id: str, answer_id: str) -> str | None:
    """Return how an answer ended, or None where there is none with this id."""
    query = sa.select(answers.c.outcome).where(answers.c.workspace_id == workspace_id, answers.c.id == answer_id)
    return (await db.execute(query)).scalar()


async def judge(
    db: AsyncConnection, workspace_id: str, answer_id: str, person: str, *, helpful: bool, now: datetime
) -> None:
    """Keep what somebody thinks of an answer; their last word counts."""
    key = {"workspace_id": workspace_id, "answer_id": answer_id, "person": person}
    upsert = insert(db, feedback).values(**key, helpful=helpful, at=now)
    said = {"helpful": helpful, "at": now}
    await db.execute(upsert.on_conflict_do_update(index_elements=list(key), set_=said))


async def judged(db: AsyncConnection, workspace_id: str) -> tuple[int, int]:
    """Return how many answers were found helpful, and how many not."""
    helpful = sa.func.sum(sa.case((feedback.c.helpful, 1), else_=0))
    query = sa.select(helpful, sa.func.count()).where(feedback.c.workspace_id == workspace_id)
    good, total = (await db.execute(query)).one()
    return int(good or 0), int(total) - int(good or 0)
