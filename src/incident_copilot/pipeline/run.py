"""What people do with a running incident: acknowledge, severity, status, roles, quiet, reopen, promote."""

from incident_copilot.domain.effect import Invite
from incident_copilot.domain.incident import ALLOWED, Incident, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import ledger, opening, people, severity, show, wakeups
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.triage import triage
from incident_copilot.store import alerts, incidents
from incident_copilot.store import people as names
from incident_copilot.store.db import CLICKS, Tx


async def acknowledge(deps: Deps, incident_id: str, person: Person) -> Outcome:
    """Take an incident: somebody is on it, and the reminder is taken back.

    Raises:
        DecisionRefused: not allowed, or it is not waiting for anybody.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "acknowledge incidents")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await _running(tx, incident_id)
        if incident.acknowledged_by:
            raise DecisionRefused(f"<@{incident.acknowledged_by}> has acknowledged {incident.label} already.")
        update: dict[str, object] = {"acknowledged_at": deps.now(), "acknowledged_by": person.id}
        if incident.status is Status.OPEN:
            update["status"] = Status.ACKNOWLEDGED
        if incident.commander is None:
            update["commander"] = person.id
        taken = await incidents.save(tx, incident.model_copy(update=update))
        await ledger.write_by(tx, deps, taken.id, LogKind.ACKNOWLEDGED, person, {})
        await wakeups.cancel(tx, deps, wakeups.Work.REMIND, incident_id)
        await show.card(tx, deps, incident_id)
    return Outcome(text=f"You have {incident.label}.", incident=taken)


async def set_severity(deps: Deps, incident_id: str, person: Person, wanted: Severity, reason: str = "") -> Outcome:
    """Set the severity by a person's word.

    Raises:
        DecisionRefused: not allowed, ended, or no change.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "set severities")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await _running(tx, incident_id)
        if incident.severity is wanted:
            raise DecisionRefused(f"{incident.label} is {wanted} already.")
        await names.remember(tx, deps.workspace_id, person.id, person.name, deps.now())
        because = reason.strip()[:200] or "set by a person"
        changed = await severity.change(tx, deps, incident, wanted, actor=person.id, reason=because)
    return Outcome(text=f"{incident.label} is now {wanted} {wanted.word}.", incident=changed)


async def set_status(deps: Deps, incident_id: str, person: Person, status: Status) -> Outcome:
    """Move a running incident to acknowledged or mitigated; ending it is `resolve`.

    Raises:
        DecisionRefused: not allowed, or not from here.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "set the status")
    if status is Status.RESOLVED:
        raise DecisionRefused("Use /incident resolve: it checks first whether things work again.")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await _running(tx, incident_id)
        if status not in ALLOWED[incident.status]:
            raise DecisionRefused(f"{incident.label} is {incident.status}; it cannot become {status} from there.")
        mitigated = {"mitigated_at": deps.now()} if status is Status.MITIGATED else {}
        changed = await incidents.save(tx, incident.model_copy(update={"status": status, **mitigated}))
        payload = {"from": incident.status.value, "to": status.value}
        await ledger.write_by(tx, deps, changed.id, LogKind.STATUS_SET, person, payload)
        await show.card(tx, deps, incident_id)
    return Outcome(text=f"{incident.label} is {status}.", incident=changed)


async def assign(deps: Deps, incident_id: str, person: Person, who: str, role: str = "commander") -> Outcome:
    """Make somebody the commander.

    Raises:
        DecisionRefused: not allowed, or the person may not lead.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "assign roles")
    if role != "commander":
        raise DecisionRefused(f"There is no role {role}; the one to assign is commander.")
    chosen = await people.known(deps, who)
    if chosen.is_outsider:
        raise DecisionRefused(f"{chosen.name} is not a full member of this workspace and cannot lead an incident.")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await _running(tx, incident_id)
        changed = await incidents.save(tx, incident.model_copy(update={"commander": who}))
        await names.remember(tx, deps.workspace_id, chosen.id, chosen.name, deps.now())
        await ledger.write_by(tx, deps, changed.id, LogKind.ASSIGNED, person, {"role": role, "person": who})
        if show.has_channel(changed):
            await show.send(tx, deps, changed, Invite(people=(who,)), stream=f"people:{changed.id}")
        await show.card(tx, deps, incident_id)
    return Outcome(text=f"<@{who}> now leads {incident.label}.", incident=changed)


async def quiet(deps: Deps, incident_id: str, person: Person, on: bool) -> Outcome:
    """Hold back reminders of an incident, or let them go on.

    Raises:
        DecisionRefused: not allowed, or ended.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "quiet the copilot")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await _running(tx, incident_id)
        changed = await incidents.save(tx, incident.model_copy(update={"quiet": on}))
        await ledger.write_by(tx, deps, changed.id, LogKind.STATUS_SET, person, {"quiet": on})
        await show.card(tx, deps, incident_id)
    words = "I stay quiet; decisions and the card go on." if on else "I remind again."
    return Outcome(text=words, incident=changed)


async def reopen(deps: Deps, incident_id: str, person: Person) -> Outcome:
    """Open an ended incident again.

    Raises:
        DecisionRefused: not allowed, or it has not ended, or another one runs for the same thing.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "reopen incidents")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        if incident.is_running:
            raise DecisionRefused(f"{incident.label} is running.")
        newest = await incidents.by_key(tx, deps.workspace_id, incident.correlation_key)
        if newest and newest.is_running:
            raise DecisionRefused(f"{newest.label} runs for the same thing; go on there.")
        ended: dict[str, object] = {"ending": None, "ended_at": None, "resolved_at": None, "mitigated_at": None}
        status = Status.ACKNOWLEDGED if incident.acknowledged_by else Status.OPEN
        opened = await incidents.save(tx, incident.model_copy(update={"status": status, **ended}))
        await ledger.write_by(tx, deps, opened.id, LogKind.REOPENED, person, {})
        await opening.woken(tx, deps, opened, "reopened by a person")
        await show.card(tx, deps, incident_id)
    return Outcome(text=f"{incident.label} is open again.", incident=opened)


async def promote(deps: Deps, fingerprint: str, person: Person) -> Outcome:
    """Make an incident of a small alert from the digest.

    Raises:
        DecisionRefused: not allowed, or it has become an incident already.
        UnknownThing: there is no such alert.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "promote alerts")
    async with deps.db.transaction(CLICKS) as tx:
        stored = await alerts.get(tx, deps.workspace_id, fingerprint)
        if stored is None:
            raise UnknownThing(f"no alert {fingerprint}")
        if stored.incident_id:
            known = await incidents.get(tx, stored.incident_id)
            raise DecisionRefused(f"{stored.alert.name} belongs to {known.label} already.")
        sheet = triage(stored.alert, deps.catalog)
        raised = sheet.model_copy(
            update={"severity": Severity.P2, "floors": (*sheet.floors, "promoted by a person: at least P2")}
        )
        opened = await opening.open_from_alert(tx, deps, stored.alert, raised, actor=person.id)
        await alerts.place(tx, deps.workspace_id, [fingerprint], incident_id=opened.id)
        await ledger.write_by(tx, deps, opened.id, LogKind.PROMOTED, person, {"alert": fingerprint})
    return Outcome(text=f"{opened.label} is open for {stored.alert.name}.", incident=opened)


async def _running(tx: Tx, incident_id: str) -> Incident:
    incident = await incidents.lock(tx, incident_id)
    if not incident.is_running:
        raise DecisionRefused(f"{incident.label} has ended. Reopen it first.")
    return incident
