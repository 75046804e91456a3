"""Incidents that are over, as search reads them: reports that were brought in, and our own."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.knowledge_tables import past_incidents
from incident_copilot.store.upsert import insert


class Saved(NamedTuple):
    """How many were new, changed, or the same as before."""

    new: int
    changed: int
    unchanged: int


async def save(db: AsyncConnection, workspace_id: str, incidents: Sequence[PastIncident], now: datetime) -> Saved:
    """Keep these, in place of what was kept under their ids; the same again changes nothing."""
    held = await _digests(db, workspace_id)
    rows = {one.id: _row(workspace_id, one, now) for one in incidents}
    fresh = [row for row in rows.values() if held.get(str(row["id"])) != row["digest"]]
    if fresh:
        upsert = insert(db, past_incidents)
        kept = {name: upsert.excluded[name] for name in ("digest", "body", "changed_at")}
        await db.execute(upsert.on_conflict_do_update(index_elements=["workspace_id", "id"], set_=kept), fresh)
    new = sum(row["id"] not in held for row in fresh)
    return Saved(new=new, changed=len(fresh) - new, unchanged=len(rows) - len(fresh))


async def state(db: AsyncConnection, workspace_id: str) -> str:
    """Return what is another text after every change; the same one means the same incidents."""
    changed_at = past_incidents.c.changed_at
    # The last change alone hides an edit by a replica whose clock is behind; the sum of all of them moves with each.
    seen = sa.func.count(), sa.func.max(changed_at), sa.func.sum(sa.extract("epoch", changed_at))
    query = sa.select(*seen).where(past_incidents.c.workspace_id == workspace_id)
    return " ".join(map(str, (await db.execute(query)).one()))


async def every(db: AsyncConnection, workspace_id: str) -> list[PastIncident]:
    """Return all of them, by id."""
    query = sa.select(past_incidents.c.body).where(past_incidents.c.workspace_id == workspace_id)
    return [value_of(PastIncident, row.body) for row in await db.execute(query.order_by(past_incidents.c.id))]


async def _digests(db: AsyncConnection, workspace_id: str) -> dict[str, str]:
    query = sa.select(past_incidents.c.id, past_incidents.c.digest)
    rows = await db.execute(query.where(past_incidents.c.workspace_id == workspace_id))
    return {row.id: row.digest for row in rows}


def _row(workspace_id: str, one: PastIncident, now: datetime) -> dict[str, object]:
    return {
        "workspace_id": workspace_id,
        "id": one.id,
        "digest": hashlib.sha256(one.model_dump_json().encode()).hexdigest(),
        "body": body_of(one),
        "changed_at": now,
    }
