"""Declare an incident by hand, or join one that runs already and looks like it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import new_id
from incident_copilot.domain.effect import Invite
from incident_copilot.domain.incident import Incident, ScoreSheet, Severity, Status
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.said import Said
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import alike, ledger, observe, opening, people, run, show
from incident_copilot.pipeline.alike import Alike
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.triage import owner, triage
from incident_copilot.store import incidents, timeline
from incident_copilot.store import people as names
from incident_copilot.store.db import CLICKS, Tx

EARLIEST = timedelta(days=30)
"""How long ago an incident may have started that is declared now."""


class Declared(Outcome):
    """What came of declaring; where nothing was opened `alike` says what runs already, newest reasons first."""

    alike: tuple[Alike, ...] = ()
    is_new: bool = True


async def declare(
    deps: Deps,
    person: Person,
    *,
    title: str,
    severity: Severity | None = None,
    service: str | None = None,
    summary: str = "",
    private: bool = False,
    test: bool = False,
    started_at: datetime | None = None,
    said: Said | None = None,
    key: str | None = None,
    unless_alike: bool = False,
) -> Declared:
    """Open an incident that no alert has announced; without a severity the score sheet proposes one.

    It began at `started_at`, else when `said` was said, else now; `said` is the first entry of its timeline. The same
    `key` again gives the same incident. `unless_alike` opens nothing where a running one looks like it, and names it.

    Raises:
        DecisionRefused: not allowed, without a title, or with a start that cannot be; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    async with ledger.refusals(deps, person, None, {"asked": "declare incidents"}):
        people.require(person, Role.RESPONDER, "declare incidents")
        _require_title(title)
        started = _started(deps, started_at or (said.at if said else None))
    described = _described(deps, title, summary, service)
    sheet = _sheet(deps, described, severity)
    incident = _incident(deps, person, title.strip()[:200], described, sheet)
    told = {"private": private, "test": test, "started_at": started, "links": _links(said)}
    incident = incident.model_copy(update=told | ({"correlation_key": keyed(key)} if key else {}))
    async with deps.db.transaction(CLICKS) as tx:
        looks_like = () if test else await alike.alike(tx, deps, described)
        return await _open_unless_known(tx, deps, incident, person, said, summary, looks_like, unless_alike)


async def join(deps: Deps, incident_id: str, person: Person, told: str) -> Outcome:
    """Join a running incident instead of declaring another: what the person knows goes on its timeline.

    Raises:
        DecisionRefused: not allowed, or it has ended; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with run.changing(deps, incident_id, person, "join incidents") as (tx, incident):
        if incident.private:
            raise DecisionRefused("Ask a member of its channel to invite you.")
        if told.strip():
            await show.timeline_entry(tx, _note(deps, incident, person, told.strip()))
        await ledger.keep_name(tx, deps, person)
        if show.has_channel(incident):
            await show.send(tx, deps, incident, Invite(people=(person.id,)), stream=f"people:{incident.id}")
        reports = f"{person.name} reports {'this' if told.strip() else 'the same'}."
        await show.notice(tx, deps, incident, f"joined:{person.id}", reports, detail=told.strip())
    where = "You are being invited to its channel." if show.has_channel(incident) else "It goes on in its thread."
    return Outcome(text=f"Your report is on the timeline of {incident.label}. {where}", incident=incident)


def keyed(key: str) -> str:
    """Return the correlation key of an incident that a program declares under a key of its own."""
    return f"declared=key:{hashlib.sha256(key.encode()).hexdigest()}"


async def _open_unless_known(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    person: Person,
    said: Said | None,
    summary: str,
    looks_like: tuple[Alike, ...],
    unless_alike: bool,
) -> Declared:
    known = await incidents.by_key(tx, deps.workspace_id, incident.correlation_key)
    if known:
        return Declared(text=f"{known.label} was declared by that already.", incident=known, is_new=False)
    if looks_like and unless_alike:
        return Declared(text=_looks_like(looks_like), alike=looks_like, is_new=False)
    opened = await _open(tx, deps, incident, person, said, summary)
    return Declared(text=f"{opened.label} is open.", incident=opened, alike=looks_like)


async def _open(tx: Tx, deps: Deps, incident: Incident, person: Person, said: Said | None, summary: str) -> Incident:
    await names.remember(tx, deps.workspace_id, person.id, person.name, deps.now())
    flags = {name: True for name in ("private", "test") if getattr(incident, name)}
    payload = {"severity": incident.severity.value, "type": incident.incident_type, **flags}
    opened = await opening.open_incident(tx, deps, incident, LogKind.DECLARED, person.id, payload)
    if said:
        await timeline.mark(tx, observe.entry_of(deps, opened.id, said, TimelineKind.PINNED), f"declared:{person.id}")
    if summary.strip() or not said:
        await show.timeline_entry(tx, _note(deps, opened, person, summary.strip() or opened.title))
    return opened


def _links(said: Said | None) -> dict[str, str]:
    return {"message": said.link} if said and said.link else {}


def _looks_like(found: Sequence[Alike]) -> str:
    return "; ".join(f"{one.incident.label} looks like this: {one.reason}" for one in found)


def _started(deps: Deps, at: datetime | None) -> datetime:
    now = deps.now()
    if at is None:
        return now
    if at > now + timedelta(minutes=1):
        raise DecisionRefused("It cannot have started in the future. Look at the time zone.")
    if at < now - EARLIEST:
        raise DecisionRefused("That is over a month ago. Look at the date.")
    return min(at, now)


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
        team=owner(described, sheet.incident_type, deps.catalog),
        correlation_key=f"declared={incident_id}",
        started_at=now,
        opened_at=now,
        score_sheet=sheet,
        declared_by=person.id if ledger.is_person(person.id) else None,
    )


def _note(deps: Deps, incident: Incident, person: Person, text: str) -> TimelineEntry:
    return TimelineEntry(
        id=new_id(deps.now()),
        incident_id=incident.id,
        at=deps.now(),
        kind=TimelineKind.NOTE,
        text=text,
        author=person.id,
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
