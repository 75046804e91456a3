"""Changes: what was deployed, merged or run, one row each with its newest state."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.change import Change
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import changes
from incident_copilot.store.upsert import insert


async def record_all(db: AsyncConnection, workspace_id: str, told: Sequence[Change]) -> None:
    """Record changes; of one change the latest state stays, in whatever order they come, and when it began."""
    if not told:
        return
    mine = [changes.c.workspace_id == workspace_id, changes.c.key.in_({change.key for change in told})]
    known = (await db.execute(sa.select(changes.c.change).where(*mine))).scalars()
    merged: dict[str, Change] = {}
    for change in (*(value_of(Change, one) for one in known), *told):
        merged[change.key] = _merged(merged.get(change.key), change)
    # In one order, so that two processes never wait for each other in a circle.
    rows = [
        {
            "workspace_id": workspace_id,
            "key": key,
            "service": change.service,
            "at": change.at,
            "change": body_of(change),
        }
        for key, change in sorted(merged.items())
    ]
    statement = insert(db, changes)
    told_anew = {name: statement.excluded[name] for name in ("service", "at", "change")}
    keys = [changes.c.workspace_id, changes.c.key]
    is_later = changes.c.at <= statement.excluded.at
    await db.execute(statement.on_conflict_do_update(index_elements=keys, set_=told_anew, where=is_later), rows)


def _merged(known: Change | None, told: Change) -> Change:
    """Return the later of two states of a change, with the earliest time that either knows."""
    if known is None:
        return told
    later = told if told.at >= known.at else known
    first = min(known.began or known.at, told.began or told.at)
    return later.model_copy(update={"began": first}) if first < later.at else later


async def between(
    db: AsyncConnection, workspace_id: str, since: datetime, until: datetime, services: Collection[str] | None = None
) -> list[Change]:
    """Return the changes of a time, newest first; of some services only, where they are given."""
    query = sa.select(changes.c.change).where(
        changes.c.workspace_id == workspace_id, changes.c.at >= since, changes.c.at <= until
    )
    if services is not None:
        query = query.where(changes.c.service.in_(services))
    query = query.order_by(changes.c.at.desc(), changes.c.key)
    return [value_of(Change, row) for row in (await db.execute(query)).scalars()]
