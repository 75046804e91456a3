"""The next update is due: who sends updates is reminded privately, until it is out or the incident has ended.

What is due follows from what was published: a time that an update promises, else the cadence of the severity. The timer
is a job; it holds what was due when it was set, and sets itself anew where that has changed.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from incident_copilot.domain.content import Button, Notice, Press
from incident_copilot.domain.effect import Place, ShowTo
from incident_copilot.domain.incident import Duty, Incident
from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.update import Publication
from incident_copilot.pipeline import chosen, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, publications
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

AGAIN = timedelta(minutes=15)
MOST_REMINDERS = 4
"""For one update: before it is due, when it is, and twice after; who does not answer then will not."""


class Due(NamedTuple):
    """The next update that somebody waits for, and whether an update promised it."""

    at: datetime
    audience: Audience
    is_promised: bool


async def plan(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Set the timer for the next update of an incident; none once it has ended."""
    await wakeups.cancel(tx, deps, wakeups.Work.NEXT_UPDATE, incident.id)
    if incident.is_running:
        due = await next_due(tx, deps, incident)
        await _set(tx, deps, incident, due, 0, due.at - timedelta(minutes=deps.catalog.comms.remind_before_min))


async def next_due(tx: Tx, deps: Deps, incident: Incident) -> Due:
    """Return what is due first: the next word to an audience that was told something, else the first to colleagues."""
    cadence = chosen.cadence(deps, incident)
    newest: dict[Audience, Publication] = {}
    for one in await publications.of_incident(tx, incident.id):
        if one.retracted_at is None:
            newest[one.audience] = one
    waiting = [
        Due(one.promised_at or one.at + cadence, audience, one.promised_at is not None)
        for audience, one in newest.items()
    ]
    return min(waiting, default=Due(incident.opened_at + cadence, Audience.INTERNAL, is_promised=False))


async def remind(deps: Deps, job: Job) -> None:
    """Remind who sends updates that one is due, a few times; whatever was published meanwhile sets the timer anew."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        if not incident.is_running or incident.quiet:
            return
        due, count = await next_due(tx, deps, incident), int(job.payload["reminders"])
        if due.at.isoformat() != job.payload["due"]:
            await plan(tx, deps, incident)
            return
        if incident.snoozed_until and incident.is_snoozed(deps.now()):
            await _set(tx, deps, incident, due, count, incident.snoozed_until)
            return
        await _tell(tx, deps, incident, due)
        now = deps.now()
        if count + 1 < MOST_REMINDERS:
            await _set(tx, deps, incident, due, count + 1, due.at if now < due.at else now + AGAIN)


def sends_updates(deps: Deps, incident: Incident) -> str | None:
    """Return who is to send updates: the comms lead, else whom the catalogue names, else the commander."""
    named = None if incident.test else deps.catalog.comms.lead  # nobody is called to a test
    return incident.holder(Duty.COMMS) or named or incident.commander


async def _set(tx: Tx, deps: Deps, incident: Incident, due: Due, reminders: int, at: datetime) -> None:
    run_at = max(at, deps.now())
    await wakeups.next_update(tx, deps, incident.id, due=due.at, reminders=reminders, at=run_at)


async def _tell(tx: Tx, deps: Deps, incident: Incident, due: Due) -> None:
    who = sends_updates(deps, incident)
    value = f"{incident.id}:{due.audience}"
    button = Button(press=Press.DRAFT, label="Draft it", value=value, style="primary")
    text = _words(deps, incident, due)
    if who is None:
        if due.is_promised:  # where nobody leads, calling somebody comes first; a promise is a promise
            await show.notice(tx, deps, incident, "next-update", text, buttons=[button], anew=True)
        return
    snooze = Button(press=Press.SNOOZE, label="Snooze 30 min", value=incident.id)
    content = Notice(text=text, buttons=(button, snooze))
    deed = ShowTo(place=Place.PERSON, to=who, slot="notice:next-update", content=content, anew=True)
    await show.send(tx, deps, incident, deed, stream=f"person:{incident.id}")


def _words(deps: Deps, incident: Incident, due: Due) -> str:
    now, clock = deps.now(), deps.catalog.comms.clock(due.at)
    why = "was promised by" if due.is_promised else "is due by"
    which = f"{incident.label} {incident.title}: the next update for {due.audience.readers}"
    if now < due.at:
        return f"{which} {why} {clock}, in {show.in_words(due.at - now)}."
    late = f", {show.in_words(now - due.at)} ago" if now - due.at >= timedelta(minutes=1) else ", now"
    return f"{which} {why.replace('is due by', 'was due by')} {clock}{late}."
