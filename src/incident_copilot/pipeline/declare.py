"""Declare an incident by hand."""

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident, ScoreSheet, Severity, Status
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import by_words, ledger, opening, people, show
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
        DecisionRefused: not allowed, or without a title; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    async with ledger.refusals(deps, person, None, {"asked": "declare incidents"}):
        people.require(person, Role.RESPONDER, "declare incidents")
        _require_title(title)
    described = _described(deps, title, summary, service)
    sheet = _sheet(deps, described, severity)
    incident = _incident(deps, person, title.strip()[:200], described, sheet)
    async with deps.db.transaction(CLICKS) as tx:
        await names.remember(tx, deps.workspace_id, person.id, person.name, deps.now())
        payload = {"severity": sheet.severity.value, "type": sheet.incident_type}
        opened = await opening.open_incident(tx, deps, incident, LogKind.DECLARED, person.id, payload)
        await show.timeline_entry(tx, _note(opened, person, summary.strip() or opened.title))
    return Outcome(text=f"{opened.label} is open.", incident=opened)


def _require_title(title: str) -> None:
    if not title.strip():
        raise DecisionRefused("Say in a few words what is broken; that is all I need.")


def _incident(deps: Deps, person: Person, title: str, described: Alert, sheet: ScoreSheet) -> Incident:
    now = deps.now()
    incident_id = new_id(now)
    known = deps.catalog.service(described.service)
    return Incident(
        id=incident_id,
        workspace_id=deps.workspace_id,
        number=0,
        title=title,
        severity=sheet.severity,
        status=Status.OPEN,
        incident_type=sheet.incident_type,
        service=described.service,
        environment=known.environment if known else None,
        team=by_words.team(described, deps.catalog),
        correlation_key=f"declared={incident_id}",
        started_at=now,
        opened_at=now,
        score_sheet=sheet,
        declared_by=person.id,
    )


def _note(opened: Incident, person: Person, text: str) -> TimelineEntry:
    return TimelineEntry(
        id=new_id(opened.opened_at),
        incident_id=opened.id,
        at=opened.opened_at,
        kind=TimelineKind.NOTE,
        text=text,
        author=person.id,
        ref="declared",
    )


def _described(deps: Deps, title: str, summary: str, service: str | None) -> Alert:
    """Return what a person says as if a source had said it, so that it is weighed alike."""
    return Alert(
        source="person",
        fingerprint="declared",
        name=title,
        status=AlertStatus.FIRING,
        service=service,
        summary=title,
        description=summary,
        starts_at=deps.now(),
    )


def _sheet(deps: Deps, described: Alert, severity: Severity | None) -> ScoreSheet:
    sheet = triage(described, deps.catalog)
    if severity is None:
        return sheet
    return sheet.model_copy(
        update={"severity": severity, "floors": (f"{severity} was set by the person who declared",)}
    )
