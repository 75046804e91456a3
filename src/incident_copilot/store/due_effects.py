"""Which effects may go out now: the first of each stream, the most urgent first.

The work goes by the number of streams, not of effects: after an outage thousands wait in a few of them.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.effect import DEEDS, THROUGH_CHAT, EffectState, Place
from incident_copilot.store.db import Db
from incident_copilot.store.effects import BODY, OPEN, SENDING, Waiting, of_row
from incident_copilot.store.tables import effects

_SETTLED = (EffectState.DONE, EffectState.FAILED, EffectState.SUPERSEDED)


class Spot(Frozen):
    """Where something is shown: a place, and for the incident's own place whose it is."""

    workspace_id: str
    place: Place
    incident_id: str | None = None


async def due(
    db: AsyncConnection,
    now: datetime,
    limit: int,
    *,
    after: Waiting | None = None,
    closed: Collection[Spot] = (),
    away: Collection[str] = (),
    paused: Collection[str] = (),
) -> list[Waiting]:
    """Return effects that may go out now, the most urgent first, or those that come `after` one returned before.

    What would show something at a `closed` spot is left out, unless it may have been sent already; so is all that goes
    through the chat of a workspace that is `away`, what leaves one that is `paused`, and what only a newer release
    knows how to do.
    """
    query = _due(db.dialect.name)
    for spot in closed:
        query = query.where(sa.or_(effects.c.sent_at.is_not(None), ~_is_at(spot)))
    if away:
        through_chat = effects.c.effect_class.in_(THROUGH_CHAT)
        query = query.where(~sa.and_(through_chat, effects.c.workspace_id.in_(away)))
    if paused:
        query = query.where(~sa.and_(_leaves(), effects.c.workspace_id.in_(paused)))
    if after:
        position = sa.tuple_(sa.literal(after.effect.priority), sa.literal(after.effect.id))
        query = query.where(sa.tuple_(effects.c.priority, effects.c.id) > position)
    found = await db.execute(query, {"now": now, "clock": await Db.clock(db), "most": limit})
    return [Waiting(effect=of_row(row), sent_at=row.sent_at, sends=row.sends) for row in found]


async def next_due(db: AsyncConnection, now: datetime) -> datetime | None:
    """Return the next time after `now` at which an effect becomes due or a lease runs out; None when nothing waits."""
    offset = now - await Db.clock(db)
    next_ready, next_expiring = (await db.execute(_next_due(), {"now": now})).one()
    times = [next_ready, next_expiring + offset if next_expiring else None]
    return min((time for time in times if time), default=None)


def _is_at(spot: Spot) -> sa.ColumnElement[bool]:
    # The place is NULL for what shows nothing: that is nowhere.
    here = [effects.c.workspace_id == spot.workspace_id, sa.func.coalesce(effects.c.place, "") == spot.place]
    if spot.place is Place.INCIDENT:
        here.append(sa.func.coalesce(effects.c.incident_id, "") == (spot.incident_id or ""))
    return sa.and_(*here)


# These run at each look at the outbox, so they are built once.


@cache
def _due(dialect: str) -> sa.Select[Any]:
    expired = sa.and_(effects.c.state == EffectState.LEASED, effects.c.lease_until < sa.bindparam("clock"))
    return (
        sa.select(*BODY, *SENDING)
        .select_from(_first_of_each_stream())
        .where(sa.or_(expired, sa.and_(_ready(), effects.c.run_at <= sa.bindparam("now"))), ~_needs_unsettled(dialect))
        .where(effects.c.deed["do"].as_string().in_(DEEDS))
        .order_by(effects.c.priority, effects.c.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


@cache
def _next_due() -> sa.Select[Any]:
    later = effects.c.run_at > sa.bindparam("now")
    ready = sa.select(sa.func.min(effects.c.run_at)).where(_ready(), later).scalar_subquery()
    leased = effects.c.state == EffectState.LEASED
    expiring = sa.select(sa.func.min(effects.c.lease_until)).where(leased).scalar_subquery()
    return sa.select(ready, expiring)


@cache
def _leaves() -> sa.ColumnElement[bool]:
    """Whether an effect goes to customers, or anywhere but to the chat."""
    to_customers = sa.func.coalesce(effects.c.place, "") == Place.CUSTOMER_UPDATES
    return sa.or_(effects.c.effect_class.not_in(THROUGH_CHAT), to_customers)


@cache
def _ready() -> sa.ColumnElement[bool]:
    return sa.or_(
        effects.c.state == EffectState.PENDING, sa.and_(effects.c.state == EffectState.UNKNOWN, ~effects.c.asked)
    )


@cache
def _first_of_each_stream() -> sa.FromClause:
    """The effects with none before them in their stream that is not settled."""
    one = effects.alias("one")
    first = (
        sa.select(one.c.workspace_id, one.c.stream, sa.func.min(one.c.seq).label("seq"))
        .where(one.c.state.in_(OPEN))
        .group_by(one.c.workspace_id, one.c.stream)
        .subquery("first")
    )
    same = [effects.c[name] == first.c[name] for name in ("workspace_id", "stream", "seq")]
    return sa.join(first, effects, sa.and_(*same))


@cache
def _needs_unsettled(dialect: str) -> sa.ColumnElement[bool]:
    """A needed effect that failed gives no result, but must not hold up for ever what can go another way."""
    each = sa.func.json_array_elements_text if dialect == "postgresql" else sa.func.json_each
    need = each(effects.c.needs).table_valued("value").alias("need")
    needed = effects.alias("needed")
    settled = sa.exists().where(needed.c.id == need.c.value, needed.c.state.in_(_SETTLED)).correlate(need)
    return sa.exists(sa.select(need.c.value).where(~settled)).correlate(effects)
