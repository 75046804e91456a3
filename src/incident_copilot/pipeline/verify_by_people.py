"""People say whether an action helped, where that could not be read: what comes after it goes on by their word."""

from incident_copilot.domain.advice import Came
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import learn, ledger, run, show, verify, wakeups
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, proposals

SAID = "people looked"


async def answer(deps: Deps, proposal_id: str, person: Person, *, helped: bool) -> Outcome:
    """Record what a person saw of an action's effect, and go on by it; the first word counts.

    Raises:
        DecisionRefused: not allowed, the incident has ended, or somebody has said it; it is logged.
        UnknownThing: there is no such action.
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.read() as db:
        incident_id = (await proposals.get(db, proposal_id)).incident_id
    async with run.changing(deps, incident_id, person, "say whether an action helped") as (tx, incident):
        proposal = await proposals.lock(tx, proposal_id)
        rows = await action_log.entries(tx, incident.id, kinds=[LogKind.VERIFIED])
        if any(row.payload["proposal"] == proposal.id and row.payload["found"] == SAID for row in rows):
            raise DecisionRefused(f"That was said already: {proposal.outcome}")
        payload = {"proposal": proposal.id, "healthy": helped, "found": SAID, "evidence": []}
        await ledger.write_by(tx, deps, incident.id, LogKind.VERIFIED, person, payload)
        said = f"It {'helped' if helped else 'did not help'}: {SAID}."
        kept = proposal.model_copy(update={"outcome": said})
        await proposals.save(tx, kept, was=proposal)
        await learn.note(tx, deps, incident, kept, Came.WORKED if helped else Came.DID_NOT)
        await show.proposal(tx, deps, incident, kept)
        await show.notice(tx, deps, incident, f"verified:{proposal.id}", f"{proposal.title}. {said}")
        if helped:
            await verify.go_on(tx, deps, incident, kept)
        else:
            await wakeups.gather(tx, deps, incident.id, at=deps.now())
    return Outcome(text=f"Noted: it {'helped' if helped else 'did not help'}.", incident=incident)
