"""What people rejected in earlier incidents that were alike: told with the same proposal, and ranked lower."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.proposal import Proposal, ProposalKind, RejectedBefore
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, proposals
from incident_copilot.store.db import Tx

LOWER = 50
"""How much further back it stands: behind all that nobody rejected."""
LOOKED_AT = 200


async def weighed(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal) -> Proposal:
    """Return a proposal with what people said of it in an earlier incident of the same service and type.

    What a person asks for keeps its rank. Rejections count for as long as the catalogue says, and those of private
    incidents stay there.
    """
    days = deps.catalog.approvals.rejections_count_days
    same = _same(proposal)
    if same is None or not days:
        return proposal
    since = deps.now() - timedelta(days=days)
    for was in await proposals.rejected_since(tx, incident.workspace_id, since, LOOKED_AT):
        if was.incident_id == incident.id or _same(was) != same:
            continue
        earlier = await incidents.get(tx, was.incident_id)
        if not _is_alike(earlier, incident):
            continue
        before = RejectedBefore(
            proposal_id=was.id, label=earlier.label, at=was.decided_at or was.created_at, reason=was.reason
        )
        rank = proposal.rank if proposal.requested_by else proposal.rank + LOWER
        return proposal.model_copy(update={"rejected_before": before, "rank": rank})
    return proposal


def _is_alike(earlier: Incident, incident: Incident) -> bool:
    is_open_to_all = not (earlier.private or earlier.test != incident.test)
    return is_open_to_all and (earlier.service, earlier.incident_type) == (incident.service, incident.incident_type)


def _same(proposal: Proposal) -> tuple[str, Mapping[str, Any]] | None:
    """Return what makes two proposals the same: an action but for the version it is about, or a step of a runbook."""
    shown = proposal.shown
    match proposal.kind:
        case ProposalKind.ACTION:
            params = {name: value for name, value in shown.get("params", {}).items() if name != "version"}
            return str(shown.get("action")), params
        case ProposalKind.CHECK:
            return str(shown.get("step")), {"runbook": shown.get("runbook")}
        case _:
            return None
