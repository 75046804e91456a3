"""Resolve an incident: a restoration check first, over red only when asked once more."""

from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people, restoration
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.ending import ENDINGS, RECOVERED, RestorationCheck, end
from incident_copilot.store import alerts, incidents
from incident_copilot.store import people as names
from incident_copilot.store.db import CLICKS
from incident_copilot.store.jobs import Job


async def check(deps: Deps, incident_id: str) -> RestorationCheck:
    """Return what people see before they resolve: the incident's alerts and the metric that alerted.

    Raises:
        UnknownThing: there is no such incident.
    """
    return await restoration.check(deps, incident_id)


async def resolve(
    deps: Deps, incident_id: str, person: Person, *, ending: Ending, note: str, despite_red: bool
) -> Outcome:
    """End an incident as a person asks for.

    Raises:
        DecisionRefused: not allowed, ended already, or the check is red and `despite_red` is not set; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    found = await check(deps, incident_id)
    asked = {"asked": "resolve incidents", "ending": ending.value}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, "resolve incidents")
        if not incident.is_running:
            raise DecisionRefused(f"{incident.label} has ended already.")
        if found.is_red and ending in RECOVERED and not despite_red:
            red = restoration.red_lines(found)
            raise DecisionRefused(f"Not restored yet: {red}. Tick 'Resolve anyway' if you are sure.")
        await names.remember(tx, deps.workspace_id, person.id, person.name, deps.now())
        ended = await end(tx, deps, incident, actor=person.id, ending=ending, note=note.strip(), checked=found)
    return Outcome(text=f"{incident.label} {ENDINGS[ending]}.", incident=ended)


async def end_quiet(deps: Deps, job: Job) -> None:
    """End a P2 or P3 that nobody touched and that has been quiet long enough; any other is for people to end."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        firing, _ = await alerts.counts(tx, incident.id)
        is_small = incident.severity.rank >= Severity.P2.rank
        if incident.is_running and is_small and not firing and await ledger.is_untouched(tx, incident):
            await end(tx, deps, incident, actor="policy:quiet", ending=Ending.SELF_RECOVERED, note="")
