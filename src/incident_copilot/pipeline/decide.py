"""People decide proposals: one vote a person and version, one decision, bound to what was shown (promise P6)."""

import difflib

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Choice, Proposal, ProposalKind, ProposalState, Vote
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import carry_out, ledger, people, proposing, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, proposals, texts
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.jobs import Job

WORDS = {
    ProposalState.APPROVED: "already approved",
    ProposalState.CARRIED_OUT: "already carried out",
    ProposalState.REJECTED: "already rejected",
    ProposalState.DONE: "already marked as done",
    ProposalState.EXPIRED: "expired",
    ProposalState.SUPERSEDED: "overtaken by what happened since",
    ProposalState.FAILED: "already carried out, and it failed",
    ProposalState.UNKNOWN: "already carried out, with an unknown outcome",
    ProposalState.WAITING: "not shown yet",
}


class Outcome(Frozen):
    """What came of a click or command; `text` is told to the person who did it."""

    text: str
    incident: Incident | None = None
    proposal: Proposal | None = None


async def vote(deps: Deps, proposal_id: str, version: int, choice: Choice, person: Person) -> Outcome:
    """Record one person's word; when the rule is met, decide and start what was approved, in the same commit.

    Raises:
        DecisionRefused: the vote may not count; the refusal is logged.
        StoreUnavailable: nothing was recorded.
    """
    try:
        async with deps.db.transaction(CLICKS) as tx:
            proposal = await proposals.lock(tx, proposal_id)
            _require_open(deps, proposal, version)
            people.require_right_to_decide(person, proposal)
            return await _count(tx, deps, proposal, choice, person)
    except DecisionRefused as refusal:
        await _log_refusal(deps, proposal_id, version, choice, person, str(refusal))
        raise


async def edit(
    deps: Deps, proposal_id: str, version: int, person: Person, *, text: str, approve: bool = False
) -> Outcome:
    """Replace the text of an update: a new version, earlier votes void, the difference logged.

    Raises:
        DecisionRefused: not open, not this person's to edit, or nothing was changed.
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.transaction(CLICKS) as tx:
        was = await proposals.lock(tx, proposal_id)
        _require_open(deps, was, version)
        people.require_right_to_decide(person, was)
        if was.kind is not ProposalKind.UPDATE:
            raise DecisionRefused("Only status updates can be edited. Reject this one and propose another.")
        if not text.strip():
            raise DecisionRefused("The update has no text.")
        edited = was
        if text != was.shown["text"]:
            edited = was.model_copy(update={"version": was.version + 1, "shown": was.shown | {"text": text}})
            await proposals.save(tx, edited, was=was)
            await _log_edit(tx, deps, was, edited, person)
        if approve:
            return await _count(tx, deps, edited, Choice.APPROVE, person)
        incident = await incidents.get(tx, edited.incident_id)
        await show.proposal(tx, deps, incident, edited)
        return Outcome(text="Your text is in place. It still needs an approval.", incident=incident, proposal=edited)


async def give_reason(deps: Deps, proposal_id: str, person: Person, reason: str) -> Outcome:
    """Add why a proposal was rejected; the text is erasable, the log holds its salted hash.

    Raises:
        DecisionRefused: the proposal was not rejected, or the person may not decide it.
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.transaction(CLICKS) as tx:
        proposal = await proposals.lock(tx, proposal_id)
        people.require_right_to_decide(person, proposal)
        if proposal.state is not ProposalState.REJECTED:
            raise DecisionRefused("Only a rejected proposal takes a reason.")
        reasoned = proposal.model_copy(update={"reason": reason.strip()[:500]})
        await proposals.save(tx, reasoned, was=proposal)
        kept = await texts.store_text(
            tx, incident_id=proposal.incident_id, author=person.id, text=reason, now=deps.now()
        )
        await ledger.write_by(
            tx, deps, reasoned.incident_id, LogKind.REASONED, person, {"proposal": proposal.id, "reason": kept}
        )
        incident = await incidents.get(tx, proposal.incident_id)
        await show.proposal(tx, deps, incident, reasoned)
        return Outcome(
            text="Noted; it is in the log and stays with the incident.", incident=incident, proposal=reasoned
        )


async def expire(deps: Deps, job: Job) -> None:
    """Close a proposal whose time is over."""
    async with job.finish(deps.db) as tx:
        proposal = await proposals.lock(tx, job.payload["proposal_id"])
        if proposal.state is ProposalState.OPEN and deps.now() >= proposal.expires_at:
            await proposing.close(tx, deps, proposal, ProposalState.EXPIRED, "nobody decided in time")


async def _count(tx: Tx, deps: Deps, proposal: Proposal, choice: Choice, person: Person) -> Outcome:
    now = deps.now()
    cast = Vote(proposal_id=proposal.id, version=proposal.version, person=person.id, choice=choice, at=now)
    if not await proposals.vote(tx, cast):
        raise DecisionRefused("You have already voted on this; it needs another person.")
    incident = await incidents.lock(tx, proposal.incident_id)
    if choice is Choice.APPROVE and not await _rule_is_met(tx, deps, proposal):
        await ledger.write_by(
            tx, deps, proposal.incident_id, LogKind.VOTED, person, proposing.bound(proposal) | {"choice": choice.value}
        )
        await show.proposal(tx, deps, incident, proposal)
        return Outcome(text="Your approval counts. One more person is needed.", incident=incident, proposal=proposal)
    return await _decide(tx, deps, incident, proposal, choice, person)


async def _rule_is_met(tx: Tx, deps: Deps, proposal: Proposal) -> bool:
    approvals = [cast for cast in await proposals.votes_on(tx, proposal) if cast.choice is Choice.APPROVE]
    return len(approvals) >= proposal.needed or deps.catalog.approvals.solo


async def _decide(
    tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, choice: Choice, person: Person
) -> Outcome:
    state, kind, said = {
        Choice.APPROVE: (ProposalState.APPROVED, LogKind.APPROVED, "Approved."),
        Choice.REJECT: (ProposalState.REJECTED, LogKind.REJECTED, "Rejected. You can add a reason; it is optional."),
        Choice.NOT_THIS: (ProposalState.REJECTED, LogKind.REJECTED, "Noted: not this. It is listed as ruled out."),
        Choice.DONE: (ProposalState.DONE, LogKind.DONE, "Noted as done."),
    }[choice]
    decided = proposal.model_copy(update={"state": state, "decided_by": person.id, "decided_at": deps.now()})
    if not await proposals.save(tx, decided, was=proposal):
        raise DecisionRefused("Somebody else decided this a moment ago.")
    solo = proposal.needed > 1 and deps.catalog.approvals.solo and choice is Choice.APPROVE
    payload = proposing.bound(proposal) | {
        "choice": choice.value,
        "solo": solo,
        "evidence": list(proposal.evidence_ids),
    }
    await ledger.write_by(tx, deps, decided.incident_id, kind, person, payload)
    if choice is Choice.APPROVE:
        await carry_out.start(tx, deps, incident, decided, person)
    await show.proposal(tx, deps, incident, decided)
    await proposing.show_next(tx, deps, await incidents.get(tx, incident.id))
    return Outcome(text=said, incident=incident, proposal=decided)


def _require_open(deps: Deps, proposal: Proposal, version: int) -> None:
    if proposal.state is not ProposalState.OPEN:
        when = f" {show.in_words(deps.now() - proposal.decided_at)} ago" if proposal.decided_at else ""
        by = f" by <@{proposal.decided_by}>" if proposal.decided_by else ""
        raise DecisionRefused(f"This proposal was {WORDS[proposal.state]}{by}{when}. Nothing else happened.")
    if deps.now() >= proposal.expires_at:
        raise DecisionRefused(
            "This proposal has expired. Ask for a new one with /incident update or wait for the next brief."
        )
    if proposal.version != version:
        raise DecisionRefused("The text was edited since you saw it. Please read the newer version and decide again.")


async def _log_edit(tx: Tx, deps: Deps, was: Proposal, edited: Proposal, person: Person) -> None:
    lines = difflib.unified_diff(
        was.shown["text"].splitlines(), edited.shown["text"].splitlines(), "proposed", "edited", lineterm=""
    )
    kept = await texts.store_text(
        tx, incident_id=was.incident_id, author=person.id, text="\n".join(lines), now=deps.now()
    )
    await ledger.write_by(
        tx, deps, edited.incident_id, LogKind.EDITED, person, proposing.bound(edited) | {"diff": kept}
    )


async def _log_refusal(
    deps: Deps, proposal_id: str, version: int, choice: Choice, person: Person, because: str
) -> None:
    async with deps.db.transaction(CLICKS) as tx:
        proposal = await proposals.get(tx, proposal_id)
        payload: dict[str, object] = {
            "proposal": proposal.id,
            "version": version,
            "choice": choice.value,
            "because": because,
        }
        await ledger.write_by(tx, deps, proposal.incident_id, LogKind.REFUSED, person, payload)
