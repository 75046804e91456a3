"""Look back: what changed before an incident started, from stored changes and what the sources found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from incident_copilot.domain.evidence import Evidence, EvidenceGap
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline import show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.gather_context import question_about
from incident_copilot.pipeline.investigating.told import LOOK_BACK, change_evidence, told_changes
from incident_copilot.pipeline.reviewing.record import Record
from incident_copilot.store import alerts, evidence

MOST = 12


@dataclass(frozen=True)
class Changed:
    """One change before the start: when, how long before, what, on which service, and where it can be read."""

    at: datetime
    before: str
    text: str
    service: str
    is_near: bool
    evidence_id: str
    link: str | None = None


@dataclass(frozen=True)
class LookedBack:
    """What changed: on the incident's services and what they depend on first, each newest first."""

    incident: Incident
    changes: tuple[Changed, ...]
    left_out: int = 0
    gaps: tuple[EvidenceGap, ...] = ()


async def look_back(deps: Deps, incident: Incident) -> LookedBack:
    """Return what changed in the 24 hours before an incident started, and who could not be asked."""
    async with deps.db.read() as db:
        members = await alerts.belonging(db, incident.id)
        question = question_about(deps, incident, members)
        told = await told_changes(db, deps, question)
        found = await evidence.of_incident(db, incident.id)
        brief = await evidence.latest_brief(db, incident.id)
    record = Record(incident=incident, written_at=deps.now(), log=(), evidence=tuple(found), brief=brief)
    known = [*record.changes(), *change_evidence(deps, question, told, found)]
    near = frozenset({*question.services, *question.repos})
    changed = _in_order([_changed(incident, item, near) for item in known if _is_before(incident, item)])
    return LookedBack(
        incident=incident,
        changes=tuple(changed[:MOST]),
        left_out=max(0, len(changed) - MOST),
        gaps=brief.gaps if brief else (),
    )


def _is_before(incident: Incident, item: Evidence) -> bool:
    at = _moment(item)
    return incident.started_at - LOOK_BACK <= at <= incident.started_at


def _in_order(changed: Sequence[Changed]) -> list[Changed]:
    return sorted(changed, key=lambda one: (one.is_near, one.at), reverse=True)


def _changed(incident: Incident, item: Evidence, near: frozenset[str]) -> Changed:
    at, service = _moment(item), str(item.data["service"])
    author = f", by {item.data['author']}" if item.data.get("author") else ""
    return Changed(
        at=at,
        before=f"{show.in_words(incident.started_at - at)} before",
        text=f"{item.title}{author}",
        service=service,
        is_near=service in near,
        evidence_id=item.id,
        link=item.link,
    )


def _moment(item: Evidence) -> datetime:
    return datetime.fromtimestamp(float(item.data["at"]), UTC)
