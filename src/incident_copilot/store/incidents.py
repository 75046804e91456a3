"""Incidents: one running incident per correlation key (promise P3), numbers people can say."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.footprint import Footprint
from incident_copilot.domain.incident import OPENED_IT, Incident, Membership
from incident_copilot.errors import UnknownThing
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import incidents, members
from incident_copilot.store.upsert import insert, insert_if_new

_NEWEST_FIRST = (incidents.c.opened_at.desc(), incidents.c.number.desc())
# Each step asks these, so they are built once.
_THIS = incidents.c.id == sa.bindparam("incident")
_BODY = sa.select(incidents.c.body).where(_THIS)
_LOCKED = _BODY.with_for_update()
_CHANGE = sa.update(incidents).where(_THIS)
_NUMBER_LOCK = 0x1C0  # any constant will do: it names the advisory lock under which numbers are given


async def open_new(db: AsyncConnection, incident: Incident) -> Incident | None:
    """Insert an incident under the next number; None when its correlation key already has a running one."""
    numbered = incident.model_copy(update={"number": await _next_number(db, incident.workspace_id)})
    opened = await insert_if_new(db, incidents, {"id": numbered.id, "log_seq": 0, **_columns(numbered)})
    return numbered if opened else None


async def get(db: AsyncConnection, incident_id: str) -> Incident:
    """Return an incident.

    Raises:
        UnknownThing: there is none with this id.
    """
    return _one(await db.execute(_BODY, {"incident": incident_id}), incident_id)


async def lock(db: AsyncConnection, incident_id: str) -> Incident:
    """Return an incident and keep others from changing it until the transaction ends.

    Raises:
        UnknownThing: there is none with this id.
    """
    return _one(await db.execute(_LOCKED, {"incident": incident_id}), incident_id)


async def save(db: AsyncConnection, incident: Incident) -> Incident:
    """Write the incident back; call it after `lock`, in the same transaction."""
    await db.execute(_CHANGE, {"incident": incident.id, **_columns(incident)})
    return incident


async def running(db: AsyncConnection, workspace_id: str) -> list[Incident]:
    """Return incidents that have not ended, newest first."""
    here = sa.and_(incidents.c.workspace_id == workspace_id, incidents.c.ended_at.is_(None))
    query = sa.select(sa.cast(incidents.c.body, sa.Text)).where(here).order_by(*_NEWEST_FIRST)
    return [_incident(body) for body in (await db.execute(query)).scalars()]


async def footprints(db: AsyncConnection, workspace_id: str) -> dict[str, Footprint]:
    """Return what each running incident has covered so far, by incident; not of those that no alert belongs to."""
    here = sa.and_(incidents.c.workspace_id == workspace_id, incidents.c.ended_at.is_(None))
    query = sa.select(incidents.c.id, sa.cast(incidents.c.footprint, sa.Text)).where(here)
    found = await db.execute(query.where(incidents.c.footprint.is_not(sa.null())))
    return {incident_id: _footprint(body) for incident_id, body in found}


async def footprint(db: AsyncConnection, incident_id: str) -> Footprint:
    """Return what one incident has covered, running or ended; an empty one where no alert belongs to it."""
    found = (await db.execute(sa.select(incidents.c.footprint).where(incidents.c.id == incident_id))).scalar()
    return value_of(Footprint, found or {})


async def save_footprint(db: AsyncConnection, incident_id: str, footprint: Footprint) -> None:
    """Write what an incident has covered so far; call it after `lock`, in the same transaction."""
    body = body_of(footprint)
    await db.execute(sa.update(incidents).where(incidents.c.id == incident_id).values(footprint=body))


async def by_key(db: AsyncConnection, workspace_id: str, correlation_key: str) -> Incident | None:
    """Return the newest incident of a correlation key, running or ended."""
    query = sa.select(incidents.c.body).where(
        incidents.c.workspace_id == workspace_id, incidents.c.correlation_key == correlation_key
    )
    row = (await db.execute(query.order_by(*_NEWEST_FIRST).limit(1))).first()
    return value_of(Incident, row.body) if row else None


async def by_number(db: AsyncConnection, workspace_id: str, number: int) -> Incident | None:
    """Return the incident people call INC-number, or None."""
    query = sa.select(incidents.c.body).where(incidents.c.workspace_id == workspace_id, incidents.c.number == number)
    row = (await db.execute(query)).first()
    return value_of(Incident, row.body) if row else None


async def held(db: AsyncConnection, workspace_id: str) -> list[Incident]:
    """Return the incidents of a workspace that are under legal hold, by number."""
    is_held = sa.and_(incidents.c.workspace_id == workspace_id, incidents.c.body["legal_hold"].as_boolean())
    query = sa.select(incidents.c.body).where(is_held).order_by(incidents.c.number)
    return [value_of(Incident, row.body) for row in await db.execute(query)]


async def labels(db: AsyncConnection, ids: Collection[str]) -> dict[str, str]:
    """Return the names that people say of incidents, by id."""
    query = sa.select(incidents.c.id, incidents.c.number).where(incidents.c.id.in_(list(ids)))
    return {row.id: f"INC-{row.number}" for row in await db.execute(query)}


async def by_ids(db: AsyncConnection, ids: Collection[str]) -> dict[str, Incident]:
    """Return incidents by id; what is not there is left out."""
    query = sa.select(incidents.c.id, incidents.c.body).where(incidents.c.id.in_(list(ids)))
    return {row.id: value_of(Incident, row.body) for row in await db.execute(query)}


async def in_channel(db: AsyncConnection, workspace_id: str, channel_id: str) -> list[Incident]:
    """Return the incidents that live in this channel or in threads of it, newest first."""
    query = sa.select(incidents.c.body).where(
        incidents.c.workspace_id == workspace_id, incidents.c.channel_id == channel_id
    )
    return [value_of(Incident, row.body) for row in await db.execute(query.order_by(*_NEWEST_FIRST))]


async def over(db: AsyncConnection, workspace_id: str, since: datetime, until: datetime) -> list[Incident]:
    """Return incidents that ended between two times, those that ended first before the others."""
    query = sa.select(incidents.c.body).where(
        incidents.c.workspace_id == workspace_id, incidents.c.ended_at >= since, incidents.c.ended_at <= until
    )
    return [value_of(Incident, row.body) for row in await db.execute(query.order_by(incidents.c.ended_at))]


async def know_service(db: AsyncConnection, workspace_id: str, service: str) -> bool:
    """Whether an incident was ever about this service."""
    query = sa.select(incidents.c.id).where(incidents.c.workspace_id == workspace_id, incidents.c.service == service)
    return (await db.execute(query.limit(1))).first() is not None


async def recent(db: AsyncConnection, workspace_id: str, since: datetime, limit: int) -> list[Incident]:
    """Return incidents opened since a time, newest first."""
    query = sa.select(incidents.c.body).where(incidents.c.workspace_id == workspace_id, incidents.c.opened_at >= since)
    found = await db.execute(query.order_by(*_NEWEST_FIRST).limit(limit))
    return [value_of(Incident, row.body) for row in found]


async def join(db: AsyncConnection, membership: Membership) -> bool:
    """Note that an alert belongs to an incident and why; False when it already does."""
    return await insert_if_new(db, members, membership.model_dump())


async def join_all(db: AsyncConnection, memberships: Sequence[Membership]) -> None:
    """Note of several alerts why they belong to an incident; for those that did already the first reason stays."""
    if memberships:
        await db.execute(insert(db, members).on_conflict_do_nothing(), [one.model_dump() for one in memberships])


async def leave(db: AsyncConnection, incident_id: str, fingerprints: Collection[str]) -> None:
    """Forget why these alerts belonged to an incident: they do no longer."""
    gone = sa.and_(members.c.incident_id == incident_id, members.c.fingerprint.in_(fingerprints))
    await db.execute(sa.delete(members).where(gone))


async def count_members(db: AsyncConnection, incident_id: str) -> int:
    """Return of how many alerts it is noted why they belong to the incident."""
    query = sa.select(sa.func.count()).select_from(members).where(members.c.incident_id == incident_id)
    return (await db.execute(query)).scalar_one()


async def memberships(db: AsyncConnection, incident_id: str) -> list[Membership]:
    """Return why each alert belongs to the incident: the one that opened it, then the others in order of joining."""
    query = sa.select(members).where(members.c.incident_id == incident_id)
    opener_first = sa.case((members.c.reason.startswith(OPENED_IT), 0), else_=1)
    found = await db.execute(query.order_by(opener_first, members.c.joined_at, members.c.fingerprint))
    return [value_of(Membership, dict(row)) for row in found.mappings()]


async def reasons(db: AsyncConnection, incident_id: str) -> list[str]:
    """Return why alerts joined the incident, each reason once, in the order of joining."""
    joined = sa.and_(members.c.incident_id == incident_id, members.c.reason != OPENED_IT)
    query = sa.select(members.c.reason).where(joined).group_by(members.c.reason)
    first = sa.func.min(members.c.joined_at), sa.func.min(members.c.fingerprint)
    return list((await db.execute(query.order_by(*first))).scalars())


# Each batch of alerts reads all that runs, and of hundreds of incidents few have changed since the last one.
@lru_cache(maxsize=2048)
def _incident(body: str) -> Incident:
    return value_of(Incident, body)


@lru_cache(maxsize=2048)
def _footprint(body: str) -> Footprint:
    return value_of(Footprint, body)


async def _next_number(db: AsyncConnection, workspace_id: str) -> int:
    if db.dialect.name == "postgresql":
        await db.execute(sa.select(sa.func.pg_advisory_xact_lock(_NUMBER_LOCK)))
    query = sa.select(sa.func.max(incidents.c.number)).where(incidents.c.workspace_id == workspace_id)
    return ((await db.execute(query)).scalar() or 0) + 1


def _columns(incident: Incident) -> dict[str, Any]:
    return {
        "workspace_id": incident.workspace_id,
        "number": incident.number,
        "correlation_key": incident.correlation_key,
        "severity": incident.severity,
        "status": incident.status,
        "service": incident.service,
        "channel_id": incident.channel_id,
        "opened_at": incident.opened_at,
        "ended_at": incident.ended_at,
        "body": body_of(incident),
    }


def _one(result: sa.CursorResult[Any], incident_id: str) -> Incident:
    row = result.first()
    if row is None:
        raise UnknownThing(f"no incident {incident_id}")
    return value_of(Incident, row.body)
