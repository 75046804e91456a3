"""Pages at paging services: which incident each is of, and where it is in its life."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import pages
from incident_copilot.store.upsert import insert

TRIGGERED, ACKNOWLEDGED, RESOLVED = "triggered", "acknowledged", "resolved"


class Paged(Frozen):
    """One page at one pager."""

    pager: str
    key: str
    incident_id: str
    state: str


async def note(db: AsyncConnection, workspace_id: str, paged: Paged, now: datetime) -> None:
    """Keep where a page is now."""
    row = {"workspace_id": workspace_id, "at": now, **paged.model_dump()}
    keys = [pages.c.workspace_id, pages.c.pager, pages.c.key]
    changed = {"state": paged.state, "at": now}
    await db.execute(insert(db, pages).values(row).on_conflict_do_update(index_elements=keys, set_=changed))


async def of_incident(db: AsyncConnection, incident_id: str) -> list[Paged]:
    """Return an incident's pages, by pager."""
    query = sa.select(*(pages.c[name] for name in Paged.model_fields)).where(pages.c.incident_id == incident_id)
    return [value_of(Paged, dict(row)) for row in (await db.execute(query.order_by(pages.c.pager))).mappings()]


async def by_key(db: AsyncConnection, workspace_id: str, key: str) -> Paged | None:
    """Return the page of a key, or None."""
    this = sa.and_(pages.c.workspace_id == workspace_id, pages.c.key == key)
    row = (await db.execute(sa.select(*(pages.c[name] for name in Paged.model_fields)).where(this))).mappings().first()
    return value_of(Paged, dict(row)) if row else None
