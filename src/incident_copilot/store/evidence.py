"""Evidence and the briefs made from it."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import briefs, evidence


async def add_all(db: AsyncConnection, found: Iterable[Evidence]) -> None:
    """Keep what was found."""
    rows = [
        {
            "id": item.id,
            "incident_id": item.incident_id,
            "source": item.source,
            "kind": item.kind,
            "taken_at": item.taken_at,
            "body": body_of(item),
        }
        for item in found
    ]
    if rows:
        await db.execute(sa.insert(evidence), rows)


async def get(db: AsyncConnection, evidence_id: str) -> Evidence | None:
    """Return one piece of evidence, or None."""
    row = (await db.execute(sa.select(evidence.c.body).where(evidence.c.id == evidence_id))).first()
    return value_of(Evidence, row.body) if row else None


async def of_incident(db: AsyncConnection, incident_id: str) -> list[Evidence]:
    """Return the incident's evidence in the order it was taken."""
    query = sa.select(evidence.c.body).where(evidence.c.incident_id == incident_id)
    found = await db.execute(query.order_by(evidence.c.taken_at, evidence.c.id))
    return [value_of(Evidence, row.body) for row in found]


async def of_kinds(db: AsyncConnection, incident_id: str, kinds: Collection[EvidenceKind]) -> list[Evidence]:
    """Return the incident's evidence of these kinds, in no order."""
    query = sa.select(evidence.c.body).where(evidence.c.incident_id == incident_id, evidence.c.kind.in_(kinds))
    return [value_of(Evidence, row.body) for row in await db.execute(query)]


async def some(db: AsyncConnection, ids: Collection[str]) -> list[Evidence]:
    """Return the evidence with these ids, oldest first."""
    query = sa.select(evidence.c.body).where(evidence.c.id.in_(ids)).order_by(evidence.c.taken_at, evidence.c.id)
    return [value_of(Evidence, row.body) for row in await db.execute(query)]


async def add_brief(db: AsyncConnection, brief: Brief) -> None:
    """Keep a brief with its hypotheses; earlier ones stay."""
    await db.execute(
        sa.insert(briefs).values(
            id=new_id(brief.as_of),
            incident_id=brief.incident_id,
            as_of=brief.as_of,
            body=body_of(brief),
        )
    )


async def briefs_of(db: AsyncConnection, incident_id: str) -> list[Brief]:
    """Return all briefs of an incident, oldest first."""
    query = sa.select(briefs.c.body).where(briefs.c.incident_id == incident_id)
    return [value_of(Brief, row.body) for row in await db.execute(query.order_by(briefs.c.as_of, briefs.c.id))]


async def latest_brief(db: AsyncConnection, incident_id: str) -> Brief | None:
    """Return the newest brief, or None before the first."""
    query = sa.select(briefs.c.body).where(briefs.c.incident_id == incident_id)
    row = (await db.execute(query.order_by(briefs.c.as_of.desc(), briefs.c.id.desc()).limit(1))).first()
    return value_of(Brief, row.body) if row else None
