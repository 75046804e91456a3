"""Alerts: one row per fingerprint with its newest state; rows wait until correlation has placed them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.store.tables import alerts
from incident_copilot.store.upsert import insert_if_new


class StoredAlert(Frozen):
    """An alert with what the store knows of it."""

    alert: Alert
    first_seen: Utc
    last_seen: Utc
    times_seen: int
    incident_id: str | None
    digest_hour: Utc | None


async def record(db: AsyncConnection, workspace_id: str, alert: Alert, now: datetime) -> bool:
    """Merge one alert into its row; True when its state changed, so that correlation must look.

    The order of arrival does not matter: a later `starts_at` wins, and of one firing its end wins.
    """
    if await insert_if_new(db, alerts, _new_row(workspace_id, alert, now)):
        return True
    row = (await db.execute(sa.select(alerts).where(_this(workspace_id, alert.fingerprint)).with_for_update())).one()
    changed = _supersedes(alert, Alert.model_validate(row.alert))
    values: dict[str, Any] = {"last_seen": now, "times_seen": row.times_seen + 1}
    if changed:
        values |= {
            "alert": alert.model_dump(mode="json"),
            "status": alert.status,
            "starts_at": alert.starts_at,
            "waiting": True,
        }
    await db.execute(sa.update(alerts).where(_this(workspace_id, alert.fingerprint)).values(values))
    return changed


async def waiting(db: AsyncConnection, workspace_id: str, limit: int) -> list[StoredAlert]:
    """Return alerts whose state changed since correlation last looked, oldest change first."""
    query = (
        sa.select(alerts)
        .where(alerts.c.workspace_id == workspace_id, alerts.c.waiting.is_(True))
        .order_by(alerts.c.last_seen, alerts.c.fingerprint)
        .limit(limit)
    )
    return [_stored(row) for row in await db.execute(query)]


async def place(
    db: AsyncConnection,
    workspace_id: str,
    fingerprints: Collection[str],
    *,
    incident_id: str | None = None,
    digest_hour: datetime | None = None,
) -> None:
    """Note where correlation put these alerts; they wait no longer."""
    await db.execute(
        sa.update(alerts)
        .where(alerts.c.workspace_id == workspace_id, alerts.c.fingerprint.in_(fingerprints))
        .values(waiting=False, incident_id=incident_id, digest_hour=digest_hour)
    )


async def get(db: AsyncConnection, workspace_id: str, fingerprint: str) -> StoredAlert | None:
    """Return one alert, or None."""
    row = (await db.execute(sa.select(alerts).where(_this(workspace_id, fingerprint)))).first()
    return _stored(row) if row else None


async def of_incident(db: AsyncConnection, incident_id: str) -> list[StoredAlert]:
    """Return the incident's alerts, first seen first."""
    query = sa.select(alerts).where(alerts.c.incident_id == incident_id)
    return [_stored(row) for row in await db.execute(query.order_by(alerts.c.first_seen, alerts.c.fingerprint))]


async def in_digest(db: AsyncConnection, workspace_id: str, hour: datetime) -> list[StoredAlert]:
    """Return the small alerts of one hour, first seen first."""
    query = sa.select(alerts).where(alerts.c.workspace_id == workspace_id, alerts.c.digest_hour == hour)
    return [_stored(row) for row in await db.execute(query.order_by(alerts.c.first_seen, alerts.c.fingerprint))]


async def counts(db: AsyncConnection, incident_id: str) -> tuple[int, int]:
    """Return how many alerts of the incident are firing and how many are resolved."""
    query = sa.select(alerts.c.status, sa.func.count()).where(alerts.c.incident_id == incident_id)
    found: Sequence[Any] = (await db.execute(query.group_by(alerts.c.status))).all()
    by_status = {row[0]: row[1] for row in found}
    return by_status.get(AlertStatus.FIRING, 0), by_status.get(AlertStatus.RESOLVED, 0)


def _this(workspace_id: str, fingerprint: str) -> sa.ColumnElement[bool]:
    return sa.and_(alerts.c.workspace_id == workspace_id, alerts.c.fingerprint == fingerprint)


def _new_row(workspace_id: str, alert: Alert, now: datetime) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "fingerprint": alert.fingerprint,
        "alert": alert.model_dump(mode="json"),
        "status": alert.status,
        "starts_at": alert.starts_at,
        "first_seen": now,
        "last_seen": now,
        "times_seen": 1,
        "waiting": True,
    }


def _supersedes(new: Alert, old: Alert) -> bool:
    return (new.starts_at, new.status is AlertStatus.RESOLVED) > (old.starts_at, old.status is AlertStatus.RESOLVED)


def _stored(row: sa.Row[Any]) -> StoredAlert:
    return StoredAlert(
        alert=Alert.model_validate(row.alert),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        times_seen=row.times_seen,
        incident_id=row.incident_id,
        digest_hour=row.digest_hour,
    )
