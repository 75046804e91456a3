"""What the copilot holds already, as evidence that statements can cite: the alerts, and the runbooks that fit."""

from collections.abc import Mapping, Sequence

from incident_copilot.analysis.signals import classify_metric, resource_of
from incident_copilot.domain import incident_type
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis
from incident_copilot.domain.incident import Incident
from incident_copilot.knowledge.match import LEAST_SHARE, RunbookMatch, match_runbooks
from incident_copilot.knowledge.runbook import Step
from incident_copilot.knowledge.similar import SimilarIncident, similar_incidents
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.made import made
from incident_copilot.pipeline.on_call import Called

ALERTS = 10
_TOLD = {"id", "source", "happened_on", "cause", "ended", "for_models"}
NEAREST = 3
"""Past incidents that are evidence of a brief."""
RAN_OUT = {
    "connection pool": "ConnectionPoolExhausted",
    "connections": "DatabaseConnectionsHigh",
    "CPU": "HighCPU",
    "memory": "HighMemoryUsage",
    "disk": "DiskFull",
    "queue": "QueueBacklog",
    "quota": "QuotaExhausted",
}
"""The alert name that runbooks answer, by the resource that ran out."""


def alert_evidence(deps: Deps, incident: Incident, members: Sequence[Alert]) -> list[Evidence]:
    """Return the alerts as evidence."""
    return [
        made(
            deps,
            incident,
            EvidenceKind.ALERT,
            alert.source,
            title=f"{alert.name} on {alert.service or 'an unnamed service'}",
            summary=alert.description or alert.summary or alert.name,
            link=alert.links.get("source"),
            query=alert.expression,
            data={"fingerprint": alert.fingerprint, "labels": alert.labels, "status": alert.status.value},
        )
        for alert in members[:ALERTS]
    ]


def by_place(found: Called) -> dict[str, str]:
    """Return who is on call, by place: the first and the second."""
    return {place: who for place, who in (("first", found.primary), ("second", found.secondary)) if who}


def on_call_evidence(deps: Deps, incident: Incident, called: Called, names: Mapping[str, str]) -> list[Evidence]:
    """Return who the catalogue says is on call, for whom the chat's name is known."""
    return [
        made(
            deps,
            incident,
            EvidenceKind.PERSON,
            "catalogue",
            title=f"On call: {names[who]}",
            summary=f"{names[who]} is on call by the catalogue, {place}.",
            data={
                "name": names[who],
                "role": "on call",
                "schedule": f"the catalogue, {place}",
                "until": None,
                "service": incident.service,
            },
        )
        for place, who in by_place(called).items()
        if who in names
    ]


def runbook_evidence(deps: Deps, incident: Incident, matches: Sequence[RunbookMatch]) -> list[Evidence]:
    """Return the matched runbooks as evidence, with the text of the section to begin with."""
    return [
        made(
            deps,
            incident,
            EvidenceKind.RUNBOOK,
            "runbooks",
            title=f"Runbook: {match.runbook.title}, {match.section.heading}",
            summary="; ".join(match.reasons),
            data={
                "runbook": match.runbook.id,
                "section": match.section.id,
                "sha256": match.runbook.content_hash,
                "text": match.section.text[:6000],
                "steps": [_shown(step) for step in match.section.steps],
            },
        )
        for match in matches
    ]


def _shown(step: Step) -> str:
    return "\n".join(
        [f"{step.number}. {step.text}", *(f"   {line}" for one in step.commands for line in one.splitlines())]
    )


def runbooks_for_alerts(deps: Deps, incident: Incident, members: Sequence[Alert]) -> list[RunbookMatch]:
    """Return the runbooks that fit the first alert, or what people declared; else the one for its type of incident."""
    return _by_words(deps, incident, members) or _by_type(deps, incident)


def _by_type(deps: Deps, incident: Incident) -> list[RunbookMatch]:
    kind = incident_type.of(incident.incident_type)
    runbook = deps.library.by_id.get(kind.runbook or "") if kind.of_ai else None
    if runbook is None:
        return []
    reasons = (f"it is a {kind.title} incident",)
    section = runbook.first_section_with_steps
    return [RunbookMatch(runbook=runbook, section=section, score=LEAST_SHARE, reasons=reasons)]


def _by_words(deps: Deps, incident: Incident, members: Sequence[Alert]) -> list[RunbookMatch]:
    if not members:
        return match_runbooks(
            deps.library, alert_name=incident.title, labels={}, annotations={}, service=incident.service
        )
    first = members[0]
    return match_runbooks(
        deps.library,
        alert_name=first.name,
        labels=first.labels,
        annotations=first.annotations,
        service=first.service,
        kind=classify_metric(first.name),
        runbook_url=first.links.get("runbook"),
    )


def runbooks_for_cause(deps: Deps, suspect: Hypothesis | None) -> list[RunbookMatch]:
    """Return the runbooks that fit what is suspected; none for a change, which is rolled back where it stands out."""
    name = _symptom(suspect) if suspect else ""
    if not name:
        return []
    return match_runbooks(
        deps.library, alert_name=name, labels={}, annotations={}, service=suspect.object if suspect else None, limit=1
    )


def similar_to(deps: Deps, incident: Incident, members: Sequence[Alert], limit: int = NEAREST) -> list[SimilarIncident]:
    """Return at most `limit` past incidents like this one, by what its alerts say; none where none is alike."""
    if deps.shelf.past is None:
        return []
    said = [incident.title, *(f"{alert.name}. {alert.summary}. {alert.description}" for alert in members[:ALERTS])]
    text = "\n".join(dict.fromkeys(said))
    return similar_incidents(deps.shelf.past, text, service=incident.service, leave_out={incident.label}, limit=limit)


def past_evidence(deps: Deps, incident: Incident, found: Sequence[SimilarIncident]) -> list[Evidence]:
    """Return similar incidents as evidence: what is common, what it was, and how it ended."""
    return [
        made(
            deps,
            incident,
            EvidenceKind.INCIDENT,
            "past incidents",
            title=f"Similar: {one.past.title}"[:200],
            summary=". ".join(told(one)),
            data=one.past.model_dump(mode="json", include=_TOLD),
        )
        for one in found
    ]


def told(similar: SimilarIncident) -> list[str]:
    """Return what is common with a past incident, and what is known of its cause and end, for people."""
    past = similar.past
    common = "; ".join(similar.reasons)
    cause = [f"Cause then: {past.cause.rstrip('.')}"] if past.cause else []
    ended = [f"Ended by: {past.ended.rstrip('.')}"] if past.ended else []
    return [*([common[:1].upper() + common[1:]] if common else []), *cause, *ended]


def _symptom(suspect: Hypothesis) -> str:
    """Return what an alert about this cause would be called."""
    match suspect.kind:
        case "saturation":
            named = suspect.cause.partition(" at the limit of ")[2] or suspect.cause
            return RAN_OUT.get(resource_of(named), "")
        case "traffic":
            return "TrafficSurge"
        case "dependency":
            return "DependencyDown"
        case "external provider":
            return f"provider outage: {suspect.object}"
    return ""
