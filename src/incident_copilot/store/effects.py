"""Effects: the outbox's rows, in order within a stream, claimed with a lease, each result recorded once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen, Utc, new_id
from incident_copilot.domain.effect import (
    Deed,
    Effect,
    EffectState,
    Mail,
    Place,
    Show,
    Upload,
    class_of,
)
from incident_copilot.errors import LostLease, UnknownThing
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.db import Db, wake
from incident_copilot.store.tables import effects

OPEN = (EffectState.PENDING, EffectState.LEASED, EffectState.UNKNOWN)
BODY: list[sa.ColumnElement[Any]] = [effects.c[name] for name in Effect.model_fields]
SENDING: list[sa.ColumnElement[Any]] = [effects.c.sent_at, effects.c.sends, effects.c.proof_at]


class Waiting(Frozen):
    """An effect that is due; `sent_at` is set where an earlier attempt may have left, `sends` counts these."""

    effect: Effect
    sent_at: Utc | None
    sends: int


class Claim(Frozen):
    """An effect leased to `who`; together with the effect's attempts it proves whose it is.

    `proof_at` is the time from which on not finding it proves that it did not happen, where that is known.
    """

    effect: Effect
    who: str
    sent_at: Utc | None
    sends: int
    proof_at: Utc | None = None

    @property
    def had_left(self) -> bool:
        """Whether an attempt before this one may have happened; those that were turned away do not count."""
        return self.sends > int(self.sent_at is not None)


async def enqueue(
    db: AsyncConnection,
    *,
    workspace_id: str,
    incident_id: str | None,
    stream: str,
    deed: Deed,
    now: datetime,
    priority: int = 5,
    needs: Sequence[str] = (),
    run_at: datetime | None = None,
) -> Effect:
    """Have a deed done after those before it in its stream; 0 is the most urgent priority.

    Where the stream still holds an unsent version of what `deed` shows, that row gets the newer content and is
    returned.
    """
    await _lock_stream(db, workspace_id, stream)
    needs = [*needs, *await _message_above(db, workspace_id, incident_id, deed)]
    stale = await _unsent_version(db, workspace_id, incident_id, stream, deed)
    wake(db, "effects")
    if stale and isinstance(deed, Show):
        return await _renew_content(db, stale, deed, priority, needs)
    effect = Effect(
        id=new_id(now),
        workspace_id=workspace_id,
        incident_id=incident_id,
        stream=stream,
        seq=await _next_seq(db, workspace_id, stream),
        deed=deed,
        effect_class=class_of(deed),
        needs=tuple(needs),
        priority=priority,
        run_at=run_at or now,
        created_at=now,
    )
    await _add(db, effect)
    return effect


async def get(db: AsyncConnection, effect_id: str) -> Effect:
    """Return an effect.

    Raises:
        UnknownThing: there is none with this id.
    """
    row = (await db.execute(sa.select(*BODY).where(effects.c.id == effect_id))).first()
    if row is None:
        raise UnknownThing(f"no effect {effect_id}")
    return of_row(row)


async def by_incident(db: AsyncConnection, incident_id: str) -> list[Effect]:
    """Return an incident's effects in the order they were asked for."""
    query = sa.select(*BODY).where(effects.c.incident_id == incident_id)
    return [of_row(row) for row in await db.execute(query.order_by(effects.c.created_at, effects.c.id))]


async def latest(db: AsyncConnection, workspace_id: str, incident_id: str | None, slot: str) -> Effect | None:
    """Return the newest effect that shows, uploads or mails a slot, or None."""
    this = {"workspace_id": workspace_id, "slot": slot} | ({"incident_id": incident_id} if incident_id else {})
    row = (await db.execute(_latest(of_incident=incident_id is not None), this)).first()
    return of_row(row) if row else None


async def last_to_write(db: AsyncConnection, workspace_id: str, stream: str, ts: str) -> Effect | None:
    """Return the effect that wrote a message last, of those of its stream that are done, or None."""
    here = sa.and_(effects.c.workspace_id == workspace_id, effects.c.stream == stream)
    wrote = sa.and_(here, effects.c.state == EffectState.DONE, effects.c.result["ts"].as_string() == ts)
    row = (await db.execute(sa.select(*BODY).where(wrote).order_by(effects.c.seq.desc()).limit(1))).first()
    return of_row(row) if row else None


async def posted(db: AsyncConnection, incident_id: str, since: datetime) -> int:
    """Return how many messages of their own an incident's channel was given since; edits and replies are none."""
    return int((await db.execute(_posted(), {"incident_id": incident_id, "since": since})).scalar_one())


async def lease(
    db: AsyncConnection, waiting: Waiting, who: str, *, lease: timedelta, sent_at: datetime | None
) -> Claim | None:
    """Lease an effect that `due` returned, in the same transaction as the permission to send.

    With `sent_at` it counts as sent from now on; without, it is looked up, or `leaves` is called before it is sent.
    Returns None when somebody else was faster.
    """
    effect = waiting.effect
    clock = await Db.clock(db)
    values = {"effect": effect.id, "was": effect.state, "before": effect.attempts, "clock": clock}
    values |= {"who": who, "until": clock + lease, "left": waiting.sent_at} | ({"sent": sent_at} if sent_at else {})
    row = (await db.execute(_take(sends=sent_at is not None), values)).first()
    return _claim(row, who) if row else None


async def leaves(db: AsyncConnection, claim: Claim, now: datetime) -> Claim:
    """Note that an effect's request leaves now, so that it may have happened from here on.

    Raises:
        LostLease: somebody else has it now, so it must not leave.
    """
    held = {"effect": claim.effect.id, "who": claim.who, "before": claim.effect.attempts}
    row = (await db.execute(_held(), {**held, "sent_at": now, "sends": claim.sends + 1, "proof_at": None})).first()
    if row is None:
        raise _lost(claim)
    return _claim(row, claim.who)


async def settle(
    db: AsyncConnection,
    claim: Claim,
    state: EffectState,
    *,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> Effect:
    """Record how an effect ended: done, failed, or unknown, which is for people to find out.

    Raises:
        LostLease: somebody else has it now.
    """
    asked = state is EffectState.UNKNOWN
    return await _let_go(db, claim, state=state, result=result or {}, error=error, asked=asked)


async def postpone(
    db: AsyncConnection, claim: Claim, run_at: datetime, error: str, *, turned_away: bool = False
) -> Effect:
    """Have an effect that did not happen tried again at `run_at`; one that was `turned_away` counts as never sent.

    Raises:
        LostLease: somebody else has it now.
    """
    sends = claim.sends - int(turned_away)
    return await _let_go(db, claim, state=EffectState.PENDING, run_at=run_at, sent_at=None, sends=sends, error=error)


async def doubt(
    db: AsyncConnection,
    claim: Claim,
    run_at: datetime,
    error: str,
    *,
    sent_at: datetime,
    proof_at: datetime | None = None,
) -> Effect:
    """Have an effect that may have happened looked up at `run_at`; from `proof_at` on, not found is proof.

    Raises:
        LostLease: somebody else has it now.
    """
    values = {"run_at": run_at, "sent_at": sent_at, "proof_at": proof_at or claim.proof_at}
    return await _let_go(db, claim, state=EffectState.UNKNOWN, error=error, **values)


async def _add(db: AsyncConnection, effect: Effect) -> None:
    deed = effect.deed
    place = deed.place if isinstance(deed, Show | Upload) else None
    slot = deed.slot if isinstance(deed, Show | Upload | Mail) else None
    row = {"slot": slot, "place": place, "sends": 0, "asked": False}
    await db.execute(sa.insert(effects), {**row, **_columns(effect)})


async def _lock_stream(db: AsyncConnection, workspace_id: str, stream: str) -> None:
    if db.dialect.name == "postgresql":
        name = sa.func.hashtextextended(f"stream:{workspace_id}:{stream}", 0)
        await db.execute(sa.select(sa.func.pg_advisory_xact_lock(name)))


async def _message_above(db: AsyncConnection, workspace_id: str, incident_id: str | None, deed: Deed) -> list[str]:
    """What stands in a message's thread waits for that message, which may be of another stream."""
    under = deed.under if isinstance(deed, Show | Upload) else None
    above = await latest(db, workspace_id, incident_id, under) if under else None
    return [above.id] if above and above.state in OPEN else []


async def _unsent_version(
    db: AsyncConnection, workspace_id: str, incident_id: str | None, stream: str, deed: Deed
) -> Effect | None:
    """The last effect of the same slot, where it was never sent; anything else must keep its place in the order."""
    if not isinstance(deed, Show) or deed.anew:
        return None
    same = {"workspace_id": workspace_id, "incident_id": incident_id, "stream": stream, "slot": deed.slot}
    row = (await db.execute(_last_of_slot(), same)).first()
    if row is None or row.state != EffectState.PENDING or row.sent_at is not None:
        return None
    last = of_row(row)
    return last if isinstance(last.deed, Show) and last.deed.place == deed.place else None


async def _renew_content(db: AsyncConnection, stale: Effect, deed: Deed, priority: int, needs: Sequence[str]) -> Effect:
    anew = isinstance(stale.deed, Show) and stale.deed.anew
    renewed = stale.model_copy(
        update={
            "deed": deed.model_copy(update={"anew": anew}),
            "priority": min(stale.priority, priority),
            "needs": tuple(dict.fromkeys([*stale.needs, *needs])),
        }
    )
    values = {name: _columns(renewed)[name] for name in ("deed", "priority", "needs")}
    await db.execute(sa.update(effects).where(effects.c.id == stale.id).values(values))
    return renewed


async def _next_seq(db: AsyncConnection, workspace_id: str, stream: str) -> int:
    last = (await db.execute(_last_seq(), {"workspace_id": workspace_id, "stream": stream})).scalar()
    return (last or 0) + 1


# These run at each message, so they are built once.


@cache
def _last_of_slot() -> sa.Select[Any]:
    same = [effects.c[name] == sa.bindparam(name) for name in ("workspace_id", "stream", "slot")]
    its_incident = effects.c.incident_id.is_not_distinct_from(sa.bindparam("incident_id"))
    query = sa.select(*BODY, *SENDING).where(*same, its_incident)
    return query.order_by(effects.c.seq.desc()).limit(1).with_for_update()


@cache
def _latest(*, of_incident: bool) -> sa.Select[Any]:
    same = [effects.c[name] == sa.bindparam(name) for name in ("workspace_id", "slot")]
    whose = effects.c.incident_id == (sa.bindparam("incident_id") if of_incident else sa.null())
    return sa.select(*BODY).where(*same, whose).order_by(effects.c.created_at.desc(), effects.c.id.desc()).limit(1)


@cache
def _posted() -> sa.Select[Any]:
    query = sa.select(effects.c.slot).where(
        effects.c.incident_id == sa.bindparam("incident_id"),
        effects.c.place == Place.INCIDENT.value,
        effects.c.state != EffectState.SUPERSEDED.value,
        effects.c.deed["under"].as_string().is_(None),
    )
    first = sa.func.min(effects.c.created_at)
    fresh = query.group_by(effects.c.slot).having(first > sa.bindparam("since", type_=effects.c.created_at.type))
    return sa.select(sa.func.count()).select_from(fresh.subquery())


@cache
def _last_seq() -> sa.Select[Any]:
    this = [effects.c[name] == sa.bindparam(name) for name in ("workspace_id", "stream")]
    return sa.select(sa.func.max(effects.c.seq)).where(*this)


@cache
def _take(*, sends: bool) -> sa.Executable:
    """Lease an effect that nobody touched since; where it `sends`, that it is being sent is written with it."""
    is_free = sa.or_(effects.c.lease_until.is_(None), effects.c.lease_until < sa.bindparam("clock"))
    # Who had it may have sent it since it was read: it is not sent again then, but looked up.
    has_not_left = effects.c.sent_at.is_not_distinct_from(sa.bindparam("left", type_=effects.c.sent_at.type))
    unchanged = [_is_this(), effects.c.state == sa.bindparam("was"), has_not_left, is_free]
    values: dict[str, Any] = {
        "state": EffectState.LEASED,
        "attempts": effects.c.attempts + 1,
        "lease_by": sa.bindparam("who"),
        "lease_until": sa.bindparam("until"),
    }
    if sends:
        values |= {"sent_at": sa.bindparam("sent"), "sends": effects.c.sends + 1, "proof_at": None}
    return sa.update(effects).where(*unchanged).values(values).returning(*BODY, *SENDING)


@cache
def _held() -> sa.Executable:
    """Change an effect that is leased to `who`; what it sets comes with its parameters."""
    mine = [effects.c.state == EffectState.LEASED, effects.c.lease_by == sa.bindparam("who")]
    return sa.update(effects).where(_is_this(), *mine).returning(*BODY, *SENDING)


def _is_this() -> sa.ColumnElement[bool]:
    """Whether it is the effect meant, which nobody has tried since it was read."""
    return sa.and_(effects.c.id == sa.bindparam("effect"), effects.c.attempts == sa.bindparam("before"))


async def _let_go(db: AsyncConnection, claim: Claim, **values: Any) -> Effect:
    held = {"effect": claim.effect.id, "who": claim.who, "before": claim.effect.attempts}
    row = (await db.execute(_held(), {**held, "lease_by": None, "lease_until": None, **values})).first()
    if row is None:
        raise _lost(claim)
    wake(db, "effects")
    return of_row(row)


def _lost(claim: Claim) -> LostLease:
    return LostLease(f"effect {claim.effect.id} is leased to somebody else")


def _claim(row: sa.Row[Any], who: str) -> Claim:
    return Claim(effect=of_row(row), who=who, sent_at=row.sent_at, sends=row.sends, proof_at=row.proof_at)


def _columns(effect: Effect) -> dict[str, Any]:
    return {**effect.model_dump(), "deed": body_of(effect.deed), "needs": list(effect.needs)}


def of_row(row: sa.Row[Any]) -> Effect:
    """Return the effect of a row with the columns of BODY."""
    return value_of(Effect, {name: getattr(row, name) for name in Effect.model_fields})
