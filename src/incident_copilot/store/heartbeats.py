"""Heartbeats: one row for each watchdog of each source."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.heartbeat import Heartbeat
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import heartbeats
from incident_copilot.store.upsert import insert

_KEYS = ("workspace_id", "source", "fingerprint")


async def all_of(db: AsyncConnection, workspace_id: str) -> list[Heartbeat]:
    """Return all of a workspace, by source."""
    rows: Sequence[Any] = (await db.execute(_of(workspace_id))).all()
    return [_heartbeat(row) for row in rows]


async def lock_all(db: AsyncConnection, workspace_id: str) -> list[Heartbeat]:
    """Return all of a workspace and keep others from changing them until the transaction ends."""
    rows: Sequence[Any] = (await db.execute(_of(workspace_id).with_for_update())).all()
    return [_heartbeat(row) for row in rows]


async def save(db: AsyncConnection, workspace_id: str, beats: Sequence[Heartbeat]) -> None:
    """Write them, new or known; call it after `lock_all`, in the same transaction."""
    if not beats:
        return
    statement = insert(db, heartbeats)
    told = {column.name: statement.excluded[column.name] for column in heartbeats.c if column.name not in _KEYS}
    rows = [_row(workspace_id, beat) for beat in beats]
    await db.execute(statement.on_conflict_do_update(index_elements=list(_KEYS), set_=told), rows)


async def forget(db: AsyncConnection, workspace_id: str, beat: Heartbeat) -> None:
    """Listen for it no more."""
    this = sa.and_(
        heartbeats.c.workspace_id == workspace_id,
        heartbeats.c.source == beat.source,
        heartbeats.c.fingerprint == beat.alert.fingerprint,
    )
    await db.execute(sa.delete(heartbeats).where(this))


def _of(workspace_id: str) -> sa.Select[Any]:
    query = sa.select(heartbeats).where(heartbeats.c.workspace_id == workspace_id)
    return query.order_by(heartbeats.c.source, heartbeats.c.fingerprint)


def _row(workspace_id: str, beat: Heartbeat) -> dict[str, Any]:
    alert = {"fingerprint": beat.alert.fingerprint, "alert": body_of(beat.alert)}
    return {"workspace_id": workspace_id, **beat.model_dump(exclude={"alert"}), **alert}


def _heartbeat(row: sa.Row[Any]) -> Heartbeat:
    return Heartbeat(
        source=row.source,
        alert=value_of(Alert, row.alert),
        last_at=row.last_at,
        usual_s=row.usual_s,
        watched_since=row.watched_since,
        checked_at=row.checked_at,
        silent_since=row.silent_since,
        incident_id=row.incident_id,
    )
