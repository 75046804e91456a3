"""After the end: where customers were told of trouble, put to people the update that says it is over."""

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Audience
from incident_copilot.pipeline import draft_comms, proposing
from incident_copilot.pipeline.comms import as_of
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, alerts, evidence, incidents, proposals
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job


async def propose(deps: Deps, job: Job) -> None:
    """Propose the last update of an incident that has ended; nothing where customers know nothing, or know already."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        brief = await evidence.latest_brief(tx, incident.id)
        if incident.is_running or brief is None or not await _customers_wait(tx, incident.id):
            return
        members = await alerts.belonging(tx, incident.id)
        drafted = draft_comms.last_draft(deps, incident, members, brief)
        truth = {"as_of": await as_of.bound(tx, incident, Audience.CUSTOMERS)}
        last = drafted.model_copy(update={"shown": drafted.shown | truth})
        await proposals.add(tx, last)
        await proposing.propose(tx, deps, incident, last)


async def _customers_wait(tx: Tx, incident_id: str) -> bool:
    """Whether the last that customers were told is that something is broken."""
    told = [
        str(row.payload["proposal"])
        for row in await action_log.entries(tx, incident_id)
        if row.kind is LogKind.PUBLISHED and row.payload["audience"] == Audience.CUSTOMERS
    ]
    if not told:
        return False
    return f":{draft_comms.ENDED}:" not in (await proposals.get(tx, told[-1])).key
