"""People decide proposals: one vote a person and version, one decision, bound to what was shown (promise P6)."""

import asyncio
import difflib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

from incident_copilot.domain.advice import Came
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Choice, Proposal, ProposalKind, ProposalState, Risk, Vote
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import (
    carry_out,
    glass,
    learn,
    ledger,
    merging,
    people,
    proposing,
    restoration,
    show,
    wakeups,
)
from incident_copilot.pipeline.comms import as_of
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.ending import RestorationCheck
from incident_copilot.store import incidents, messages, proposals, texts
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.jobs import Job

WORDS = {
    ProposalState.APPROVED: "was approved",
    ProposalState.CARRIED_OUT: "was carried out, approved",
    ProposalState.REJECTED: "was rejected",
    ProposalState.DONE: "was marked as done",
    ProposalState.EXPIRED: "expired",
    ProposalState.SUPERSEDED: "was withdrawn",
    ProposalState.FAILED: "could not be carried out, approved",
    ProposalState.UNKNOWN: "has an unknown outcome, approved",
    ProposalState.SILENT: "is kept silently; it is put to nobody",
    ProposalState.WAITING: "waits its turn; it is not open now",
}
NOT_SHOWN_THERE = "I do not know that any more. Nothing happened."
"""Says no more than that a proposal is gone, so that nobody learns of a private incident by guessing."""
RECORDED_AFTER_S = (0.0, 0.05, 0.1, 0.2, 0.4)
FITTING = {ProposalKind.CHECK: (Choice.DONE, Choice.NOT_THIS)}
"""What may be said to a kind of proposal; to all others Approve and Reject."""


class Outcome(Frozen):
    """What came of a click or command; `text` is told to the person who did it."""

    text: str
    incident: Incident | None = None
    proposal: Proposal | None = None


class Asked(NamedTuple):
    """A proposal that a person wants to change, locked with its incident."""

    tx: Tx
    incident: Incident
    proposal: Proposal


async def vote(
    deps: Deps,
    proposal_id: str,
    version: int,
    choice: Choice,
    person: Person,
    clicked: tuple[str, str] | None = None,
    seen: str | None = None,
) -> Outcome:
    """Record one person's word; when the rule is met, decide and start what was approved, in the same commit.

    `clicked` is the channel and ts of the message that was clicked on: it must be the one that shows the proposal.
    `seen` is the beginning of the hash of what was shown, where one person alone saw it and no such message is kept.

    Raises:
        DecisionRefused: the vote may not count; the refusal is logged.
        UnknownThing: there is no such proposal.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"version": version, "choice": choice.value}
    is_ours = clicked is None or await _is_shown_at(deps, proposal_id, *clicked)
    checked = await _restored(deps, proposal_id, choice)
    async with _asked(deps, proposal_id, person, asked, LogKind.REFUSED) as (tx, incident, proposal):
        if not is_ours:
            raise DecisionRefused(NOT_SHOWN_THERE)
        _require_open(deps, proposal, version, seen)
        people.require_right_to_decide(person, proposal)
        _require_another_person(deps, proposal, choice, person)
        if choice not in FITTING.get(proposal.kind, (Choice.APPROVE, Choice.REJECT)):
            raise DecisionRefused(_fitting_words(proposal))
        await _require_true(tx, incident, proposal, choice)
        return await _count(tx, deps, incident, proposal, choice, person, checked)


async def edit(
    deps: Deps, proposal_id: str, version: int, person: Person, *, text: str, approve: bool = False
) -> Outcome:
    """Replace the text of an update: a new version, earlier votes void, the difference logged.

    Who saves the form vouches for the text as things are now, unchanged or not.

    Raises:
        DecisionRefused: not open, not this person's to edit, or without text; the refusal is logged.
        UnknownThing: there is no such proposal.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"version": version, "asked": "edit a proposal"}
    async with _asked(deps, proposal_id, person, asked) as (tx, incident, was):
        _require_open(deps, was, version)
        people.require_right_to_decide(person, was)
        if was.kind is not ProposalKind.UPDATE:
            raise DecisionRefused("Only status updates can be edited. Reject this one and propose another.")
        if not text.strip():
            raise DecisionRefused("The update has no text.")
        shown = was.shown | {"text": text}
        if was.audience and "as_of" in was.shown:
            shown |= {"as_of": await as_of.bound(tx, incident, was.audience), "marked": []}
        edited = was
        if shown != was.shown:
            edited = was.model_copy(update={"version": was.version + 1, "shown": shown})
            await proposals.save(tx, edited, was=was)
            await _log_edit(tx, deps, was, edited, person)
        if approve:
            return await _count(tx, deps, incident, edited, Choice.APPROVE, person)
        await show.proposal(tx, deps, incident, edited)
        return Outcome(text="Your text is in place. It still needs an approval.", incident=incident, proposal=edited)


async def give_reason(deps: Deps, proposal_id: str, person: Person, reason: str) -> Outcome:
    """Add why a proposal was rejected; the text is erasable, the log holds its salted hash.

    Raises:
        DecisionRefused: the proposal was not rejected, or the person may not decide it; the refusal is logged.
        UnknownThing: there is no such proposal.
        StoreUnavailable: nothing was recorded.
    """
    async with _asked(deps, proposal_id, person, {"asked": "give a reason"}) as (tx, incident, proposal):
        people.require_right_to_decide(person, proposal)
        if proposal.state is not ProposalState.REJECTED:
            raise DecisionRefused("Only a rejected proposal takes a reason.")
        if not reason.strip():
            raise DecisionRefused("The reason has no text.")
        reasoned = proposal.model_copy(update={"reason": reason.strip()[:500]})
        await proposals.save(tx, reasoned, was=proposal)
        kept = await texts.store_text(tx, incident_id=incident.id, author=person.id, text=reason, now=deps.now())
        payload = {"proposal": proposal.id, "reason": kept}
        await ledger.write_by(tx, deps, incident.id, LogKind.REASONED, person, payload)
        await show.proposal(tx, deps, incident, reasoned)
        return Outcome(
            text="Noted; it is in the log and stays with the incident.", incident=incident, proposal=reasoned
        )


async def break_glass(deps: Deps, proposal_id: str, version: int, person: Person, reason: str) -> Outcome:
    """Carry out at once, by the commander's word alone, what needs more people; said aloud everywhere and logged.

    Raises:
        DecisionRefused: not open, not theirs, too early, or without a reason; the refusal is logged.
        UnknownThing: there is no such proposal.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"version": version, "asked": "break the glass"}
    async with _asked(deps, proposal_id, person, asked) as (tx, incident, proposal):
        _require_open(deps, proposal, version)
        people.require(person, Role.COMMANDER, "break the glass")
        people.require_right_to_decide(person, proposal)
        _require_another_person(deps, proposal, Choice.APPROVE, person)
        glass.require_time(deps, proposal)
        if not reason.strip():
            raise DecisionRefused("Breaking the glass takes a reason.")
        await glass.tell(tx, deps, incident, proposal, person, reason.strip()[:500])
        now = deps.now()
        cast = Vote(proposal_id=proposal.id, version=version, person=person.id, choice=Choice.APPROVE, at=now)
        await proposals.vote(tx, cast)
        return await _decide(tx, deps, incident, proposal, Choice.APPROVE, person, None)


async def expire(deps: Deps, job: Job) -> None:
    """Close a proposal whose time is over; one that was put to people anew since has its time still."""
    async with job.finish(deps.db) as tx:
        found = await proposals.get(tx, job.payload["proposal_id"])
        await incidents.lock(tx, found.incident_id)
        proposal = await proposals.lock(tx, found.id)
        if proposal.state is not ProposalState.OPEN:
            return
        if deps.now() >= proposal.expires_at:
            await proposing.close(tx, deps, proposal, ProposalState.EXPIRED, "nobody decided in time")
        else:
            await wakeups.expire(tx, deps, proposal.incident_id, proposal.id, at=proposal.expires_at)


@asynccontextmanager
async def _asked(
    deps: Deps, proposal_id: str, person: Person, asked: Mapping[str, object], kind: LogKind = LogKind.DENIED
) -> AsyncIterator[Asked]:
    """Open the transaction of what a person asks for; a refusal rolls it back and is logged after it."""
    async with deps.db.read() as db:
        incident_id = (await proposals.get(db, proposal_id)).incident_id
    about = {"proposal": proposal_id, **asked}
    async with ledger.refusals(deps, person, incident_id, about, kind), deps.db.transaction(CLICKS) as tx:
        # All who change a proposal lock its incident first, so that none waits for another in a circle.
        incident = await incidents.lock(tx, incident_id)
        yield Asked(tx, incident, await proposals.lock(tx, proposal_id))


async def _is_shown_at(deps: Deps, proposal_id: str, channel: str, ts: str) -> bool:
    """Whether this message of ours shows the proposal; a click can be faster than the record of the message."""
    for wait_s in RECORDED_AFTER_S:
        await asyncio.sleep(wait_s)
        async with deps.db.read() as db:
            shown = await messages.find(db, deps.workspace_id, channel, ts)
            if shown:
                incident_id = (await proposals.get(db, proposal_id)).incident_id
                return shown == (incident_id, f"proposal:{proposal_id}")
    return False


async def _restored(deps: Deps, proposal_id: str, choice: Choice) -> RestorationCheck | None:
    """Return the restoration check for who approves the end; it asks sources, so no transaction may be open."""
    async with deps.db.read() as db:
        proposal = await proposals.get(db, proposal_id)
    is_end = proposal.kind is ProposalKind.RESOLVE and choice is Choice.APPROVE
    return await restoration.check(deps, proposal.incident_id) if is_end else None


async def _count(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    proposal: Proposal,
    choice: Choice,
    person: Person,
    checked: RestorationCheck | None = None,
) -> Outcome:
    now = deps.now()
    cast = Vote(proposal_id=proposal.id, version=proposal.version, person=person.id, choice=choice, at=now)
    if not await proposals.vote(tx, cast):
        raise DecisionRefused("You have already voted on this; it needs another person.")
    if choice is Choice.APPROVE and not await _rule_is_met(tx, deps, proposal):
        payload = proposing.bound(proposal) | {"choice": choice.value}
        await ledger.write_by(tx, deps, incident.id, LogKind.VOTED, person, payload)
        await glass.call_second(tx, deps, incident, proposal, person)
        await show.proposal(tx, deps, incident, proposal)
        return Outcome(text=await _still_needed(tx, proposal), incident=incident, proposal=proposal)
    return await _decide(tx, deps, incident, proposal, choice, person, checked)


async def _rule_is_met(tx: Tx, deps: Deps, proposal: Proposal) -> bool:
    return len(await proposals.votes_on(tx, proposal)) >= proposal.needed or deps.catalog.approvals.solo


async def _still_needed(tx: Tx, proposal: Proposal) -> str:
    missing = proposal.needed - len(await proposals.votes_on(tx, proposal))
    return "Your approval counts. " + (
        "One more person is needed." if missing == 1 else f"{missing} more people are needed."
    )


async def _decide(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    proposal: Proposal,
    choice: Choice,
    person: Person,
    checked: RestorationCheck | None,
) -> Outcome:
    state, kind, said = {
        Choice.APPROVE: (ProposalState.APPROVED, LogKind.APPROVED, "Approved."),
        Choice.REJECT: (ProposalState.REJECTED, LogKind.REJECTED, "Rejected. You can add a reason; it is optional."),
        Choice.NOT_THIS: (ProposalState.REJECTED, LogKind.REJECTED, "Noted: not this. It is listed as ruled out."),
        Choice.DONE: (ProposalState.DONE, LogKind.DONE, "Noted as done."),
    }[choice]
    decided = proposal.model_copy(update={"state": state, "decided_by": person.id, "decided_at": deps.now()})
    await proposals.save(tx, decided, was=proposal)
    voters = [cast.person for cast in await proposals.votes_on(tx, proposal) if cast.choice is choice]
    payload = proposing.bound(proposal) | {
        "choice": choice.value,
        "people": voters,
        "solo": choice is Choice.APPROVE and len(voters) < proposal.needed,
        "evidence": list(proposal.evidence_ids),
    }
    await ledger.write_by(tx, deps, incident.id, kind, person, payload)
    await learn.note(tx, deps, incident, decided, _came(decided, choice))
    if choice is Choice.APPROVE:
        decided = await carry_out.start(tx, deps, incident, decided, person, checked)
    elif decided.kind is ProposalKind.MERGE:
        await merging.rejected(tx, deps, incident, decided)
    now_is = await incidents.get(tx, incident.id)
    await show.proposal(tx, deps, now_is, decided)
    await proposing.show_next(tx, deps, now_is)
    return Outcome(text=said, incident=now_is, proposal=decided)


def _came(decided: Proposal, choice: Choice) -> Came:
    if choice in (Choice.REJECT, Choice.NOT_THIS):
        return Came.REJECTED
    is_edited = decided.kind is ProposalKind.UPDATE and decided.version > 1
    return Came.EDITED if is_edited else Came.TAKEN


def _require_another_person(deps: Deps, proposal: Proposal, choice: Choice, person: Person) -> None:
    """Who asked for a risky action does not approve it, unless one person may decide alone."""
    is_risky = proposal.kind is ProposalKind.ACTION and proposal.risk is Risk.HIGH
    is_own = choice is Choice.APPROVE and proposal.requested_by == person.id
    if is_risky and is_own and not deps.catalog.approvals.solo:
        raise DecisionRefused("You asked for this action, so somebody else has to approve it.")


def _require_open(deps: Deps, proposal: Proposal, version: int, seen: str | None = None) -> None:
    if proposal.state is not ProposalState.OPEN:
        by = f" by <@{proposal.decided_by}>" if proposal.decided_by else ""
        when = f" {show.in_words(deps.now() - proposal.decided_at)} ago" if proposal.decided_at else ""
        why = f" ({proposal.outcome})" if proposal.state is ProposalState.SUPERSEDED else ""
        raise DecisionRefused(f"This proposal {WORDS[proposal.state]}{by}{when}{why}. Nothing else happened.")
    if deps.now() >= proposal.expires_at:
        raise DecisionRefused("This proposal expired: nobody decided in time. Nothing else happened.")
    if proposal.version != version or not proposal.hash.startswith(seen or ""):
        raise DecisionRefused("The text was edited since you saw it. Please read the newer version and decide again.")


async def _require_true(tx: Tx, incident: Incident, proposal: Proposal, choice: Choice) -> None:
    """An update that the facts contradict, or that says to outsiders what no evidence supports, is not published."""
    if choice is not Choice.APPROVE:
        return
    if changed := await as_of.changes(tx, incident, proposal):
        raise DecisionRefused(f"This draft is out of date: {'; '.join(changed)}. Have it drafted anew, or edit it.")
    if proposal.is_marked:
        raise DecisionRefused("It says what no evidence supports; see the marked sentences, and edit it first.")


def _fitting_words(proposal: Proposal) -> str:
    if proposal.kind is ProposalKind.CHECK:
        return "A check is done by people: say Did it, or Not this."
    return "The copilot carries this out: say Approve, or Reject."


def _words_changed(was: Proposal, edited: Proposal) -> dict[str, int]:
    """Return how far an edit goes, in words; it stays when the words themselves are erased."""
    before, after = was.shown["text"].split(), edited.shown["text"].split()
    steps = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changed = sum(max(end - begin, to - at) for what, begin, end, at, to in steps if what != "equal")
    return {"words_before": len(before), "words_changed": changed}


async def _log_edit(tx: Tx, deps: Deps, was: Proposal, edited: Proposal, person: Person) -> None:
    lines = difflib.unified_diff(
        was.shown["text"].splitlines(), edited.shown["text"].splitlines(), "proposed", "edited", lineterm=""
    )
    kept = await texts.store_text(
        tx, incident_id=was.incident_id, author=person.id, text="\n".join(lines), now=deps.now()
    )
    await ledger.write_by(
        tx,
        deps,
        edited.incident_id,
        LogKind.EDITED,
        person,
        proposing.bound(edited) | {"diff": kept, **_words_changed(was, edited)},
    )
