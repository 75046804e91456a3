"""After an action: look at the alerting metric until it is healthy, and say so when the action does not help.

A metric over five minutes takes minutes to follow, so "it did not help so far" is said once when it has had some time,
and the looking goes on until the time is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from incident_copilot.domain.advice import Came
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Proposal
from incident_copilot.pipeline import carry_out, learn, ledger, measure, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.measure import Reading
from incident_copilot.store import action_log, alerts, evidence, incidents, proposals
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

DEADLINE_S = 3.0
PATIENCE = timedelta(seconds=60)
WATCH_EVERY = timedelta(seconds=60)


async def verify(deps: Deps, job: Job) -> None:
    """Read the alerting metrics once; conclude when they are healthy or the time is over, else look again later."""
    incident_id, until = job.payload["incident_id"], datetime.fromisoformat(job.payload["until"])
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        members = await alerts.belonging(db, incident_id)
    readings = await measure.alerting_metrics(deps, incident, members, deadline_s=DEADLINE_S)
    now = deps.now()
    async with job.finish(deps.db) as tx:
        current = await incidents.lock(tx, incident_id)
        proposal = await proposals.lock(tx, job.payload["proposal_id"])
        if _healthy(readings):
            await _tell(tx, deps, current, proposal, readings, "It worked")
            await _go_on(tx, deps, current, proposal)
            if _may_be_mitigated(current):
                await carry_out.mitigated(tx, deps, current, now)
        elif now >= until or not current.is_running:
            await _did_not_help(tx, deps, current, proposal, readings, "It did not help")
        else:
            if await _is_time_to_say_so(tx, deps, proposal, readings, until):
                await _did_not_help(tx, deps, current, proposal, readings, "It did not help so far")
            at = now + deps.policy.verify_every
            await wakeups.verify(tx, deps, incident_id, proposal.id, at=at, until=until)


async def watch_over(deps: Deps, job: Job) -> None:
    """Read the alerting metrics once; say when they are over their limit again, or that they stayed inside it."""
    incident_id, until = job.payload["incident_id"], datetime.fromisoformat(job.payload["until"])
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        members = await alerts.belonging(db, incident_id)
    readings = await measure.alerting_metrics(deps, incident, members, deadline_s=DEADLINE_S)
    async with job.finish(deps.db) as tx:
        current = await incidents.lock(tx, incident_id)
        proposal = await proposals.lock(tx, job.payload["proposal_id"])
        if not current.is_running:
            return
        watched = show.in_words(timedelta(minutes=proposal.shown["watch_min"]))
        if _unhealthy(readings):
            await _did_not_help(tx, deps, current, proposal, readings, f"It did not last {watched}")
        elif deps.now() >= until:
            verdict = f"It has held for {watched}" if _healthy(readings) else "Whether it holds could not be checked"
            await _tell(tx, deps, current, proposal, readings, verdict)
        else:
            await wakeups.watch_over(tx, deps, incident_id, proposal.id, at=deps.now() + WATCH_EVERY, until=until)


async def _go_on(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal) -> None:
    """Have what comes after an action of actions.yaml put to people, and watch whether it lasts."""
    now = deps.now()
    if proposal.shown.get("after"):
        await wakeups.follow_up(tx, deps, incident.id, proposal.id, at=now)
    if minutes := proposal.shown.get("watch_min", 0):
        until = now + timedelta(minutes=minutes)
        await wakeups.watch_over(tx, deps, incident.id, proposal.id, at=now + WATCH_EVERY, until=until)


def _healthy(readings: Sequence[Reading]) -> bool:
    return bool(readings) and all(reading.healthy for reading in readings)


def _unhealthy(readings: Sequence[Reading]) -> bool:
    """Whether a reading says no; one that could not be read says nothing."""
    return any(reading.healthy is False for reading in readings)


async def _is_time_to_say_so(
    tx: Tx, deps: Deps, proposal: Proposal, readings: Sequence[Reading], until: datetime
) -> bool:
    if not _unhealthy(readings) or deps.now() < until - deps.policy.verify_for + PATIENCE:
        return False
    rows = await action_log.entries(tx, proposal.incident_id)
    return not any(row.kind is LogKind.VERIFIED and row.payload["proposal"] == proposal.id for row in rows)


async def _did_not_help(
    tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, readings: Sequence[Reading], verdict: str
) -> None:
    """Say so, and have the brief look for another cause; what could not be read is no verdict."""
    if not _unhealthy(readings):
        verdict = "Whether it helped could not be checked"
    await _tell(tx, deps, incident, proposal, readings, verdict)
    if incident.is_running:
        await wakeups.gather(tx, deps, incident.id, at=deps.now())


async def _tell(
    tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, readings: Sequence[Reading], verdict: str
) -> None:
    """Keep what was read, write it down, and show it at the proposal and in the channel."""
    found = "; ".join(reading.text for reading in readings) or "no alert names a metric with a limit"
    said = f"{verdict}: {found}."
    held = [reading.evidence for reading in readings if reading.evidence]
    await evidence.add_all(tx, held)
    kept = proposal.model_copy(update={"outcome": f"{await _carried_out(tx, proposal)} {said}"})
    await proposals.save(tx, kept, was=proposal)
    if _healthy(readings) or _unhealthy(readings):
        payload = {
            "proposal": proposal.id,
            "healthy": _healthy(readings),
            "found": found,
            "evidence": [item.id for item in held],
        }
        await ledger.write(tx, deps, incident.id, LogKind.VERIFIED, "policy:verify", payload)
        await learn.note(tx, deps, incident, kept, Came.WORKED if _healthy(readings) else Came.DID_NOT)
    await show.proposal(tx, deps, incident, kept)
    is_news = not verdict.startswith(("It worked", "It did not help"))
    await show.notice(tx, deps, incident, f"verified:{proposal.id}", f"{proposal.title}. {said}", anew=is_news)


async def _carried_out(tx: Tx, proposal: Proposal) -> str:
    """Return what the action itself reported, without what was said about its effect before."""
    rows = await action_log.entries(tx, proposal.incident_id)
    done = [row for row in rows if row.kind is LogKind.CARRIED_OUT and row.payload["proposal"] == proposal.id]
    return str(done[-1].payload["outcome"]) if done else "Carried out."


def _may_be_mitigated(incident: Incident) -> bool:
    return incident.is_running and incident.status in (Status.OPEN, Status.ACKNOWLEDGED)
