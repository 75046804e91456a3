"""Put proposals to people: at most three at once, shown, logged with the hash of what is shown, set to expire."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.pipeline import ledger, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, incidents, messages, open_effects, proposals
from incident_copilot.store.db import Tx

VISIBLE = 3  # proposals that people see at once


def new_proposal(deps: Deps, incident: Incident, kind: ProposalKind, key: str, **fields: object) -> Proposal:
    """Return a proposal with its id, times and the number of people it needs."""
    now = deps.now()
    approvals = deps.catalog.approvals
    draft = Proposal.model_validate(
        {
            "id": new_id(now),
            "incident_id": incident.id,
            "workspace_id": incident.workspace_id,
            "kind": kind,
            "key": key,
            "created_at": now,
            "expires_at": now + timedelta(seconds=approvals.expires_after_s),
            "state": ProposalState.WAITING,
            **fields,
        }
    )
    risky = draft.kind is ProposalKind.ACTION and draft.risk == "high"
    return draft.model_copy(update={"needed": approvals.high_risk_people if risky else 1})


async def propose(tx: Tx, deps: Deps, incident: Incident, waiting: Proposal) -> None:
    """Put a waiting proposal to people: logged with the hash of what is shown, shown, and set to expire.

    A newer draft of an update takes the place of an older one; what ranks lowest steps aside where there is no room.
    """
    await _make_room(tx, deps, incident, waiting)
    lasts = waiting.expires_at - waiting.created_at
    proposal = waiting.model_copy(update={"state": ProposalState.OPEN, "expires_at": deps.now() + lasts})
    await proposals.save(tx, proposal, was=waiting)
    payload = bound(proposal) | {"evidence": list(proposal.evidence_ids)}
    await ledger.write(tx, deps, incident.id, LogKind.PROPOSED, "copilot", payload)
    await show.proposal(tx, deps, incident, proposal)
    if deps.llm and proposal.requested_by and "as_of" in proposal.shown:
        await wakeups.word_update(tx, deps, incident.id, proposal.id, at=deps.now())
    await wakeups.expire(tx, deps, incident.id, proposal.id, at=proposal.expires_at)


async def close(tx: Tx, deps: Deps, proposal: Proposal, state: ProposalState, because: str) -> None:
    """Take a proposal that is open or waits from people's hands, saying why."""
    incident = await incidents.get(tx, proposal.incident_id)
    await _close(tx, deps, incident, proposal, state, because)
    if proposal.state is ProposalState.OPEN:
        await show_next(tx, deps, incident)


async def close_all(
    tx: Tx, deps: Deps, incident: Incident, because: str, *, where: Callable[[Proposal], bool] = lambda _: True
) -> None:
    """Take back whatever is open or waits and is so, saying why; nothing is shown in its place."""
    for proposal in filter(where, await _undecided(tx, incident)):
        await _close(tx, deps, incident, proposal, ProposalState.SUPERSEDED, because)


async def withdraw_end(tx: Tx, deps: Deps, incident: Incident, because: str) -> None:
    """Take the proposal to resolve back: what it rests on no longer holds."""
    for proposal in await _undecided(tx, incident):
        if proposal.kind is ProposalKind.RESOLVE:
            await close(tx, deps, proposal, ProposalState.SUPERSEDED, because)


async def show_next(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Put waiting proposals to people while fewer than three are open."""
    if not incident.is_running:
        return
    kept = await _undecided(tx, incident)
    room = VISIBLE - sum(proposal.state is ProposalState.OPEN for proposal in kept)
    waiting = [proposal for proposal in kept if proposal.state is ProposalState.WAITING]
    for proposal in in_order(waiting)[: max(0, room)]:
        await propose(tx, deps, incident, proposal)


def in_order(kept: Iterable[Proposal]) -> list[Proposal]:
    """Return proposals in the order in which they are put to people."""
    return sorted(kept, key=lambda one: (one.rank, -one.trust, one.id))


def bound(proposal: Proposal) -> dict[str, object]:
    """Return what a log row says of a proposal: which version, and the hash of exactly what was shown."""
    return {
        "proposal": proposal.id,
        "version": proposal.version,
        "kind": proposal.kind.value,
        "title": proposal.title,
        "shown_sha256": proposal.hash,
    }


async def _undecided(tx: Tx, incident: Incident) -> list[Proposal]:
    states = (ProposalState.OPEN, ProposalState.WAITING)
    return [proposal for proposal in await proposals.of_incident(tx, incident.id) if proposal.state in states]


async def _make_room(tx: Tx, deps: Deps, incident: Incident, coming: Proposal) -> None:
    others = [proposal for proposal in await _undecided(tx, incident) if proposal.id != coming.id]
    if coming.audience:
        for older in [proposal for proposal in others if proposal.audience is coming.audience]:
            await _close(tx, deps, incident, older, ProposalState.SUPERSEDED, "a newer draft took its place")
            others.remove(older)
    is_open = [proposal for proposal in others if proposal.state is ProposalState.OPEN]
    for last in in_order(is_open)[VISIBLE - 1 :]:
        aside = last.model_copy(update={"state": ProposalState.WAITING})
        await proposals.save(tx, aside, was=last)
        await _show_taken(tx, deps, incident, aside)


async def _close(
    tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, state: ProposalState, because: str
) -> None:
    closed = proposal.model_copy(update={"state": state, "outcome": because, "decided_at": deps.now()})
    await proposals.save(tx, closed, was=proposal)
    payload = {"proposal": proposal.id, "version": proposal.version, "state": state.value, "because": because}
    await ledger.write(tx, deps, proposal.incident_id, LogKind.EXPIRED, "policy:expiry", payload)
    if proposal.state is ProposalState.OPEN:
        await _show_taken(tx, deps, incident, closed)


async def _show_taken(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal) -> None:
    """Show that a proposal was taken from people's hands; what has not gone out yet was never in them."""
    slot = f"proposal:{proposal.id}"
    last = await effects.latest(tx, incident.workspace_id, incident.id, slot)
    seen = await messages.newest(tx, incident.workspace_id, incident.id, slot)
    if last and show.is_unsent(last) and seen is None:
        await open_effects.supersede(tx, [last.id])
    else:
        await show.proposal(tx, deps, incident, proposal)
