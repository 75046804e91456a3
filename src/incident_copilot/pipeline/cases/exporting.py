"""Make a case of an incident that is over."""

from collections.abc import Sequence
from datetime import datetime

from incident_copilot.domain.advice import Came
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.case import Answers, Case, Decided, NamedCause
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Brief, Hypothesis
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import read
from incident_copilot.pipeline.cases.anonymous import Anonymous
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.stats.times import lasted
from incident_copilot.store import action_log, alerts, evidence, incidents, measured, people, proposals

OWN = (EvidenceKind.RUNBOOK, EvidenceKind.INCIDENT, EvidenceKind.PERSON, EvidenceKind.ALERT)
"""What a replay finds by itself; and what a model had asked (with a `window`) was nothing that the brief knew."""
DONE = (ProposalState.DONE, ProposalState.CARRIED_OUT, ProposalState.APPROVED)


async def export(deps: Deps, number: int) -> Case:
    """Return the case of an incident.

    Raises:
        DecisionRefused: there is no such incident, it runs still, or it is private or a drill.
        StoreUnavailable: the database does not answer.
    """
    incident = await read.by_number(deps, number)
    if incident is None or incident.private or incident.test:
        raise DecisionRefused(f"There is no INC-{number} that may be exported: it is unknown, private, or a drill.")
    if incident.is_running:
        raise DecisionRefused(f"{incident.label} runs still; it becomes a case when it has ended.")
    return await of_incident(deps, incident)


async def over(deps: Deps, since: datetime, until: datetime) -> list[Case]:
    """Return the cases of all incidents that ended between two times."""
    async with deps.db.read() as db:
        found = await incidents.over(db, deps.workspace_id, since, until)
    return [await of_incident(deps, one) for one in found if not (one.private or one.test)]


async def of_incident(deps: Deps, incident: Incident) -> Case:
    """Return the case of an incident that is over."""
    async with deps.db.read() as db:
        members = await alerts.belonging(db, incident.id)
        held = await evidence.of_incident(db, incident.id)
        put = await proposals.of_incident(db, incident.id)
        rows = await action_log.entries(db, incident.id)
        brief = await evidence.latest_brief(db, incident.id)
        seen = await measured.first_seen(db, [incident.id])
        spent = await measured.spent(db, [incident.id])
        names = await people.names(db, deps.workspace_id)
    decided = [one for one in put if one.decided_by]
    as_of = min((one.decided_at for one in decided if one.decided_at), default=brief.as_of if brief else deps.now())
    case = Case(
        name=incident.label,
        title=incident.title,
        service=incident.service,
        environment=incident.environment,
        incident_type=incident.incident_type,
        opened_at=incident.opened_at,
        as_of=as_of,
        alerts=tuple(members),
        evidence=tuple(item for item in held if item.kind not in OWN and not item.data.get("window")),
        gaps=brief.gaps if brief else (),
        decided=tuple(_decided(one, rows) for one in decided),
        answers=_answers(incident, decided, rows, held),
        then=_then(brief, held, incident),
        took_s={phase.value: seconds for phase, seconds in lasted(incident, seen).items()},
        spent=spent.get(incident.id, Spent()),
    )
    return anonymised(case, names, members)


def anonymised(case: Case, names: dict[str, str], members: Sequence[Alert]) -> Case:
    """Return a case without people, hosts and secrets."""
    hidden = Anonymous(names, [one.labels for one in members])
    return Case.model_validate(hidden.value(case.model_dump(mode="json")))


def named(cause: Hypothesis, held: Sequence[Evidence], service: str | None) -> NamedCause:
    """Return a cause as cases name it."""
    change = next((item for item in held if item.id == cause.change_id), None)
    about = _change(change) if change else cause.object or service or ""
    return NamedCause(kind=cause.kind, about=about)


def _change(item: Evidence) -> str:
    return f"{item.data['service']} {item.data.get('version', '')}".strip()


def _then(brief: Brief | None, held: Sequence[Evidence], incident: Incident) -> NamedCause | None:
    return named(brief.suspect, held, incident.service) if brief and brief.suspect else None


def _decided(one: Proposal, rows: Sequence[LogEntry]) -> Decided:
    return Decided(kind=one.kind.value, key=one.key, title=one.title, came=came(one, rows), by=one.advisers)


def came(one: Proposal, rows: Sequence[LogEntry]) -> Came:
    """Return what came of a proposal that was decided."""
    if one.state is ProposalState.REJECTED:
        return Came.REJECTED
    verified = [row for row in rows if row.kind is LogKind.VERIFIED and row.payload["proposal"] == one.id]
    if verified:
        return Came.WORKED if verified[-1].payload["healthy"] else Came.DID_NOT
    return Came.EDITED if one.kind is ProposalKind.UPDATE and one.version > 1 else Came.TAKEN


def _answers(
    incident: Incident, decided: Sequence[Proposal], rows: Sequence[LogEntry], held: Sequence[Evidence]
) -> Answers:
    """Return what is certain: a cause only where taking it away made the metric healthy."""
    worked = [one for one in decided if came(one, rows) is Came.WORKED]
    cited = {ref for one in worked for ref in one.evidence_ids}
    proved = next((item for item in held if item.id in cited and item.kind is EvidenceKind.CHANGE), None)
    done = (str(one.shown.get("runbook") or "") for one in decided if one.state in DONE)
    return Answers(
        severity=incident.severity,
        cause=NamedCause(kind="change", about=_change(proved)) if proved else None,
        runbook=next((name for name in done if name), None),
    )
