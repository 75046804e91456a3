"""Alerts: one row per fingerprint with its newest state; rows wait until correlation has placed them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.incident import OPENED_IT
from incident_copilot.store import merging
from incident_copilot.store.bodies import value_of
from incident_copilot.store.merging import Told
from incident_copilot.store.tables import alerts, incidents, members

LOOKED_AT = 300
"""How many alerts of one incident are looked at one by one; a storm says the same thousands of times."""


class StoredAlert(Frozen):
    """An alert with what the store knows of it."""

    alert: Alert
    first_seen: Utc
    last_seen: Utc
    times_seen: int
    incident_id: str | None
    digest_hour: Utc | None
    muted_by: str | None = None
    """What keeps it out of incidents: `alert:` and a fingerprint, or `silence:` and an id."""


async def record(db: AsyncConnection, workspace_id: str, alert: Alert, now: datetime) -> bool:
    """Merge one alert into its row, as `record_all` does; True when its state changed."""
    return (await record_all(db, workspace_id, [alert], now))[0]


async def record_locked(db: AsyncConnection, workspace_id: str, alert: Alert, now: datetime) -> StoredAlert:
    """Merge one alert into its row and return it as it is stored; nobody else changes it until the transaction ends."""
    await record(db, workspace_id, alert, now)
    return _stored((await db.execute(_locking(workspace_id, alert.fingerprint))).one())


async def record_all(db: AsyncConnection, workspace_id: str, told: Sequence[Alert], now: datetime) -> list[bool]:
    """Merge alerts into their rows; return for each whether it changed a state, so that correlation must look.

    The order of arrival does not matter: a later `starts_at` wins, and of one firing its end wins. The same state told
    again brings its texts up to date.
    """
    if not told:
        return []
    fingerprints = sorted({alert.fingerprint for alert in told})
    known = await merging.states(db, workspace_id, fingerprints)
    newest: dict[str, Told] = {}
    changed = []
    for alert in told:
        fingerprint, state = alert.fingerprint, merging.state_of(db, alert)
        before = newest.get(fingerprint)
        if before is None or state >= before.state:
            newest[fingerprint] = Told(alert, state, before.times + 1 if before else 1)
        else:
            newest[fingerprint] = before._replace(times=before.times + 1)
        is_later = fingerprint not in known or state > known[fingerprint]
        changed.append(is_later)
        if is_later:
            known[fingerprint] = state
    await merging.merge(db, workspace_id, newest, now)
    return changed


async def waiting(db: AsyncConnection, workspace_id: str, limit: int) -> list[StoredAlert]:
    """Return alerts whose state changed since correlation last looked, oldest change first, and lock them."""
    # Written as in the index, which holds only those.
    here = sa.and_(alerts.c.workspace_id == workspace_id, sa.text("alerts.waiting"))
    oldest = sa.select(alerts.c.fingerprint).where(here).order_by(alerts.c.last_seen, alerts.c.fingerprint).limit(limit)
    # Locked in the order in which webhooks write them, so that none waits for the other in a circle.
    query = sa.select(alerts).where(here, alerts.c.fingerprint.in_(oldest)).order_by(alerts.c.fingerprint)
    found = [_stored(row) for row in await db.execute(query.with_for_update())]
    return sorted(found, key=lambda stored: (stored.last_seen, stored.alert.starts_at, stored.alert.fingerprint))


async def place(
    db: AsyncConnection,
    workspace_id: str,
    fingerprints: Collection[str],
    *,
    incident_id: str | None = None,
    digest_hour: datetime | None = None,
    held: str | None = None,
    muted_by: str | None = None,
) -> None:
    """Note where correlation put these alerts, and what holds them back or mutes them; they wait no longer."""
    await db.execute(
        sa.update(alerts)
        .where(alerts.c.workspace_id == workspace_id, alerts.c.fingerprint.in_(fingerprints))
        .values(waiting=False, incident_id=incident_id, digest_hour=digest_hour, held=held, muted_by=muted_by)
    )


async def held(db: AsyncConnection, workspace_id: str, group: str, since: datetime, limit: int) -> list[StoredAlert]:
    """Return alerts of a group that fire since a time or later and are held back until there are more of them."""
    here = sa.and_(alerts.c.workspace_id == workspace_id, alerts.c.held == group, alerts.c.starts_at >= since)
    query = sa.select(alerts).where(here, alerts.c.status == AlertStatus.FIRING)
    return [
        _stored(row) for row in await db.execute(query.order_by(alerts.c.starts_at, alerts.c.fingerprint).limit(limit))
    ]


async def move(
    db: AsyncConnection, from_incident: str, to_incident: str, fingerprints: Collection[str] | None = None
) -> None:
    """Put alerts of one incident into another one: these, or where none are named all."""
    here = sa.update(alerts).where(alerts.c.incident_id == from_incident)
    if fingerprints is not None:
        here = here.where(alerts.c.fingerprint.in_(fingerprints))
    await db.execute(here.values(incident_id=to_incident))


async def lock(db: AsyncConnection, workspace_id: str, fingerprint: str) -> StoredAlert | None:
    """Return one alert and keep others from changing it until the transaction ends, or None."""
    row = (await db.execute(_locking(workspace_id, fingerprint))).first()
    return _stored(row) if row else None


async def opener(db: AsyncConnection, workspace_id: str, incident_id: str) -> Alert | None:
    """Return the alert that an incident was opened for; None where none was."""
    opened_it = sa.and_(members.c.incident_id == incident_id, members.c.reason.startswith(OPENED_IT))
    query = sa.select(alerts.c.alert).join(members, members.c.fingerprint == alerts.c.fingerprint)
    query = query.where(opened_it, alerts.c.workspace_id == workspace_id).order_by(members.c.joined_at).limit(1)
    row = (await db.execute(query)).first()
    return value_of(Alert, row.alert) if row else None


async def of_incident(db: AsyncConnection, incident_id: str, limit: int = LOOKED_AT) -> list[StoredAlert]:
    """Return the incident's alerts, first seen first; of a storm only `limit`, rather firing ones; see `counts`."""
    query = sa.select(alerts).where(alerts.c.incident_id == incident_id)
    query = query.order_by(alerts.c.status, alerts.c.first_seen, alerts.c.fingerprint).limit(limit)
    found = [_stored(row) for row in await db.execute(query)]
    return sorted(found, key=lambda stored: (stored.first_seen, stored.alert.fingerprint))


async def belonging(db: AsyncConnection, incident_id: str, limit: int = LOOKED_AT) -> list[Alert]:
    """Return the incident's alerts as their sources told them, in the order and number of `of_incident`."""
    return [stored.alert for stored in await of_incident(db, incident_id, limit)]


async def services(db: AsyncConnection, incident_ids: Collection[str]) -> dict[str, set[str]]:
    """Return the services that the alerts of incidents name, all of them, by incident; of no alert nothing."""
    named = alerts.c.alert["service"].as_string()
    theirs = sa.and_(alerts.c.incident_id.in_(list(incident_ids)), named.is_not(None))
    found: dict[str, set[str]] = {}
    for incident_id, service in await db.execute(sa.select(alerts.c.incident_id, named).where(theirs).distinct()):
        found.setdefault(incident_id, set()).add(service)
    return found


async def newest(db: AsyncConnection, workspace_id: str) -> Alert | None:
    """Return the alert that was seen last, or None where there is none yet."""
    query = sa.select(alerts).where(alerts.c.workspace_id == workspace_id)
    row = (await db.execute(query.order_by(alerts.c.last_seen.desc(), alerts.c.fingerprint).limit(1))).first()
    return _stored(row).alert if row else None


async def for_digest(db: AsyncConnection, workspace_id: str, before: datetime) -> list[StoredAlert]:
    """Return the small alerts of the hours that began before a time and are in no digest yet, first seen first."""
    query = sa.select(alerts).where(alerts.c.workspace_id == workspace_id, alerts.c.digest_hour < before)
    return [_stored(row) for row in await db.execute(query.order_by(alerts.c.first_seen, alerts.c.fingerprint))]


async def digested(db: AsyncConnection, workspace_id: str, fingerprints: Collection[str]) -> None:
    """Note that a digest has these alerts, so that no other one gets them."""
    posted = sa.and_(alerts.c.workspace_id == workspace_id, alerts.c.fingerprint.in_(fingerprints))
    await db.execute(sa.update(alerts).where(posted).values(digest_hour=None))


async def told_with_restricted(
    db: AsyncConnection, workspace_id: str, incident_id: str, times: Collection[datetime]
) -> set[datetime]:
    """Return those of the moments at which an alert of another, private incident was first or last told too."""
    theirs = sa.and_(alerts.c.incident_id == incidents.c.id, incidents.c.body["private"].as_boolean())
    query = sa.select(alerts.c.first_seen, alerts.c.last_seen).join(incidents, theirs)
    others = sa.and_(alerts.c.workspace_id == workspace_id, alerts.c.incident_id != incident_id)
    either = sa.or_(alerts.c.first_seen.in_(times), alerts.c.last_seen.in_(times))
    return {time for row in await db.execute(query.where(others, either)) for time in row if time in times}


async def counts(db: AsyncConnection, incident_id: str) -> tuple[int, int]:
    """Return how many alerts of the incident are firing and how many are resolved."""
    found: Sequence[Any] = (await db.execute(_counts(), {"incident": incident_id})).all()
    by_status = {row[0]: row[1] for row in found}
    return by_status.get(AlertStatus.FIRING, 0), by_status.get(AlertStatus.RESOLVED, 0)


async def begun(
    db: AsyncConnection, incident_ids: Collection[str], *, since: datetime, before: datetime
) -> dict[str, tuple[int, int]]:
    """Return how many of the firing alerts of incidents began since a time, and how many in the time before it."""
    asked = {"incidents": list(incident_ids), "since": since, "before": before}
    return {incident_id: (new, every - new) for incident_id, new, every in await db.execute(_begun(), asked)}


# Each card asks these, so they are built once.


@cache
def _counts() -> sa.Select[Any]:
    query = sa.select(alerts.c.status, sa.func.count()).where(alerts.c.incident_id == sa.bindparam("incident"))
    return query.group_by(alerts.c.status)


@cache
def _begun() -> sa.Select[Any]:
    lately = sa.func.sum(sa.case((alerts.c.first_seen >= sa.bindparam("since"), 1), else_=0))
    theirs = alerts.c.incident_id.in_(sa.bindparam("incidents", expanding=True))
    here = [theirs, alerts.c.status == AlertStatus.FIRING, alerts.c.first_seen >= sa.bindparam("before")]
    return sa.select(alerts.c.incident_id, lately, sa.func.count()).where(*here).group_by(alerts.c.incident_id)


def _locking(workspace_id: str, fingerprint: str) -> sa.Select[Any]:
    this = sa.and_(alerts.c.workspace_id == workspace_id, alerts.c.fingerprint == fingerprint)
    return sa.select(alerts).where(this).with_for_update()


def _stored(row: sa.Row[Any]) -> StoredAlert:
    return StoredAlert(
        alert=value_of(Alert, row.alert),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        times_seen=row.times_seen,
        incident_id=row.incident_id,
        digest_hour=row.digest_hour,
        muted_by=row.muted_by,
    )
