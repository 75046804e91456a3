"""Call more people: when the policy says so, or a person; timers are rows, and each rule calls once an opening."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from incident_copilot.domain.escalation import Contact, Due, Facts, calls, held_until
from incident_copilot.domain.hypothesis import Verdict
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import call_in, ledger, on_call, opening, paging, run, wakeups
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, alerts, evidence, incidents
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

CUSTOMERS = "customer_tier"
"""The label by which alerts name whom of the customers they concern."""
LOOK_EVERY = timedelta(minutes=5)
OPENINGS = (LogKind.OPENED, LogKind.DECLARED, LogKind.REOPENED)


async def escalate(deps: Deps, job: Job) -> None:
    """Call whom the policy wants called by now, and look again when that may change."""
    now = deps.now()
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        if not incident.is_running or incident.test or incident.by_invitation:
            return  # nobody is paged for a test, and to a private incident of people people are invited by people
        rows = await action_log.entries(tx, incident.id)
        waiting = await _waiting(tx, deps, incident, rows)
        due = [one for one in waiting if one.at <= now]
        held = held_until(deps.catalog.escalation, incident, now)
        if not held and not incident.quiet:
            await _page(tx, deps, incident, rows)
            called = _called(incident, rows)
            for one in due:
                called |= {await _call(tx, deps, incident, one, called)}
        later = [one.at for one in waiting if one.at > now]
        at = min([now + LOOK_EVERY, *later]) if not (held and due) else min(held, now + LOOK_EVERY)
        await wakeups.escalate(tx, deps, incident.id, at=at)


async def by_hand(deps: Deps, incident_id: str, person: Person, why: str) -> Outcome:
    """Call the secondary now, as a person asks for; anybody else is called by `call_in.page`.

    Raises:
        DecisionRefused: not allowed, ended, or there is nobody to call; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with run.changing(deps, incident_id, person, "escalate incidents") as (tx, incident):
        found = await whom(tx, deps, incident, Contact(who=("secondary", "primary")))
        if found is None:
            raise DecisionRefused("Nobody is on call for it in catalog.yaml. Name somebody: /incident page @person.")
        await call_in.call(
            tx, deps, incident, found, f"{person.name} escalates {incident.label} to you.", why.strip()[:300]
        )
        await opening.log_paged(tx, deps, incident, found, "by hand")
        payload = {"rule": "by_hand", "person": found, "why": ""}
        await ledger.write_by(tx, deps, incident.id, LogKind.ESCALATED, person, payload)
    return Outcome(text=f"<@{found}> is called to {incident.label}.", incident=incident)


async def whom(tx: Tx, deps: Deps, incident: Incident, contact: Contact) -> str | None:
    """Return the chat id of the first of a contact's people that is somebody; None: nobody is."""
    for word in contact.who:
        if word.startswith("team:"):
            team = deps.catalog.team(word.removeprefix("team:"))
            found = (await on_call.of_team(tx, deps, team)).primary
        elif word in ("primary", "secondary"):
            called = await on_call.of(tx, deps, incident)
            found = called.primary if word == "primary" else called.secondary
        else:
            found = incident.commander if word == "commander" else word
        if found:
            return found
    return None


async def _waiting(tx: Tx, deps: Deps, incident: Incident, rows: Sequence[LogEntry]) -> list[Due]:
    """Return the calls that were not made since the incident was opened, the earliest first."""
    since = _since(incident, rows)
    done = {row.payload["rule"] for row in _lately(rows) if row.kind is LogKind.ESCALATED}
    brief = await evidence.latest_brief(tx, incident.id)
    service = deps.catalog.service(incident.service)
    facts = Facts(
        incident=incident,
        since=since,
        progress_at=max([since, *(row.at for row in rows if ledger.is_person(row.actor))]),
        services=len((await incidents.footprint(tx, incident.id)).services),
        cause_is_known=bool(brief and brief.suspect and brief.suspect.verdict is Verdict.LIKELY),
        tier=service.tier if service else None,
        worth=service.worth if service else None,
        customers=await _customers(tx, deps, incident),
    )
    return [one for one in calls(deps.catalog.escalation, facts) if one.rule not in done]


async def _customers(tx: Tx, deps: Deps, incident: Incident) -> frozenset[str]:
    """Return the tiers of customers that alerts of the incident name, where the policy asks for any."""
    wanted = deps.catalog.escalation.business
    if wanted is None or not wanted.customers:
        return frozenset()
    told = await alerts.belonging(tx, incident.id, paging.LOOKED_AT)
    return frozenset(one.labels[CUSTOMERS] for one in told if CUSTOMERS in one.labels)


async def _page(tx: Tx, deps: Deps, incident: Incident, rows: Sequence[LogEntry]) -> None:
    """Page the team's pager once an opening, while nobody has acknowledged."""
    turns = {row.payload["turn"] for row in _lately(rows) if row.kind is LogKind.PAGED}
    if incident.status is Status.OPEN and paging.TURN not in turns:
        await paging.trigger(tx, deps, incident, deps.catalog.team(incident.team))


def _lately(rows: Sequence[LogEntry]) -> Sequence[LogEntry]:
    """Return the rows since the incident was opened, or opened again; by their order, as clocks may be set."""
    openings = [place for place, row in enumerate(rows) if row.kind in OPENINGS]
    return rows[openings[-1] + 1 :] if openings else rows


def _since(incident: Incident, rows: Sequence[LogEntry]) -> datetime:
    return max([incident.opened_at, *(row.at for row in rows if row.kind in OPENINGS)])


def _called(incident: Incident, rows: Sequence[LogEntry]) -> set[str]:
    """Return who is in it already: called since it was opened, or leading it."""
    paged = {str(row.payload["person"]) for row in _lately(rows) if row.kind is LogKind.PAGED}
    return paged | {who for who in (incident.commander, incident.acknowledged_by) if who}


async def _call(tx: Tx, deps: Deps, incident: Incident, due: Due, called: set[str]) -> str:
    """Call whom a rule names, unless they are in it already; return who that is, empty where it is nobody."""
    found = await whom(tx, deps, incident, due.to) or ""
    if found and found not in called:
        text = f"{incident.label} is escalated to you: {due.why}. Please join."
        await call_in.call(tx, deps, incident, found, text)
        await opening.log_paged(tx, deps, incident, found, due.rule.replace("_", " "))
        for word in [one for one in due.to.who if one.startswith("team:")][:1]:
            await paging.trigger(tx, deps, incident, deps.catalog.team(word.removeprefix("team:")))
        payload = {"rule": due.rule, "person": found, "why": due.why}
        await ledger.write(tx, deps, incident.id, LogKind.ESCALATED, "policy:escalation", payload)
    return found
