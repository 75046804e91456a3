"""After an action: look at the alerting metric until it is healthy, and say so when the action does not help.

A metric over five minutes takes minutes to follow, so "it did not help so far" is said once when it has had some time,
and the looking goes on until the time is over. What monitors raised is read from what was told since (measure_figures).
Where nobody can tell in the end, people are asked (verify_by_people).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from incident_copilot.domain.advice import Came
from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.proposal import Proposal
from incident_copilot.pipeline import carry_out, learn, ledger, measure, measure_figures, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.measure import Reading
from incident_copilot.pipeline.measure_figures import Acted
from incident_copilot.store import action_log, alerts, evidence, incidents, proposals
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

DEADLINE_S = 3.0
PATIENCE = timedelta(seconds=60)
WATCH_EVERY = timedelta(seconds=60)


class _Look(NamedTuple):
    """What one look found, and when the action was that it is about; `is_slow` where figures are told, not asked."""

    readings: Sequence[Reading]
    acted_at: datetime
    is_slow: bool


async def verify(deps: Deps, job: Job) -> None:
    """Read the alerting metrics once; conclude when they are healthy or the time is over, else look again later."""
    incident_id, until = job.payload["incident_id"], datetime.fromisoformat(job.payload["until"])
    look = await _look(deps, job)
    readings, now = look.readings, deps.now()
    async with job.finish(deps.db) as tx:
        current = await incidents.lock(tx, incident_id)
        proposal = await proposals.lock(tx, job.payload["proposal_id"])
        if _healthy(readings):
            await _tell(tx, deps, current, proposal, readings, "It worked")
            await go_on(tx, deps, current, proposal)
            if _may_be_mitigated(current):
                await carry_out.mitigated(tx, deps, current, now)
        elif now >= until or not current.is_running:
            await _did_not_help(tx, deps, current, proposal, readings, "It did not help")
        else:
            if await _is_time_to_say_so(tx, deps, proposal, look):
                await _did_not_help(tx, deps, current, proposal, readings, "It did not help so far")
            at = now + _pause(deps, look)
            await wakeups.verify(tx, deps, incident_id, proposal.id, at=at, until=until)


async def watch_over(deps: Deps, job: Job) -> None:
    """Read the alerting metrics once; say when they are over their limit again, or that they stayed inside it."""
    incident_id, until = job.payload["incident_id"], datetime.fromisoformat(job.payload["until"])
    async with deps.db.read() as db:
        shown = (await proposals.get(db, job.payload["proposal_id"])).shown
    span = timedelta(minutes=shown.get("watch_min", 0))
    look = await _look(deps, job, since=until - span)
    if look.is_slow and deps.now() >= until and not (_healthy(look.readings) or _unhealthy(look.readings)):
        look = await _look(deps, job)  # too little was told while it was watched: all since the action counts
    readings = look.readings
    async with job.finish(deps.db) as tx:
        current = await incidents.lock(tx, incident_id)
        proposal = await proposals.lock(tx, job.payload["proposal_id"])
        if not current.is_running:
            return
        watched = show.in_words(span)
        if _unhealthy(readings):
            await _did_not_help(tx, deps, current, proposal, readings, f"It did not last {watched}")
        elif deps.now() >= until:
            verdict = f"It has held for {watched}" if _healthy(readings) else "Whether it holds could not be checked"
            await _tell(tx, deps, current, proposal, readings, verdict, asks=not _healthy(readings))
        else:
            await wakeups.watch_over(tx, deps, incident_id, proposal.id, at=deps.now() + WATCH_EVERY, until=until)


async def go_on(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal) -> None:
    """Have what comes after an action of actions.yaml put to people, and watch whether it lasts."""
    now = deps.now()
    if proposal.shown.get("after"):
        await wakeups.follow_up(tx, deps, incident.id, proposal.id, at=now)
    if minutes := proposal.shown.get("watch_min", 0):
        until = now + timedelta(minutes=minutes)
        await wakeups.watch_over(tx, deps, incident.id, proposal.id, at=now + WATCH_EVERY, until=until)


async def _look(deps: Deps, job: Job, since: datetime | None = None) -> _Look:
    """Read what alerted, or the figure that actions.yaml names; of figures that are told those since then count."""
    async with deps.db.read() as db:
        incident = await incidents.get(db, job.payload["incident_id"])
        members = await alerts.belonging(db, incident.id)
        proposal = await proposals.get(db, job.payload["proposal_id"])
        rows = await action_log.entries(db, incident.id, kinds=[LogKind.CARRIED_OUT])
    acted = _acted(rows, proposal, since)
    wanted = measure_figures.wanted(proposal)
    told = await measure_figures.figures(deps, incident, members, wanted, acted)
    asked = [] if wanted.metric else await measure.alerting_metrics(deps, incident, members, deadline_s=DEADLINE_S)
    return _Look([*asked, *told], acted.at, is_slow=bool(told))


def _acted(rows: Sequence[LogEntry], proposal: Proposal, since: datetime | None) -> Acted:
    at = max((row.at for row in rows if row.payload["proposal"] == proposal.id), default=proposal.created_at)
    return Acted(first=min([at, *(row.at for row in rows)]), at=at, since=max(at, since or at))


def _pause(deps: Deps, look: _Look) -> timedelta:
    """Return when to look again: ever more rarely where figures are told, as they take their time."""
    slow = min(WATCH_EVERY, (deps.now() - look.acted_at) / 4) if look.is_slow else timedelta()
    return max(deps.policy.verify_every, slow)


def _healthy(readings: Sequence[Reading]) -> bool:
    return bool(readings) and all(reading.healthy for reading in readings)


def _unhealthy(readings: Sequence[Reading]) -> bool:
    """Whether a reading says no; one that could not be read says nothing."""
    return any(reading.healthy is False for reading in readings)


async def _is_time_to_say_so(tx: Tx, deps: Deps, proposal: Proposal, look: _Look) -> bool:
    if not _unhealthy(look.readings) or deps.now() < look.acted_at + PATIENCE:
        return False
    rows = await action_log.entries(tx, proposal.incident_id)
    return not any(row.kind is LogKind.VERIFIED and row.payload["proposal"] == proposal.id for row in rows)


async def _did_not_help(
    tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, readings: Sequence[Reading], verdict: str
) -> None:
    """Say so, and have the brief look for another cause; what could not be read is no verdict, so people are asked."""
    is_open = not _unhealthy(readings)
    verdict = "Whether it helped could not be checked" if is_open else verdict
    await _tell(tx, deps, incident, proposal, readings, verdict, asks=is_open and incident.is_running)
    if incident.is_running:
        await wakeups.gather(tx, deps, incident.id, at=deps.now())


async def _tell(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    proposal: Proposal,
    readings: Sequence[Reading],
    verdict: str,
    *,
    asks: bool = False,
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
    await show.notice(
        tx,
        deps,
        incident,
        f"verified:{proposal.id}",
        f"{proposal.title}. {said}" + " Please look, and say." * asks,
        mentions=[proposal.decided_by] if asks and proposal.decided_by else (),
        buttons=_answers(proposal) if asks else (),
        anew=is_news,
    )


def _answers(proposal: Proposal) -> tuple[Button, Button]:
    return (
        Button(press=Press.HELPED, label="It helped", value=proposal.id),
        Button(press=Press.NO_HELP, label="It did not help", value=proposal.id),
    )


async def _carried_out(tx: Tx, proposal: Proposal) -> str:
    """Return what the action itself reported, without what was said about its effect before."""
    rows = await action_log.entries(tx, proposal.incident_id)
    done = [row for row in rows if row.kind is LogKind.CARRIED_OUT and row.payload["proposal"] == proposal.id]
    return str(done[-1].payload["outcome"]) if done else "Carried out."


def _may_be_mitigated(incident: Incident) -> bool:
    return incident.is_running and incident.status in (Status.OPEN, Status.ACKNOWLEDGED)
