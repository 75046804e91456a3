"""Put proposals to people: at most three at once, shown, logged with the hash of what is shown, set to expire."""

from datetime import timedelta

from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.pipeline import ledger, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, proposals
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
    """Put a waiting proposal to people: logged with the hash of what is shown, shown, and set to expire."""
    lasts = waiting.expires_at - waiting.created_at
    proposal = waiting.model_copy(update={"state": ProposalState.OPEN, "expires_at": deps.now() + lasts})
    await proposals.save(tx, proposal, was=waiting)
    payload = bound(proposal) | {"evidence": list(proposal.evidence_ids)}
    await ledger.write(tx, deps, incident.id, LogKind.PROPOSED, "copilot", payload)
    await show.proposal(tx, deps, incident, proposal)
    await wakeups.expire(tx, deps, incident.id, proposal.id, at=proposal.expires_at)


async def close(tx: Tx, deps: Deps, proposal: Proposal, state: ProposalState, because: str) -> None:
    """Take an open proposal from people's hands, saying why."""
    closed = proposal.model_copy(update={"state": state, "outcome": because, "decided_at": deps.now()})
    await proposals.save(tx, closed, was=proposal)
    payload = {"proposal": proposal.id, "version": proposal.version, "because": because}
    await ledger.write(tx, deps, proposal.incident_id, LogKind.EXPIRED, "policy:expiry", payload)
    if proposal.state is ProposalState.OPEN:
        incident = await incidents.get(tx, proposal.incident_id)
        await show.proposal(tx, deps, incident, closed)
        await show_next(tx, deps, incident)


async def show_next(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Put waiting proposals to people while fewer than three are open."""
    if not incident.is_running:
        return
    kept = await proposals.of_incident(tx, incident.id)
    room = VISIBLE - sum(proposal.state is ProposalState.OPEN for proposal in kept)
    waiting = [proposal for proposal in kept if proposal.state is ProposalState.WAITING]
    for proposal in sorted(waiting, key=lambda one: (one.rank, one.id))[: max(0, room)]:
        await propose(tx, deps, incident, proposal)


def bound(proposal: Proposal) -> dict[str, object]:
    """Return what a log row says of a proposal: which version, and the hash of exactly what was shown."""
    return {
        "proposal": proposal.id,
        "version": proposal.version,
        "kind": proposal.kind.value,
        "title": proposal.title,
        "shown_sha256": proposal.hash,
    }
