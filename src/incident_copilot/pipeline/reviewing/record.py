"""Everything that is held about one incident, read at one moment, and the sources that lines about it cite."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.evidence import Evidence, EvidenceGap, EvidenceKind
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident, Membership
from incident_copilot.domain.log import LogEntry, LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.postmortem import ActionItem, Review, Source
from incident_copilot.domain.proposal import Proposal
from incident_copilot.domain.support_hours import WORKING_HOURS, SupportHours
from incident_copilot.domain.task import Task
from incident_copilot.domain.worth import Worth
from incident_copilot.pipeline import chosen, measure, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.reviewing.cast import cast
from incident_copilot.store import (
    action_items,
    action_log,
    alerts,
    evidence,
    incidents,
    proposals,
    reviews,
    tasks,
    texts,
    timeline,
)
from incident_copilot.store import people as names
from incident_copilot.store.db import Tx

CLOCK = "%H:%M:%S"
MOST_ALERTS = 1_000
"""Alerts of one incident that are looked at one by one; how many more there are is said."""
OF_ITS_REVIEW = ("postmortem:", "item:", "document:", "ticket:", "adviser:", "incident:rated")
"""How kinds of log rows begin that tell of the postmortem itself, not of the incident."""
ASKED_OF_IT = ("postmortems", "action items", "tickets")
"""How what was refused ends, where it was asked of the postmortem."""


@dataclass(frozen=True)
class Record:
    """What a postmortem is built from; `texts` are erasable words by id, None where they were erased.

    `log` tells of the incident, `afterwards` of its postmortem: who edited and approved it, what follows.
    """

    incident: Incident
    written_at: datetime
    log: tuple[LogEntry, ...]
    timeline: tuple[TimelineEntry, ...] = ()
    alerts: tuple[Alert, ...] = ()
    memberships: tuple[Membership, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    brief: Brief | None = None
    proposals: tuple[Proposal, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    cast: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str | None] = field(default_factory=dict)
    teams: dict[str, str | None] = field(default_factory=dict)
    late_gaps: tuple[EvidenceGap, ...] = ()
    tasks: tuple[Task, ...] = ()
    items: tuple[ActionItem, ...] = ()
    review: Review | None = None
    afterwards: tuple[LogEntry, ...] = ()
    worth: Worth | None = None
    working_hours: SupportHours = WORKING_HOURS
    for_chat: bool = False
    response_time: timedelta | None = None

    @property
    def response_target(self) -> timedelta:
        """In which time somebody had to acknowledge: as the catalogue says, else as is usual for the severity."""
        return self.response_time or self.incident.severity.response_time

    def rows(self, *kinds: LogKind) -> list[LogEntry]:
        """Return the log rows of these kinds, in order."""
        return [row for row in self.log if row.kind in kinds]

    def about(self, proposal: Proposal) -> list[LogEntry]:
        """Return the log rows that speak of a proposal, in order."""
        return [row for row in self.log if row.payload.get("proposal") == proposal.id]

    def moments(self, kind: TimelineKind) -> list[TimelineEntry]:
        """Return what is on the timeline of one kind and was not deleted, in order of time."""
        return [entry for entry in self.timeline if entry.kind is kind and not entry.deleted]

    def found(self, kind: EvidenceKind) -> list[Evidence]:
        """Return the evidence of one kind, in the order it was taken."""
        return [item for item in self.evidence if item.kind is kind]

    def changes(self) -> list[Evidence]:
        """Return each change once, in order of time; of several readings the one that the brief cites."""
        cited = cited_by(self.brief)
        kept: dict[tuple[object, ...], Evidence] = {}
        for item in self.found(EvidenceKind.CHANGE):
            key = (item.data["service"], item.data["version"], item.data["at"])
            if key not in kept or item.id in cited:
                kept[key] = item
        return sorted(kept.values(), key=lambda item: float(item.data["at"]))

    def metrics_of(self, alert: Alert) -> list[Evidence]:
        """Return the readings of the metric behind an alert, in the order they were taken."""
        return [item for item in self.evidence if alert.expression and measure.is_about(item, alert)]

    @property
    def first_alert(self) -> Alert | None:
        """The alert that fired first, or None where the incident was declared by a person."""
        return min(self.alerts, key=lambda alert: alert.starts_at, default=None)

    @property
    def owner(self) -> str | None:
        """The team that owns what broke."""
        return self.incident.team

    def name(self, chat_id: str) -> str:
        """Return what somebody is called in sentences: the part they played, else their name."""
        return self.cast.get(chat_id) or self.called(chat_id)

    def called(self, chat_id: str) -> str:
        """Return the name somebody goes by, for where people look for a person; else the chat shows a mention."""
        return self.names.get(chat_id) or (f"<@{chat_id}>" if self.for_chat else chat_id)

    def sources(self, ids: Iterable[str]) -> tuple[Source, ...]:
        """Return the sources for pieces of evidence; ids that are not held are left out."""
        held = {item.id: item for item in self.evidence}
        return tuple(of_evidence(held[one]) for one in dict.fromkeys(ids) if one in held)

    def brief_source(self) -> tuple[Source, ...]:
        """Return the source for what the newest brief says without evidence, such as what it could not look at."""
        told = tuple(of_timeline(entry) for entry in self.moments(TimelineKind.BRIEF)[-1:])
        return told or (computed("no-brief", f"no brief among {len(self.timeline)} entries on the timeline"),)


async def read(deps: Deps, incident_id: str) -> Record:
    """Return the record of an incident as it stands now.

    Raises:
        UnknownThing: there is none with this id.
    """
    async with deps.db.read() as db:
        rows = await action_log.entries(db, incident_id)
        log = [row for row in rows if not _is_of_its_review(row)]
        afterwards = [row for row in rows if _is_of_its_review(row)]
        record = Record(
            incident=await incidents.get(db, incident_id),
            written_at=deps.now(),
            log=tuple(log),
            afterwards=tuple(afterwards),
            timeline=tuple(await timeline.of_incident(db, incident_id)),
            alerts=tuple(await alerts.belonging(db, incident_id, MOST_ALERTS)),
            memberships=tuple(await incidents.memberships(db, incident_id)),
            evidence=tuple(await evidence.of_incident(db, incident_id)),
            brief=await evidence.latest_brief(db, incident_id),
            proposals=tuple(await proposals.of_incident(db, incident_id)),
            names=await names.names(db, deps.workspace_id),
            texts=await _texts(db, rows),
            tasks=tuple(await tasks.of_incident(db, incident_id)),
            items=tuple(await action_items.of_incident(db, incident_id)),
            review=await reviews.get(db, incident_id),
        )
    service = deps.catalog.service(record.incident.service)
    return replace(
        record,
        cast=cast(record.incident, record.log, record.timeline),
        teams={service.name: service.team for service in deps.catalog.services},
        worth=service.worth if service else None,
        working_hours=chosen.working_hours(deps, record.incident.team),
        response_time=deps.catalog.escalation.response_time(record.incident.severity),
    )


def cited_by(brief: Brief | None) -> set[str]:
    """Return the ids of all evidence that a brief cites."""
    return {one for ids in show.statements(brief) for one in ids} if brief else set()


def of_log(row: LogEntry) -> Source:
    """Return the source for a row of the action log."""
    return Source(ref=f"log:{row.seq}", label=f"Action log, row {row.seq}: {row.kind}")


def of_timeline(entry: TimelineEntry) -> Source:
    """Return the source for an entry of the timeline."""
    return Source(ref=f"timeline:{entry.id}", label=f"Timeline: {entry.kind}", link=entry.link)


def of_evidence(item: Evidence) -> Source:
    """Return the source for a piece of evidence."""
    return Source(ref=f"evidence:{item.id}", label=f"{item.source}: {item.title}", link=item.link)


def computed(what: str, inputs: str) -> Source:
    """Return the source for something computed; `inputs` says from what."""
    return Source(ref=f"computed:{what}", label=inputs)


def _is_of_its_review(row: LogEntry) -> bool:
    is_refusal = row.kind is LogKind.DENIED and str(row.payload.get("asked", "")).endswith(ASKED_OF_IT)
    return is_refusal or row.kind.startswith(OF_ITS_REVIEW)


async def _texts(db: Tx, log: Iterable[LogEntry]) -> dict[str, str | None]:
    kept = [value for row in log for value in row.payload.values() if isinstance(value, dict) and "text" in value]
    return {value["text"]: await texts.text_of(db, value["text"]) for value in kept}
