"""Effects that are not settled: which wait, whose outcome nobody knows, and what ends them without being sent."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.effect import THROUGH_CHAT, Effect, EffectState
from incident_copilot.store.db import wake
from incident_copilot.store.effects import BODY, OPEN, of_row
from incident_copilot.store.tables import effects

_BATCH = 500


async def unsent(
    db: AsyncConnection, workspace_id: str, incident_id: str | None = None, *, before: datetime | None = None
) -> list[Effect]:
    """Return effects of an incident, or of the whole workspace, that wait and were never sent, oldest first.

    With `before`, those that were asked for before that time.
    """
    waits = sa.and_(
        effects.c.workspace_id == workspace_id, effects.c.state == EffectState.PENDING, effects.c.sent_at.is_(None)
    )
    query = sa.select(*BODY).where(waits)
    if incident_id:
        query = query.where(effects.c.incident_id == incident_id)
    if before:
        query = query.where(effects.c.created_at < before)
    return [of_row(row) for row in await db.execute(query.order_by(effects.c.created_at, effects.c.id))]


async def open_count(db: AsyncConnection, workspace_id: str) -> int:
    """Return how many effects are not settled."""
    waits = sa.and_(effects.c.workspace_id == workspace_id, effects.c.state.in_(OPEN))
    return (await db.execute(sa.select(sa.func.count()).select_from(effects).where(waits))).scalar_one()


async def awaited(db: AsyncConnection, workspace_id: str) -> list[Effect]:
    """Return pages and briefs that have not reached anybody for certain, oldest first."""
    here = sa.and_(effects.c.workspace_id == workspace_id, effects.c.state.in_(OPEN))
    what = sa.or_(effects.c.slot == "brief", effects.c.slot.like("notice:page:%"))
    query = sa.select(*BODY).where(here, what).order_by(effects.c.created_at, effects.c.id)
    return [of_row(row) for row in await db.execute(query)]


async def give_up(db: AsyncConnection, effect_id: str, error: str) -> list[Effect]:
    """Note that an effect that was never sent has failed, and return it; nothing where it is on its way by now."""
    waits = sa.and_(effects.c.id == effect_id, effects.c.state == EffectState.PENDING, effects.c.sent_at.is_(None))
    failed = sa.update(effects).where(waits).values(state=EffectState.FAILED, error=error)
    return [of_row(row) for row in await db.execute(failed.returning(*BODY))]


async def supersede(db: AsyncConnection, ids: Collection[str]) -> None:
    """Have effects that were never sent not done at all: something newer stands for them."""
    listed = list(ids)
    for start in range(0, len(listed), _BATCH):
        some = listed[start : start + _BATCH]
        waits = sa.and_(effects.c.id.in_(some), effects.c.state == EffectState.PENDING, effects.c.sent_at.is_(None))
        await db.execute(sa.update(effects).where(waits).values(state=EffectState.SUPERSEDED))
    wake(db, "effects")


async def answer(
    db: AsyncConnection, effect_id: str, *, happened: bool, by: str, found: Mapping[str, Any] | None = None
) -> Effect | None:
    """Record what a person says about an unknown outcome, and what was found of it; None when it is known already."""
    state = EffectState.DONE if happened else EffectState.FAILED
    error = None if happened else f"{by} says that it did not happen"
    asked = sa.and_(effects.c.id == effect_id, effects.c.state == EffectState.UNKNOWN, effects.c.asked)
    values = {"state": state, "error": error, "result": {**(found or {}), "answered_by": by}, "asked": False}
    row = (await db.execute(sa.update(effects).where(asked).values(values).returning(*BODY))).first()
    wake(db, "effects")
    return of_row(row) if row else None


async def hurry(db: AsyncConnection, workspace_id: str, now: datetime) -> None:
    """Have what was turned away while the chat was silent tried again at once, for it answers now."""
    turned_away = sa.and_(
        effects.c.workspace_id == workspace_id,
        effects.c.state == EffectState.PENDING,
        effects.c.effect_class.in_(THROUGH_CHAT),
        effects.c.attempts > 0,
        effects.c.run_at > now,
    )
    await db.execute(sa.update(effects).where(turned_away).values(run_at=now))
    wake(db, "effects")
