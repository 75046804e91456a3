"""An incident that nobody has touched for long: its commander is asked once whether it is over."""

from datetime import datetime, timedelta

from incident_copilot.domain.content import Button, Notice, Press
from incident_copilot.domain.effect import Place, Show, ShowTo
from incident_copilot.domain.incident import Incident, Severity
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, effects, incidents, timeline
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.jobs import Job

BY_PEOPLE = frozenset({TimelineKind.MESSAGE, TimelineKind.PINNED, TimelineKind.NOTE})
SLOT = "notice:stale"
OLD = timedelta(days=1)


async def look(deps: Deps, job: Job) -> None:
    """Ask about each running incident that is stale; once for each silence."""
    async with job.finish(deps.db) as tx:
        for found in await incidents.running(tx, deps.workspace_id):
            incident = await incidents.lock(tx, found.id)
            if incident.is_running and not incident.quiet and not _can_wait(deps, incident):
                await _ask(tx, deps, incident)


async def keep_open(deps: Deps, incident_id: str, person: Person) -> Incident:
    """Note that somebody is still on it, which ends the silence.

    Raises:
        DecisionRefused: not allowed, or ended; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "keep incidents open"}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, "keep incidents open")
        if not incident.is_running:
            raise DecisionRefused(f"{incident.label} has ended already.")
        await ledger.write_by(tx, deps, incident.id, LogKind.KEPT_OPEN, person, {})
        return incident


async def last_touched(tx: Tx, incident: Incident) -> datetime:
    """Return when somebody last did or wrote something."""
    rows = await action_log.entries(tx, incident.id)
    times = [row.at for row in rows if ledger.is_person(row.actor)]
    times += [entry.at for entry in await timeline.of_incident(tx, incident.id) if entry.kind in BY_PEOPLE]
    return max(times, default=incident.opened_at)


def _can_wait(deps: Deps, incident: Incident) -> bool:
    """Whether it is snoozed, or old and can wait for working hours; not where everything is down."""
    if incident.is_snoozed(deps.now()):
        return True
    is_old = deps.now() - incident.opened_at > OLD and incident.severity is not Severity.P0
    return is_old and not deps.policy.working_hours.cover(deps.now())


async def _ask(tx: Tx, deps: Deps, incident: Incident) -> None:
    since = await last_touched(tx, incident)
    silent_for = deps.now() - since
    asked = await effects.latest(tx, deps.workspace_id, incident.id, SLOT)
    if silent_for < deps.catalog.comms.stale_after(incident.severity) or (asked and asked.created_at > since):
        return
    text = f"{incident.label} {incident.title} is {incident.status}, and nobody has touched it for "
    buttons = (
        Button(press=Press.RESOLVE, label="Resolve", value=incident.id),
        Button(press=Press.STILL_ON_IT, label="Still on it", value=incident.id),
    )
    content = Notice(text=f"{text}{show.in_words(silent_for)}. Is it over?", buttons=buttons)
    deed = Show(place=Place.INCIDENT, slot=SLOT, content=content, anew=True)
    if incident.commander:
        deed = ShowTo(place=Place.PERSON, to=incident.commander, slot=SLOT, content=content, anew=True)
    await show.send(tx, deps, incident, deed, stream=f"person:{incident.id}")
