"""What measures are computed from: rows of many incidents at once, in bounded questions."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.proposal import Proposal
from incident_copilot.store.bodies import value_of
from incident_copilot.store.learning_tables import ratings
from incident_copilot.store.tables import action_log, briefs, members, model_calls, outcomes, proposals

AT_ONCE = 200
"""Ids in one question."""
MOST_ROWS = 20_000


async def log_rows(db: AsyncConnection, incident_ids: Sequence[str], kinds: Collection[LogKind]) -> list[LogEntry]:
    """Return the log rows of these incidents and kinds, by incident and order."""
    found: list[LogEntry] = []
    for ids in _slices(incident_ids):
        chosen = sa.select(action_log).where(action_log.c.incident_id.in_(ids), action_log.c.kind.in_(kinds))
        rows = await db.execute(chosen.order_by(action_log.c.incident_id, action_log.c.seq).limit(MOST_ROWS))
        found += [value_of(LogEntry, dict(row)) for row in rows.mappings()]
    return found


async def proposals_of(db: AsyncConnection, incident_ids: Sequence[str]) -> list[Proposal]:
    """Return the proposals of these incidents, oldest first."""
    found: list[Proposal] = []
    for ids in _slices(incident_ids):
        query = sa.select(proposals.c.body).where(proposals.c.incident_id.in_(ids)).order_by(proposals.c.id)
        found += [value_of(Proposal, row.body) for row in await db.execute(query.limit(MOST_ROWS))]
    return found


async def first_seen(db: AsyncConnection, incident_ids: Sequence[str]) -> dict[str, datetime]:
    """Return when the first alert of each incident came; none for those that people declared and no alert saw."""
    found: dict[str, datetime] = {}
    for ids in _slices(incident_ids):
        query = sa.select(members.c.incident_id, sa.func.min(members.c.joined_at)).where(members.c.incident_id.in_(ids))
        found |= {row[0]: row[1] for row in await db.execute(query.group_by(members.c.incident_id))}
    return found


async def briefs_of(db: AsyncConnection, incident_ids: Sequence[str]) -> dict[str, Brief]:
    """Return the newest brief of each incident that has one."""
    found: dict[str, Brief] = {}
    for ids in _slices(incident_ids):
        newest = sa.select(briefs.c.incident_id, sa.func.max(briefs.c.as_of).label("as_of"))
        last = newest.where(briefs.c.incident_id.in_(ids)).group_by(briefs.c.incident_id).subquery()
        is_last = sa.and_(briefs.c.incident_id == last.c.incident_id, briefs.c.as_of == last.c.as_of)
        rows = await db.execute(sa.select(briefs.c.incident_id, briefs.c.body).join(last, is_last))
        found |= {row.incident_id: value_of(Brief, row.body) for row in rows}
    return found


async def spent(db: AsyncConnection, incident_ids: Sequence[str]) -> dict[str, Spent]:
    """Return what the model took for each incident that it was asked about."""
    found: dict[str, Spent] = {}
    for ids in _slices(incident_ids):
        query = sa.select(
            model_calls.c.incident_id,
            sa.func.count(),
            sa.func.sum(model_calls.c.input_tokens + model_calls.c.output_tokens),
            sa.func.sum(model_calls.c.cost_usd),
        ).where(model_calls.c.incident_id.in_(ids))
        for incident_id, steps, tokens, usd in await db.execute(query.group_by(model_calls.c.incident_id)):
            found[incident_id] = Spent(steps=steps, tokens=tokens or 0, usd=usd or 0.0)
    return found


async def endings(
    db: AsyncConnection, workspace_id: str, since: datetime
) -> dict[tuple[str, str], list[tuple[str, datetime]]]:
    """Return by alert name and service which incidents of it ended since a time, and when, in order."""
    query = sa.select(outcomes).where(outcomes.c.workspace_id == workspace_id, outcomes.c.ended_at >= since)
    found: dict[tuple[str, str], list[tuple[str, datetime]]] = defaultdict(list)
    for row in await db.execute(query.order_by(outcomes.c.ended_at).limit(MOST_ROWS)):
        found[row.name, row.service].append((row.incident_id, row.ended_at))
    return dict(found)


async def stars(db: AsyncConnection, workspace_id: str, since: datetime) -> list[tuple[str, str, int]]:
    """Return how useful people found the copilot since a time: incident, person, 1 to 5."""
    query = sa.select(ratings).where(ratings.c.workspace_id == workspace_id, ratings.c.at >= since)
    rows = await db.execute(query.order_by(ratings.c.at).limit(MOST_ROWS))
    return [(row.incident_id, row.person, row.stars) for row in rows]


def _slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), AT_ONCE):
        yield ids[at : at + AT_ONCE]
