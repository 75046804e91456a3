"""Postmortems as written: the value, its Markdown and its page."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.postmortem import Postmortem
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import postmortems
from incident_copilot.store.upsert import insert


class StoredPostmortem(Frozen):
    """A postmortem and its two renderings."""

    postmortem: Postmortem
    markdown: str
    html: str


async def save(db: AsyncConnection, written: StoredPostmortem) -> None:
    """Keep the newest writing of an incident's postmortem."""
    body = {
        "written_at": written.postmortem.written_at,
        "body": body_of(written.postmortem),
        "markdown": written.markdown,
        "html": written.html,
    }
    upsert = insert(db, postmortems).values(incident_id=written.postmortem.incident_id, **body)
    await db.execute(upsert.on_conflict_do_update(index_elements=["incident_id"], set_=body))


async def is_written(db: AsyncConnection, incident_id: str) -> bool:
    """Whether an incident has a postmortem."""
    query = sa.select(sa.exists().where(postmortems.c.incident_id == incident_id))
    return bool((await db.execute(query)).scalar())


async def get(db: AsyncConnection, incident_id: str) -> StoredPostmortem | None:
    """Return the postmortem of an incident, or None before it is written."""
    row = (await db.execute(sa.select(postmortems).where(postmortems.c.incident_id == incident_id))).first()
    if row is None:
        return None
    return StoredPostmortem(postmortem=value_of(Postmortem, row.body), markdown=row.markdown, html=row.html)
