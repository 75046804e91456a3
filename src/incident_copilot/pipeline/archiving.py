"""Channels of incidents that are long over are archived: said a day before, and not while anything of them is open."""

from datetime import timedelta

from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.effect import ArchiveChannel
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.pipeline import ledger, people, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, proposals, tasks
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.jobs import Job

NOTICE = timedelta(days=1)
LOOKED_BACK = timedelta(days=60)
"""What was kept from archiving for so long after its time is looked at no more."""
MOST_AT_ONCE = 5
"""A copilot that is told to archive for the first time must not fill everybody's sidebar."""
WAITING = (ProposalState.OPEN, ProposalState.WAITING)


async def look(deps: Deps, job: Job) -> None:
    """Announce and archive, within working hours."""
    now, after = deps.now(), deps.policy.archive_after
    async with job.finish(deps.db) as tx:
        if not after or deps.policy.shadow or not deps.policy.working_hours.cover(now):
            return
        over = await incidents.over(tx, deps.workspace_id, now - after - LOOKED_BACK, now - after)
        has_room = [one for one in over if _has_channel(one)]
        done = 0
        for found in has_room:
            if done < MOST_AT_ONCE:
                done += await _next_step(tx, deps, found.id)


async def keep(deps: Deps, incident_id: str, person: Person) -> Outcome:
    """Keep an incident's channel from being archived.

    Raises:
        DecisionRefused: not allowed.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "keep a channel")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        kept = await incidents.save(tx, incident.model_copy(update={"channel_kept": True, "archive_at": None}))
        await ledger.write(tx, deps, incident.id, LogKind.CHANNEL_KEPT, person.id, {})
        await show.notice(tx, deps, kept, "archiving", "This channel stays: somebody asked to keep it.")
    return Outcome(text=f"The channel of {incident.label} stays.", incident=kept)


def _has_channel(incident: Incident) -> bool:
    has_own = incident.channel_id is not None and incident.thread_ts is None
    return has_own and not (incident.channel_kept or incident.channel_archived)


async def _next_step(tx: Tx, deps: Deps, incident_id: str) -> bool:
    """Say that a channel will be archived, or archive it; False where neither is due."""
    incident, now = await incidents.lock(tx, incident_id), deps.now()
    if not _has_channel(incident) or incident.is_running or await _has_open_ends(tx, incident):
        return False
    if incident.archive_at is None:
        await incidents.save(tx, incident.model_copy(update={"archive_at": now + NOTICE}))
        button = Button(press=Press.KEEP_CHANNEL, label="Keep it", value=incident.id)
        text = f"{incident.label} is long over: this channel will be archived tomorrow. Nothing in it is lost."
        await show.notice(tx, deps, incident, "archiving", text, buttons=[button])
        return True
    if incident.archive_at > now:
        return False
    await incidents.save(tx, incident.model_copy(update={"channel_archived": True}))
    await ledger.write(tx, deps, incident.id, LogKind.CHANNEL_ARCHIVED, "policy:archiving", {})
    await show.send(tx, deps, incident, ArchiveChannel(), stream=f"incident:{incident.id}")
    return True


async def _has_open_ends(tx: Tx, incident: Incident) -> bool:
    """Whether a task is not done, or a proposal waits for somebody."""
    is_undone = any(task.done_at is None for task in await tasks.of_incident(tx, incident.id))
    return is_undone or any(one.state in WAITING for one in await proposals.of_incident(tx, incident.id))
