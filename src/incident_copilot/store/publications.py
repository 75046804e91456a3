"""Publications: where each update is out, and what its channel answered."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.update import Publication
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import publications
from incident_copilot.store.upsert import insert


async def save(db: AsyncConnection, workspace_id: str, published: Publication) -> None:
    """Keep that an update is out at a channel, or what was done with it since."""
    row = {
        "incident_id": published.incident_id,
        "audience": published.audience,
        "at": published.at,
        "body": body_of(published),
    }
    keys = {"workspace_id": workspace_id, "proposal_id": published.proposal_id, "channel": published.channel}
    statement = insert(db, publications).values(**keys, **row)
    await db.execute(statement.on_conflict_do_update(index_elements=[publications.c[name] for name in keys], set_=row))


async def of_incident(db: AsyncConnection, incident_id: str) -> list[Publication]:
    """Return what is out about an incident, oldest first."""
    query = sa.select(publications.c.body).where(publications.c.incident_id == incident_id)
    found = await db.execute(query.order_by(publications.c.at, publications.c.proposal_id, publications.c.channel))
    return [value_of(Publication, row.body) for row in found]


async def newest(db: AsyncConnection, incident_id: str, audience: Audience) -> Publication | None:
    """Return what an audience was told last, None where it was told nothing."""
    told = [one for one in await of_incident(db, incident_id) if one.audience is audience and not one.retracted_at]
    return told[-1] if told else None
