"""Reviews of postmortems, and every version of every section: what was computed, and what people wrote."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.postmortem import Review, ReviewState
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import postmortem_reviews, postmortem_sections
from incident_copilot.store.tables import texts as kept
from incident_copilot.store.upsert import insert

COPILOT = "copilot"


class Version(Frozen):
    """One version of a section; `text` is None where it was erased, `log_seq` the log row of a person's edit."""

    section: str
    version: int
    at: Utc
    by: str
    text: str | None
    log_seq: int | None = None

    @property
    def is_computed(self) -> bool:
        """Whether the copilot wrote it."""
        return self.by == COPILOT


async def get(db: AsyncConnection, incident_id: str) -> Review | None:
    """Return the review of an incident's postmortem, or None before it is written."""
    query = sa.select(postmortem_reviews.c.body).where(postmortem_reviews.c.incident_id == incident_id)
    row = (await db.execute(query)).first()
    return value_of(Review, row.body) if row else None


async def save(db: AsyncConnection, review: Review) -> Review:
    """Keep how far a review is; call it after its incident is locked."""
    values = {"state": review.state.value, "owner": review.owner, "body": body_of(review)}
    key = {"workspace_id": review.workspace_id, "incident_id": review.incident_id}
    upsert = insert(db, postmortem_reviews).values(**key, **values)
    await db.execute(upsert.on_conflict_do_update(index_elements=list(key), set_=values))
    return review


async def in_states(
    db: AsyncConnection, workspace_id: str, states: Collection[ReviewState], limit: int = 200
) -> list[Review]:
    """Return the reviews in these states, the newest first."""
    table = postmortem_reviews
    query = sa.select(table.c.body).where(table.c.workspace_id == workspace_id, table.c.state.in_(states))
    found = await db.execute(query.order_by(table.c.incident_id.desc()).limit(limit))
    return [value_of(Review, row.body) for row in found]


async def versions(db: AsyncConnection, incident_id: str, section: str | None = None) -> list[Version]:
    """Return the versions of a section, or of all, oldest first."""
    table = postmortem_sections
    joined = sa.outerjoin(table, kept, table.c.text_id == kept.c.id)
    columns = (table.c.section, table.c.version, table.c.at, table.c.by, table.c.log_seq, kept.c.text)
    query = sa.select(*columns).select_from(joined).where(table.c.incident_id == incident_id)
    if section is not None:
        query = query.where(table.c.section == section)
    found = await db.execute(query.order_by(table.c.section, table.c.version))
    return [Version.model_validate(dict(row)) for row in found.mappings()]


async def add_version(
    db: AsyncConnection,
    *,
    workspace_id: str,
    incident_id: str,
    section: str,
    by: str,
    text_id: str,
    now: datetime,
    log_seq: int | None = None,
) -> int:
    """Keep a text as the next version of a section, and return its number; call it after the incident is locked."""
    table = postmortem_sections
    here = sa.and_(table.c.incident_id == incident_id, table.c.section == section)
    last = (await db.execute(sa.select(sa.func.max(table.c.version)).where(here))).scalar() or 0
    row = {"section": section, "version": last + 1, "at": now, "by": by, "log_seq": log_seq, "text_id": text_id}
    await db.execute(sa.insert(table).values(workspace_id=workspace_id, incident_id=incident_id, **row))
    return last + 1


async def erase_naming(db: AsyncConnection, name: str, held: Collection[str] = ()) -> int:
    """Erase computed versions that name somebody, but for those of `held` incidents; return how many."""
    free = postmortem_sections.c.incident_id.not_in(held)
    computed = sa.select(postmortem_sections.c.text_id).where(postmortem_sections.c.by == COPILOT, free)
    naming = sa.and_(kept.c.id.in_(computed), kept.c.text.contains(name, autoescape=True))
    return (await db.execute(sa.delete(kept).where(naming))).rowcount
