"""Installations of the app: one a workspace or organisation; what they hold of a token is encrypted by the caller."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.installation import Installation
from incident_copilot.store.tables import installations, oauth_states
from incident_copilot.store.upsert import insert

_STATES = "install"
"""The workspace of an installation that has only begun is not known."""


async def every(db: AsyncConnection) -> list[Installation]:
    """Return all installations, those that are over too, oldest first."""
    query = sa.select(installations).order_by(installations.c.installed_at, installations.c.workspace_id)
    return [_installation(dict(row)) for row in (await db.execute(query)).mappings()]


async def of(db: AsyncConnection, workspace_id: str) -> Installation | None:
    """Return the installation under which a workspace's rows are kept, or None."""
    query = sa.select(installations).where(installations.c.workspace_id == workspace_id)
    row = (await db.execute(query)).mappings().first()
    return _installation(dict(row)) if row else None


async def at(db: AsyncConnection, enterprise_id: str, team_id: str) -> Installation | None:
    """Return the installation that serves a workspace of Slack: its own, else that of its organisation; or None."""
    own = sa.and_(installations.c.team_id == team_id, installations.c.team_id != "")
    of_all = sa.and_(installations.c.team_id == "", installations.c.enterprise_id != "")
    whole = sa.and_(of_all, installations.c.enterprise_id == enterprise_id)
    query = sa.select(installations).where(sa.or_(own, whole))
    ordered = query.order_by(installations.c.revoked_at.is_not(None), (installations.c.team_id == "").asc())
    row = (await db.execute(ordered.limit(1))).mappings().first()
    return _installation(dict(row)) if row else None


async def save(db: AsyncConnection, installation: Installation) -> None:
    """Keep an installation, in the place of an earlier one of the same workspace."""
    values = _columns(installation)
    changed = {name: value for name, value in values.items() if name != "workspace_id"}
    made = insert(db, installations).values(values)
    await db.execute(made.on_conflict_do_update(index_elements=["workspace_id"], set_=changed))


async def begin(db: AsyncConnection, digest: str, expires_at: datetime, now: datetime) -> None:
    """Keep the digest of a state that was handed out, and drop those that nobody came back with in time."""
    await db.execute(sa.delete(oauth_states).where(oauth_states.c.expires_at <= now))
    row = {"workspace_id": _STATES, "digest": digest, "expires_at": expires_at}
    await db.execute(sa.insert(oauth_states).values(row))


async def consume(db: AsyncConnection, digest: str, now: datetime) -> bool:
    """Use a state up; False where it was never handed out, was used, or is too old."""
    here = sa.and_(oauth_states.c.workspace_id == _STATES, oauth_states.c.digest == digest)
    used = await db.execute(sa.delete(oauth_states).where(here, oauth_states.c.expires_at > now))
    return used.rowcount == 1


def _installation(row: Mapping[str, Any]) -> Installation:
    return Installation.model_validate({**row, "scopes": tuple(filter(None, row["scopes"].split(",")))})


def _columns(installation: Installation) -> dict[str, Any]:
    return {**installation.model_dump(), "scopes": ",".join(installation.scopes)}
