"""The rows of a period that measures are computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident_copilot.domain.incident import Ending, Incident
from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.measures import Rule
from incident_copilot.domain.proposal import Proposal
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, measured
from incident_copilot.store import people as names

MOST = 1_000
"""Incidents that are looked at, with those of the period before; newest first."""
RECURS_WITHIN = timedelta(days=90)
KINDS = frozenset(
    {
        LogKind.DECLARED,
        LogKind.ACKNOWLEDGED,
        LogKind.ASSIGNED,
        LogKind.SEVERITY_SET,
        LogKind.EDITED,
        LogKind.PAGED,
        LogKind.PUBLISHED,
        LogKind.REVIEWED,
        LogKind.RESOLVED,
        LogKind.ENDED,
        LogKind.APPROVED,
        LogKind.REJECTED,
        LogKind.DONE,
    }
)


@dataclass(frozen=True)
class Gathered:
    """Rows of a period: `incidents` opened in it, `before` in the one before; the rest is of the former."""

    since: datetime
    until: datetime
    rule: Rule
    incidents: Sequence[Incident]
    before: Sequence[Incident]
    left_out: int
    rows: Sequence[LogEntry]
    proposals: Sequence[Proposal]
    first_seen: Mapping[str, datetime]
    spent: Mapping[str, Spent]
    endings: Mapping[tuple[str, str], Sequence[tuple[str, datetime]]]
    stars: Sequence[int]
    names: Mapping[str, str]

    def of_kind(self, *kinds: LogKind) -> list[LogEntry]:
        """Return the rows of these kinds."""
        return [row for row in self.rows if row.kind in kinds]

    @property
    def by_id(self) -> dict[str, Incident]:
        """The incidents of the period."""
        return {one.id: one for one in self.incidents}


async def gather(deps: Deps, span: timedelta, rule: Rule) -> Gathered:
    """Return the rows of the last `span`, and what is needed of the one before it."""
    until = deps.now()
    since = until - span
    async with deps.db.read() as db:
        found = await incidents.recent(db, deps.workspace_id, since - span, MOST + 1)
        kept = [one for one in found[:MOST] if _counts(one, rule)]
        now = [one for one in kept if one.opened_at >= since]
        ids = [one.id for one in now]
        stars = await measured.stars(db, deps.workspace_id, since)
        return Gathered(
            since=since,
            until=until,
            rule=rule,
            incidents=now,
            before=[one for one in kept if one.opened_at < since],
            left_out=max(0, len(found) - MOST),
            rows=await measured.log_rows(db, ids, KINDS),
            proposals=await measured.proposals_of(db, ids),
            first_seen=await measured.first_seen(db, [one.id for one in kept]),
            spent=await measured.spent(db, ids),
            endings=await measured.endings(db, deps.workspace_id, since - RECURS_WITHIN),
            stars=[number for incident_id, _, number in stars if incident_id in set(ids)],
            names=await names.names(db, deps.workspace_id),
        )


def _counts(one: Incident, rule: Rule) -> bool:
    if one.test or one.private or one.ending is Ending.MERGED:
        return False
    wanted = ((rule.service, one.service), (rule.severity, one.severity), (rule.incident_type, one.incident_type))
    return all(value is None or value == actual for value, actual in wanted)
