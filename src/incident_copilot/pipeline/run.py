"""What people do with a running incident: acknowledge, severity, status, quiet, reopen, promote."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.incident import ALLOWED, Incident, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import (
    correlate,
    ledger,
    noise,
    offering,
    opening,
    paging,
    people,
    severity,
    show,
    wakeups,
)
from incident_copilot.pipeline.comms import promised
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.triage import raised, triage
from incident_copilot.store import alerts, incidents
from incident_copilot.store import people as names
from incident_copilot.store.db import CLICKS, Tx

LONGEST_SNOOZE = timedelta(hours=8)


async def acknowledge(deps: Deps, incident_id: str, person: Person) -> Outcome:
    """Take an incident: somebody is on it, and the reminder is taken back.

    Raises:
        DecisionRefused: not allowed, or it is not waiting for anybody; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with changing(deps, incident_id, person, "acknowledge incidents") as (tx, incident):
        if incident.acknowledged_by:
            raise DecisionRefused(f"<@{incident.acknowledged_by}> has acknowledged {incident.label} already.")
        taken = await acknowledged(tx, deps, incident, person)
        await show.card(tx, deps, incident_id)
    return Outcome(text=f"You have {incident.label}.", incident=taken)


async def set_severity(deps: Deps, incident_id: str, person: Person, wanted: Severity, reason: str = "") -> Outcome:
    """Set the severity by a person's word.

    Raises:
        DecisionRefused: not allowed, ended, or no change; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with changing(deps, incident_id, person, "set severities") as (tx, incident):
        if incident.severity is wanted:
            raise DecisionRefused(f"{incident.label} is {wanted} already.")
        await names.remember(tx, deps.workspace_id, person.id, person.name, deps.now())
        changed = await severity.change(
            tx, deps, incident, wanted, actor=person.id, because="set by a person", reason=reason.strip()[:500]
        )
    return Outcome(text=f"{incident.label} is now {wanted} {wanted.word}.", incident=changed)


async def set_status(deps: Deps, incident_id: str, person: Person, status: Status) -> Outcome:
    """Move a running incident to acknowledged or mitigated; ending it is `resolve`.

    Raises:
        DecisionRefused: not allowed, or not from here; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with changing(deps, incident_id, person, "set the status") as (tx, incident):
        if status is Status.RESOLVED:
            raise DecisionRefused("Use /incident resolve: it checks first whether things work again.")
        if status not in ALLOWED[incident.status]:
            raise DecisionRefused(f"{incident.label} is {incident.status}; it cannot become {status} from there.")
        is_first = status is Status.ACKNOWLEDGED and not incident.acknowledged_by
        taken = await acknowledged(tx, deps, incident, person) if is_first else incident
        changed = await _set_status(tx, deps, taken, person, status)
        await show.card(tx, deps, incident_id)
    return Outcome(text=f"{changed.label} is {status}.", incident=changed)


async def quiet(deps: Deps, incident_id: str, person: Person, on: bool) -> Outcome:
    """Hold back reminders of an incident, or let them go on.

    Raises:
        DecisionRefused: not allowed, or ended; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with changing(deps, incident_id, person, "quiet the copilot") as (tx, incident):
        changed = await incidents.save(tx, incident.model_copy(update={"quiet": on}))
        await ledger.write_by(tx, deps, changed.id, LogKind.STATUS_SET, person, {"quiet": on})
        if not on and changed.status is Status.OPEN:
            await wakeups.remind(tx, deps, incident_id, at=deps.now() + opening.response_time(deps, changed))
        await promised.plan(tx, deps, changed)
        await show.card(tx, deps, incident_id)
    words = "I stay quiet; decisions and the card go on." if on else "I remind again."
    return Outcome(text=words, incident=changed)


async def snooze(deps: Deps, incident_id: str, person: Person, span: timedelta) -> Outcome:
    """Put off the reminders of an incident; when the time is over they go on.

    Raises:
        DecisionRefused: not allowed, ended, or for too long; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with changing(deps, incident_id, person, "snooze reminders") as (tx, incident):
        if not timedelta() < span <= LONGEST_SNOOZE:
            raise DecisionRefused("Reminders are put off for at most 8 hours. To stop them: /incident quiet.")
        until = deps.now() + span
        changed = await incidents.save(tx, incident.model_copy(update={"snoozed_until": until}))
        await ledger.write_by(tx, deps, changed.id, LogKind.SNOOZED, person, {"until": until.isoformat()})
    return Outcome(text=f"No reminders of {changed.label} for {show.in_words(span)}.", incident=changed)


async def reopen(deps: Deps, incident_id: str, person: Person) -> Outcome:
    """Open an ended incident again.

    Raises:
        DecisionRefused: not allowed, or it has not ended, or another one runs for the same thing; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with asked(deps, incident_id, person, "reopen incidents") as (tx, incident):
        if incident.is_running:
            raise DecisionRefused(f"{incident.label} is running.")
        newest = await incidents.by_key(tx, deps.workspace_id, incident.correlation_key)
        if newest and newest.is_running:
            raise DecisionRefused(f"{newest.label} runs for the same thing; go on there.")
        status = Status.ACKNOWLEDGED if incident.acknowledged_by else Status.OPEN
        opened = await opening.reopen(tx, deps, incident, status)
        await ledger.write_by(tx, deps, opened.id, LogKind.REOPENED, person, {})
        await opening.woken(tx, deps, opened, f"reopened by {person.name}")
        await show.card(tx, deps, incident_id)
    return Outcome(text=f"{incident.label} is open again.", incident=opened)


async def promote(deps: Deps, fingerprint: str, person: Person) -> Outcome:
    """Make an incident of a small alert from the digest, or have it join the one it belongs to.

    Raises:
        DecisionRefused: not allowed, or it belongs to an incident already; it is logged.
        UnknownThing: there is no such alert.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "promote alerts", "alert": fingerprint}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        stored = await alerts.lock(tx, deps.workspace_id, fingerprint)
        if stored is None:
            raise UnknownThing(f"no alert {fingerprint}")
        people.require(person, Role.RESPONDER, "promote alerts")
        if stored.incident_id:
            known = await incidents.get(tx, stored.incident_id)
            raise DecisionRefused(f"{stored.alert.name} belongs to {known.label} already.")
        match = await correlate.preview(tx, deps, stored.alert)
        sheet = raised(triage(stored.alert, deps.catalog), "promoted by a person: at least P2")
        incident = await correlate.join_or_open(tx, deps, stored, sheet, actor=person.id)
        await ledger.write_by(tx, deps, incident.id, LogKind.PROMOTED, person, {"alert": fingerprint})
        if stored.alert.status is AlertStatus.RESOLVED:
            await opening.alerts_quiet(tx, deps, incident)
        await show.card(tx, deps, incident.id)
        await offering.taken(tx, deps, stored.alert, incident, person)
    name = stored.alert.name
    text = f"{name} joined {incident.label}: {match.reason}." if match else f"{incident.label} is open for {name}."
    return Outcome(text=f"{text}{noise.taken_out(deps, stored.alert)}", incident=incident)


@asynccontextmanager
async def asked(deps: Deps, incident_id: str, person: Person, what: str) -> AsyncIterator[tuple[Tx, Incident]]:
    """Open the transaction of what a responder asks for, with the incident locked.

    Raises:
        DecisionRefused: not allowed; it is logged after the rollback, as is one raised inside.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with ledger.refusals(deps, person, incident_id, {"asked": what}), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, what)
        yield tx, incident


@asynccontextmanager
async def changing(deps: Deps, incident_id: str, person: Person, what: str) -> AsyncIterator[tuple[Tx, Incident]]:
    """Open the transaction of what a responder does to a running incident, which is locked.

    Raises:
        DecisionRefused: not allowed, or it has ended; it is logged, as is one raised inside.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with asked(deps, incident_id, person, what) as (tx, incident):
        if not incident.is_running:
            raise DecisionRefused(f"{incident.label} has ended. Reopen it first.")
        yield tx, incident


async def acknowledged(tx: Tx, deps: Deps, incident: Incident, person: Person) -> Incident:
    """Note that a person has taken a locked incident, and return it."""
    taken = incident.model_copy(
        update={
            "acknowledged_at": incident.acknowledged_at or deps.now(),
            "acknowledged_by": person.id,
            "commander": incident.commander or person.id,
            "status": Status.ACKNOWLEDGED if incident.status is Status.OPEN else incident.status,
        }
    )
    await incidents.save(tx, taken)
    await ledger.write_by(tx, deps, taken.id, LogKind.ACKNOWLEDGED, person, {})
    await paging.taken(tx, deps, taken)
    await wakeups.cancel(tx, deps, wakeups.Work.REMIND, taken.id)
    return taken


async def _set_status(tx: Tx, deps: Deps, incident: Incident, person: Person, status: Status) -> Incident:
    if incident.status is status:
        return incident
    mitigated_at = deps.now() if status is Status.MITIGATED else None
    changed = incident.model_copy(update={"status": status, "mitigated_at": mitigated_at})
    await incidents.save(tx, changed)
    payload = {"from": incident.status.value, "to": status.value}
    await ledger.write_by(tx, deps, changed.id, LogKind.STATUS_SET, person, payload)
    await wakeups.cancel(tx, deps, wakeups.Work.REMIND, changed.id)
    return changed
