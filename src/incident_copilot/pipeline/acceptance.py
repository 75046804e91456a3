"""What people made of what was proposed for services lately, to decide how far the copilot goes for each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from incident_copilot.domain.acceptance import Acceptance, Record
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, incidents, proposals
from incident_copilot.store.db import Tx

APPROVED = (
    ProposalState.APPROVED,
    ProposalState.CARRIED_OUT,
    ProposalState.FAILED,
    ProposalState.UNKNOWN,
    ProposalState.DONE,
)
UNSEEN = (ProposalState.WAITING, ProposalState.SILENT)
COUNTED = (ProposalKind.CHECK, ProposalKind.ACTION, ProposalKind.UPDATE)
OF_ACTIONS = ("act:", "asked:", "rollback:", "next:")
"""How the keys of proposals begin that are actions, also where people do them themselves."""


async def records(db: Tx, deps: Deps, service: str | None = None) -> Mapping[str, Record]:
    """Return by service how proposals were taken within the days of the rule; drills do not count.

    With a `service` only that one's record is whole.
    """
    since = deps.now() - timedelta(days=deps.catalog.automation.days)
    kept = await proposals.expiring_since(db, deps.workspace_id, since, service)
    of = await incidents.by_ids(db, {one.incident_id for one in kept})
    rows = await action_log.some(db, deps.workspace_id, None, [LogKind.VERIFIED], since=since)
    healthy = {str(row.payload.get("proposal")): bool(row.payload.get("healthy")) for row in rows}
    beside: dict[str, list[Proposal]] = defaultdict(list)
    in_incidents: dict[str, list[Proposal]] = defaultdict(list)
    actions: dict[str, list[Proposal]] = defaultdict(list)
    for one in kept:
        incident = of[one.incident_id]
        beside[incident.id].append(one)
        if incident.test or one.kind not in COUNTED or one.state in UNSEEN:
            continue
        in_incidents[incident.service or ""].append(one)
        actions[_acted_on(one, incident.service) or ""].append(one)
    return {
        name: Record(_counted(in_incidents[name], beside, healthy), _counted(actions[name], beside, healthy))
        for name in {*in_incidents, *actions} - {""}
    }


def _acted_on(proposal: Proposal, of_incident: str | None) -> str | None:
    """Return the service that an action is on, carried out by the copilot or by hand; None for any other proposal."""
    by_hand = proposal.kind is ProposalKind.CHECK and proposal.key.startswith(OF_ACTIONS)
    return of_incident if by_hand else proposal.service


def _counted(
    found: Sequence[Proposal], beside: Mapping[str, Sequence[Proposal]], healthy: Mapping[str, bool]
) -> Acceptance:
    """Count what became of proposals; `beside` are all of each incident."""
    approved = [one for one in found if one.state in APPROVED]
    undone = {one.id for one in approved if _is_undone(one, beside[one.incident_id])}
    failed = {one.id for one in approved if one.state is ProposalState.FAILED or not healthy.get(one.id, True)}
    return Acceptance(
        proposed=len(found),
        approved=len(approved),
        edited=sum(one.version > 1 for one in approved),
        rejected=sum(one.state is ProposalState.REJECTED for one in found),
        undone=len(undone),
        verified=sum(healthy.get(one.id, False) for one in approved),
        failed=len(failed),
        accepted=len([one for one in approved if one.id not in undone | failed]),
    )


def _is_undone(proposal: Proposal, beside: Sequence[Proposal]) -> bool:
    """Whether what takes an action back was carried out after it in its incident."""
    back = proposal.shown.get("take_back")
    return back is not None and any(
        (one.shown.get("action"), one.shown.get("params")) == (back["action"], back["params"])
        for one in beside
        if one.state is ProposalState.CARRIED_OUT and one.created_at > proposal.created_at
    )
