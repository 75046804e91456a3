"""Declare an incident by hand."""

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident, ScoreSheet, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import opening, people
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.triage import triage
from incident_copilot.store import people as names
from incident_copilot.store.db import CLICKS


async def declare(
    deps: Deps,
    person: Person,
    *,
    title: str,
    severity: Severity | None = None,
    service: str | None = None,
    summary: str = "",
) -> Outcome:
    """Open an incident that no alert has announced; without a severity the score sheet proposes one.

    Raises:
        DecisionRefused: not allowed, or without a title.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "declare incidents")
    if not title.strip():
        raise DecisionRefused("Say in a few words what is broken; that is all I need.")
    now = deps.now()
    known = deps.catalog.service(service)
    sheet = _sheet(deps, title, summary, service, severity)
    incident = Incident(
        id=new_id(now),
        workspace_id=deps.workspace_id,
        number=0,
        title=title.strip()[:200],
        severity=sheet.severity,
        status=Status.OPEN,
        incident_type=sheet.incident_type,
        service=service,
        environment=known.environment if known else None,
        team=known.team if known else None,
        correlation_key=f"declared={new_id(now)}",
        started_at=now,
        opened_at=now,
        score_sheet=sheet,
        declared_by=person.id,
    )
    async with deps.db.transaction(CLICKS) as tx:
        await names.remember(tx, deps.workspace_id, person.id, person.name, now)
        payload = {"severity": sheet.severity.value, "type": sheet.incident_type}
        opened = await opening.open_incident(tx, deps, incident, LogKind.DECLARED, person.id, payload)
    return Outcome(text=f"{opened.label} is open.", incident=opened)


def _sheet(deps: Deps, title: str, summary: str, service: str | None, severity: Severity | None) -> ScoreSheet:
    described = Alert(
        source="person",
        fingerprint="declared",
        name=title,
        status=AlertStatus.FIRING,
        service=service,
        summary=title,
        description=summary,
        starts_at=deps.now(),
    )
    sheet = triage(described, deps.catalog)
    if severity is None:
        return sheet
    return sheet.model_copy(
        update={"severity": severity, "floors": (f"{severity} was set by the person who declared",)}
    )
