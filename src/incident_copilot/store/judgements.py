"""What people said of requests to an AI system that they looked at in an incident."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen
from incident_copilot.store.tables import judgements
from incident_copilot.store.upsert import insert


class Judgement(Frozen):
    """One request, the stratum it was drawn from, and whether somebody found its answer bad."""

    request: str
    stratum: str
    bad: bool
    by: str


async def keep(
    db: AsyncConnection, workspace_id: str, incident_id: str, told: Sequence[Judgement], now: datetime
) -> None:
    """Keep judgements; who judges a request anew takes the place of who did before."""
    own = {"workspace_id": workspace_id, "incident_id": incident_id, "at": now}
    statement = insert(db, judgements)
    anew = {name: statement.excluded[name] for name in ("stratum", "bad", "by", "at")}
    keys = [judgements.c.workspace_id, judgements.c.incident_id, judgements.c.request]
    rows = [own | one.model_dump() for one in sorted(told, key=lambda one: one.request)]
    await db.execute(statement.on_conflict_do_update(index_elements=keys, set_=anew), rows)


async def of(db: AsyncConnection, workspace_id: str, incident_id: str) -> list[Judgement]:
    """Return what was said of the requests of an incident, by request."""
    query = sa.select(*(judgements.c[name] for name in Judgement.model_fields)).where(
        judgements.c.workspace_id == workspace_id, judgements.c.incident_id == incident_id
    )
    rows = (await db.execute(query.order_by(judgements.c.request))).mappings()
    return [Judgement.model_validate(dict(row)) for row in rows]
