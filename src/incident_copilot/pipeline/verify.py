"""After an action: look at the alerting metric until it is healthy, or say that the action did not help."""

from datetime import datetime

from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import carry_out, ledger, measure, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.measure import Reading
from incident_copilot.store import alerts, evidence, incidents, proposals
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

DEADLINE_S = 3.0


async def verify(deps: Deps, job: Job) -> None:
    """Read the alerting metrics once; decide now, or look again later until the time is over."""
    incident_id, until = job.payload["incident_id"], datetime.fromisoformat(job.payload["until"])
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        members = [stored.alert for stored in await alerts.of_incident(db, incident_id)]
    readings = await measure.alerting_metrics(deps, incident, members, deadline_s=DEADLINE_S)
    healthy = bool(readings) and all(reading.healthy for reading in readings)
    now = deps.now()
    async with job.finish(deps.db) as tx:
        if healthy or now >= until or not incident.is_running:
            await _conclude(tx, deps, job.payload["proposal_id"], readings, healthy=healthy)
        else:
            at = now + deps.policy.verify_every
            await wakeups.verify(tx, deps, incident_id, job.payload["proposal_id"], at=at, until=until)


async def _conclude(tx: Tx, deps: Deps, proposal_id: str, readings: list[Reading], *, healthy: bool) -> None:
    proposal = await proposals.lock(tx, proposal_id)
    incident = await incidents.lock(tx, proposal.incident_id)
    await evidence.add_all(tx, [reading.evidence for reading in readings if reading.evidence])
    found = "; ".join(reading.text for reading in readings) or "no alerting metric could be read"
    said = f"It worked: {found}." if healthy else f"It did not help so far: {found}."
    kept = proposal.model_copy(update={"outcome": f"{proposal.outcome} {said}"})
    await proposals.save(tx, kept, was=proposal)
    payload = {
        "proposal": proposal.id,
        "healthy": healthy,
        "found": found,
        "evidence": [reading.evidence.id for reading in readings if reading.evidence],
    }
    await ledger.write(tx, deps, incident.id, LogKind.VERIFIED, "policy:verify", payload)
    await show.proposal(tx, deps, incident, kept)
    await show.notice(tx, deps, incident, f"verified:{proposal.id}", f"{proposal.title}. {said}")
    if healthy and _may_be_mitigated(incident):
        await carry_out.mitigated(tx, deps, incident, deps.now())
    if not healthy:
        await wakeups.gather(tx, deps, incident.id, at=deps.now())


def _may_be_mitigated(incident: Incident) -> bool:
    return incident.is_running and incident.status in (Status.OPEN, Status.ACKNOWLEDGED)
