"""Take back what was carried out, while that is offered: as a proposal that people decide as any other."""

from datetime import datetime, timedelta

from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import act, ledger, people
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, proposals

DONE = (ProposalState.CARRIED_OUT, ProposalState.UNKNOWN)
UNDECIDED = (ProposalState.OPEN, ProposalState.WAITING, ProposalState.APPROVED)


async def undo(deps: Deps, proposal_id: str, person: Person) -> Outcome:
    """Put the action that takes an earlier one back to people; its own values are those of the catalogue.

    Raises:
        DecisionRefused: not allowed, too late, put already, or nothing takes it back; it is logged.
        UnknownThing: there is no such proposal.
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.read() as db:
        proposal = await proposals.get(db, proposal_id)
        incident = await incidents.get(db, proposal.incident_id)
        others = await proposals.of_incident(db, incident.id)
    async with ledger.refusals(deps, person, incident.id, {"asked": "undo an action", "proposal": proposal_id}):
        people.require(person, Role.RESPONDER, "undo actions")
        back = proposal.shown.get("take_back")
        if back is None or proposal.state not in DONE:
            raise DecisionRefused("Nothing in actions.yaml takes this back.")
        if deps.now() > _until(proposal):
            raise DecisionRefused(f"Undo was offered for {back['for_min']} min. Use /incident action now.")
        wanted = (back["action"], back["params"])
        if any(
            one.state in UNDECIDED and (one.shown.get("action"), one.shown.get("params")) == wanted for one in others
        ):
            raise DecisionRefused("It is put to people already.")
        entry = deps.entries.get(back["action"])
        if entry is None:
            raise DecisionRefused(f"actions.yaml has no action {back['action']} any more.")
        return await act.put(deps, incident, entry, back["params"], requested_by=person.id, straight=True)


def _until(proposal: Proposal) -> datetime:
    return (proposal.decided_at or proposal.created_at) + timedelta(minutes=proposal.shown["take_back"]["for_min"])
