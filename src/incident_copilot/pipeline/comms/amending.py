"""Correct and retract what was published: by people, at every outlet where it is out, and in the log."""

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Audience, Proposal, ProposalKind
from incident_copilot.domain.update import Act
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people, proposing, show
from incident_copilot.pipeline.comms import outlets, publishing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, proposals, publications
from incident_copilot.store.db import CLICKS, Tx

RANK_ASKED = 0


async def publish(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, person: Person) -> None:
    """Have an approved update told everywhere, or put in the place of the one that it corrects.

    Raises:
        DecisionRefused: nothing is set up for its audience, or what it corrects is not out any more.
    """
    corrected = proposal.shown.get("corrects")
    if corrected is None:
        await publishing.publish(tx, deps, incident, proposal, person)
        return
    original = await proposals.lock(tx, corrected)
    text = proposal.shown["text"]
    await _amend(tx, deps, incident, original, Act.CORRECT, person, text, key=f"{proposal.id}-{proposal.version}")


async def correct(deps: Deps, proposal_id: str, person: Person, text: str) -> tuple[Incident, Proposal]:
    """Propose other words for an update that is out; approved, they replace it wherever it is.

    Raises:
        DecisionRefused: not allowed, without text, the same text, or not out; it is logged.
        UnknownThing: there is no such update.
        StoreUnavailable: nothing was recorded.
    """
    incident_id = await _incident_of(deps, proposal_id)
    asked = {"asked": "correct an update", "proposal": proposal_id}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident, original = await _out(tx, incident_id, proposal_id, person)
        if not text.strip() or text.strip() == str(original.shown["text"]).strip():
            raise DecisionRefused("Write the words that are to be there instead.")
        audience = original.audience or Audience.INTERNAL
        draft = proposing.new_proposal(
            deps,
            incident,
            ProposalKind.UPDATE,
            key=f"correct:{original.id}:{deps.now().isoformat()}",
            title=f"Correction of the status update for {audience.readers}",
            rank=RANK_ASKED,
            requested_by=person.id,
            shown={"audience": audience.value, "text": text, "corrects": original.id},
            evidence_ids=original.evidence_ids,
        )
        await proposals.add(tx, draft)
        await proposing.propose(tx, deps, incident, draft)
        return incident, await proposals.get(tx, draft.id)


async def retract(deps: Deps, proposal_id: str, person: Person) -> Incident:
    """Take an update back wherever it is out; a line that says so stays in its place.

    Raises:
        DecisionRefused: not allowed, or not out; it is logged.
        UnknownThing: there is no such update.
        StoreUnavailable: nothing was recorded.
    """
    incident_id = await _incident_of(deps, proposal_id)
    asked = {"asked": "retract an update", "proposal": proposal_id}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident, original = await _out(tx, incident_id, proposal_id, person)
        said = f"{original.outcome or 'Published.'} Retracted by <@{person.id}>."
        retracted = original.model_copy(update={"retracted_at": deps.now(), "outcome": said})
        await proposals.save(tx, retracted, was=original)
        payload = {"proposal": original.id, "version": original.version, "audience": original.shown["audience"]}
        await ledger.write_by(tx, deps, incident.id, LogKind.RETRACTED, person, payload)
        await _amend(
            tx, deps, incident, retracted, Act.RETRACT, person, outlets.WITHDRAWN, key=f"{original.id}-retract"
        )
        await show.proposal(tx, deps, incident, retracted)
        return incident


async def _incident_of(deps: Deps, proposal_id: str) -> str:
    async with deps.db.read() as db:
        return (await proposals.get(db, proposal_id)).incident_id


async def _out(tx: Tx, incident_id: str, proposal_id: str, person: Person) -> tuple[Incident, Proposal]:
    """Return a published update, locked with its incident, that this person may change."""
    incident = await incidents.lock(tx, incident_id)
    original = await proposals.lock(tx, proposal_id)
    people.require_right_to_decide(person, original)
    kept = await publications.of_incident(tx, incident_id)
    if original.retracted_at or not any(one.proposal_id == original.id for one in kept):
        raise DecisionRefused("That update is not out. Nothing happened.")
    return incident, original


async def _amend(
    tx: Tx, deps: Deps, incident: Incident, original: Proposal, act: Act, person: Person, text: str, *, key: str
) -> None:
    kept = await publications.of_incident(tx, incident.id)
    out = [one for one in kept if one.proposal_id == original.id and not one.retracted_at]
    if not out:
        raise DecisionRefused("The update that this corrects is not out any more.")
    for one in out:
        update = await outlets.update_of(tx, deps, incident, original, text, one)
        update = update.model_copy(update={"key": key, "state": one.state})
        await publishing.send(tx, deps, incident, original, one.channel, update, act, person.id)
