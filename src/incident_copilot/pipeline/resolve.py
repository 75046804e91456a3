"""Resolve an incident: a restoration check first, over red only when asked once more."""

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.incident import Ending, Severity, Status
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import measure, people
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.ending import ENDINGS, CheckLine, RestorationCheck, end
from incident_copilot.store import alerts, incidents
from incident_copilot.store import people as names
from incident_copilot.store.db import CLICKS
from incident_copilot.store.jobs import Job

CHECK_DEADLINE_S = 1.5  # a modal must open within Slack's three seconds


async def check(deps: Deps, incident_id: str) -> RestorationCheck:
    """Look at the incident's alerts and at the metric that alerted."""
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        members = [stored.alert for stored in await alerts.of_incident(db, incident_id)]
    firing = [alert.name for alert in members if alert.status is AlertStatus.FIRING]
    if members:
        text = f"{len(firing)} of {len(members)} alerts still firing: {', '.join(firing[:3])}"
        alerts_line = CheckLine(text=text if firing else f"all {len(members)} alerts have resolved", ok=not firing)
    else:
        alerts_line = CheckLine(text="no alert belongs to this incident", ok=None)
    readings = await measure.alerting_metrics(deps, incident, members, deadline_s=CHECK_DEADLINE_S)
    lines = [CheckLine(text=reading.text, ok=reading.healthy) for reading in readings]
    return RestorationCheck(lines=(alerts_line, *lines))


async def resolve(
    deps: Deps, incident_id: str, person: Person, *, ending: Ending, note: str, despite_red: bool
) -> Outcome:
    """End an incident as a person asks for.

    Raises:
        DecisionRefused: not allowed, ended already, or the check is red and `despite_red` is not set.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "resolve incidents")
    found = await check(deps, incident_id)
    if found.is_red and ending is Ending.RESOLVED and not despite_red:
        red = "; ".join(line.text for line in found.lines if line.ok is False)
        raise DecisionRefused(f"Not restored yet: {red}. Tick 'Resolve anyway' if you are sure.")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        if not incident.is_running:
            raise DecisionRefused(f"{incident.label} has ended already.")
        await names.remember(tx, deps.workspace_id, person.id, person.name, deps.now())
        ended = await end(tx, deps, incident, actor=person.id, ending=ending, note=note, checked=found)
    return Outcome(text=f"{incident.label} is {ENDINGS[ending]}.", incident=ended)


async def end_quiet(deps: Deps, job: Job) -> None:
    """End a P2 that nobody touched and that has been quiet long enough; propose to resolve any other."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        firing, _ = await alerts.counts(tx, incident.id)
        untouched = incident.status is Status.OPEN and incident.commander is None
        if incident.is_running and not firing and untouched and incident.severity.rank >= Severity.P2.rank:
            await end(tx, deps, incident, actor="policy:quiet", ending=Ending.SELF_RECOVERED, note="")
