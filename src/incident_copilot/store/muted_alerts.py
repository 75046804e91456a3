"""Alerts that are kept out of incidents, by another alert that fires or by a silence, until that is over."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import alerts, incidents

MOST_SOURCES = 200
"""How many alerts at most mute others at one time; the oldest do."""

_INHIBITS = sa.text("alerts.inhibits")  # written as in the index, which holds only those


_ALERT, _SILENCE = "alert:", "silence:"


def by_alert(fingerprint: str) -> str:
    """Return what stands in `muted_by` for an alert."""
    return f"{_ALERT}{fingerprint}"


def by_silence(silence_id: str) -> str:
    """Return what stands in `muted_by` for a silence."""
    return f"{_SILENCE}{silence_id}"


def silence_of(muted_by: str | None) -> str | None:
    """Return the id of the silence that `muted_by` stands for; None where it is none that mutes."""
    return muted_by.removeprefix(_SILENCE) if muted_by and muted_by.startswith(_SILENCE) else None


def fingerprint_of(muted_by: str) -> str | None:
    """Return the alert that `muted_by` stands for; None where it is not an alert that mutes."""
    return muted_by.removeprefix(_ALERT) if muted_by.startswith(_ALERT) else None


async def mark_sources(db: AsyncConnection, workspace_id: str, fingerprints: Collection[str]) -> None:
    """Note that others are muted while these alerts fire."""
    here = sa.and_(alerts.c.workspace_id == workspace_id, alerts.c.fingerprint.in_(sorted(fingerprints)))
    await db.execute(sa.update(alerts).where(here).values(inhibits=True))


async def sources(db: AsyncConnection, workspace_id: str) -> list[Alert]:
    """Return the alerts that fire and mute others, oldest first; not those whose incident people have ended."""
    joined = alerts.outerjoin(incidents, incidents.c.id == alerts.c.incident_id)
    here = sa.and_(alerts.c.workspace_id == workspace_id, _INHIBITS, alerts.c.status == AlertStatus.FIRING)
    query = sa.select(alerts.c.alert).select_from(joined).where(here, incidents.c.ended_at.is_(None))
    oldest = query.order_by(alerts.c.starts_at, alerts.c.fingerprint).limit(MOST_SOURCES)
    return [value_of(Alert, row.alert) for row in await db.execute(oldest)]


async def weigh_anew(db: AsyncConnection, workspace_id: str, muted_by: Collection[str]) -> bool:
    """Have what these muted and still fires placed once more; False where there is none."""
    return await _weigh(db, workspace_id, alerts.c.muted_by.in_(sorted(muted_by)))


async def weigh_anew_after(db: AsyncConnection, workspace_id: str, incident_id: str) -> bool:
    """Have what the alerts of an incident muted and still fires placed once more; False where there is none."""
    mine = sa.select(sa.literal(_ALERT) + alerts.c.fingerprint)
    mine = mine.where(alerts.c.workspace_id == workspace_id, _INHIBITS, alerts.c.incident_id == incident_id)
    return await _weigh(db, workspace_id, alerts.c.muted_by.in_(mine.correlate(None)))


async def incidents_of(db: AsyncConnection, workspace_id: str, fingerprints: Collection[str]) -> list[str]:
    """Return the incidents that these alerts belong to."""
    here = sa.and_(alerts.c.workspace_id == workspace_id, alerts.c.fingerprint.in_(sorted(fingerprints)))
    query = sa.select(alerts.c.incident_id).where(here, alerts.c.incident_id.is_not(None)).distinct()
    return sorted((await db.execute(query)).scalars())


async def counts(db: AsyncConnection, workspace_id: str, incident_id: str) -> dict[str, int]:
    """Return how many alerts fire and are muted, by the name of the incident's alert that mutes them."""
    here = sa.and_(alerts.c.workspace_id == workspace_id, _INHIBITS, alerts.c.incident_id == incident_id)
    muting = (
        sa.select(alerts.c.fingerprint, alerts.c.alert).where(here).order_by(alerts.c.first_seen).limit(MOST_SOURCES)
    )
    names = {by_alert(row.fingerprint): str(row.alert["name"]) for row in await db.execute(muting)}
    found: dict[str, int] = {}
    if not names:
        return found
    mine = alerts.c.workspace_id == workspace_id, alerts.c.muted_by.in_(sorted(names))
    for muted_by, number in (await _counted(db, *mine)).items():
        found[names[muted_by]] = found.get(names[muted_by], 0) + number
    return found


async def totals(db: AsyncConnection, workspace_id: str) -> dict[str, int]:
    """Return how many alerts fire and are muted, by what mutes them."""
    return await _counted(db, alerts.c.workspace_id == workspace_id)


async def _counted(db: AsyncConnection, *which: sa.ColumnElement[bool]) -> dict[str, int]:
    here = sa.and_(*which, alerts.c.muted_by.is_not(None), alerts.c.status == AlertStatus.FIRING)
    query = sa.select(alerts.c.muted_by, sa.func.count()).where(here)
    rows: Any = await db.execute(query.group_by(alerts.c.muted_by).order_by(alerts.c.muted_by))
    return {row[0]: row[1] for row in rows}


async def _weigh(db: AsyncConnection, workspace_id: str, muted: sa.ColumnElement[bool]) -> bool:
    here = sa.and_(alerts.c.workspace_id == workspace_id, alerts.c.muted_by.is_not(None), muted)
    over = sa.update(alerts).where(here, alerts.c.status == AlertStatus.FIRING)
    return (await db.execute(over.values(waiting=True, muted_by=None))).rowcount > 0
