"""Episodes: what the alerts of latest incidents did, for those who look whether they are worth their noise."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.log import TimelineKind
from incident_copilot.domain.track_record import TurnedOut
from incident_copilot.store.measured import AT_ONCE, MOST_ROWS
from incident_copilot.store.tables import alerts, members, outcomes, timeline

Named = tuple[str, str | None]


class Episode(Frozen):
    """How one incident that an alert opened turned out, how long the alert fired, its worst value, and its limit."""

    name: str
    service: str | None
    incident_id: str
    outcome: TurnedOut
    lasted_s: float | None
    worst: float | None
    bound: float | None


async def since(db: AsyncConnection, workspace_id: str, then: datetime) -> list[Episode]:
    """Return the episodes that ended since a time, latest first."""
    query = sa.select(outcomes).where(outcomes.c.workspace_id == workspace_id, outcomes.c.ended_at >= then)
    rows = await db.execute(query.order_by(outcomes.c.ended_at.desc(), outcomes.c.incident_id).limit(AT_ONCE * 10))
    return [
        Episode(
            name=row.name,
            service=row.service or None,
            incident_id=row.incident_id,
            outcome=TurnedOut(row.outcome),
            lasted_s=row.lasted_s,
            worst=row.worst,
            bound=row.bound,
        )
        for row in rows
    ]


async def together(db: AsyncConnection, incident_ids: Sequence[str]) -> dict[str, dict[str, Named]]:
    """Return by incident the name and service of each alert that belonged to it, by fingerprint."""
    found: dict[str, dict[str, Named]] = defaultdict(dict)
    for at in range(0, len(incident_ids), AT_ONCE):
        named = (alerts.c.alert["name"].as_string(), alerts.c.alert["service"].as_string())
        query = sa.select(members.c.incident_id, members.c.fingerprint, *named)
        query = query.join(alerts, alerts.c.fingerprint == members.c.fingerprint)
        query = query.where(members.c.incident_id.in_(incident_ids[at : at + AT_ONCE])).limit(MOST_ROWS)
        for incident_id, fingerprint, name, service in await db.execute(query):
            found[incident_id][fingerprint] = (name, service)
    return dict(found)


async def firings(db: AsyncConnection, incident_ids: Sequence[str]) -> Counter[tuple[str, str]]:
    """Return how often each alert fired in each incident, by incident and fingerprint, as far as its timeline tells."""
    found = Counter[tuple[str, str]]()
    for at in range(0, len(incident_ids), AT_ONCE):
        these = sa.and_(
            timeline.c.incident_id.in_(incident_ids[at : at + AT_ONCE]),
            timeline.c.kind == TimelineKind.ALERT,
            timeline.c.ref.like("alert:%|firing"),
        )
        query = sa.select(timeline.c.incident_id, timeline.c.ref).where(these).limit(MOST_ROWS)
        for incident_id, ref in await db.execute(query):
            found[incident_id, ref.removeprefix("alert:").partition("|")[0]] += 1
    return found
