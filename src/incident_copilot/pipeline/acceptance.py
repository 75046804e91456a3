"""What people made of the actions that were proposed for a service, to decide how far the copilot goes for it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from incident_copilot.domain.acceptance import Acceptance
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, incidents, proposals

LOOKED_BACK = timedelta(days=90)
APPROVED = (
    ProposalState.APPROVED,
    ProposalState.CARRIED_OUT,
    ProposalState.FAILED,
    ProposalState.UNKNOWN,
    ProposalState.DONE,
)
OF_ACTIONS = ("act:", "asked:", "rollback:", "next:")
"""How the keys of proposals begin that are actions, also where people do them themselves."""


async def told(deps: Deps, service: str) -> tuple[str, ...]:
    """Return the level of a service, its record and what that speaks for, a line each. Raises DecisionRefused."""
    if deps.catalog.service(service) is None:
        raise DecisionRefused(f"catalog.yaml has no service {service}.")
    level = deps.catalog.automation(service)
    found = await of(deps, service)
    decided = f"{found.approved} approved or done, {found.rejected} rejected"
    return (
        f"{service} is set to {level}.",
        f"In {LOOKED_BACK.days} days {found.proposed} actions were proposed: {decided}; {_ended(found)}.",
        found.advice(level),
        "The level is `automation` of the service in catalog.yaml; a change of the file is logged when it is loaded.",
    )


async def of(deps: Deps, service: str) -> Acceptance:
    """Return how actions on a service were taken lately."""
    since = deps.now() - LOOKED_BACK
    async with deps.db.read() as db:
        kept = await proposals.expiring_since(db, deps.workspace_id, since)
        numbers = {one.incident_id for one in kept}
        services = {one: (await incidents.get(db, one)).service for one in sorted(numbers)}
        rows = await action_log.some(db, deps.workspace_id, None, [LogKind.VERIFIED], since=since)
    healthy = {str(row.payload.get("proposal")): bool(row.payload.get("healthy")) for row in rows}
    return _counted([one for one in kept if _is_about(one, service, services[one.incident_id])], healthy)


def _is_about(proposal: Proposal, service: str, of_incident: str | None) -> bool:
    if proposal.kind is ProposalKind.ACTION:
        return proposal.service == service
    return proposal.kind is ProposalKind.CHECK and proposal.key.startswith(OF_ACTIONS) and of_incident == service


def _counted(acts: Iterable[Proposal], healthy: Mapping[str, bool]) -> Acceptance:
    found = list(acts)
    ended = [one for one in found if one.state in (ProposalState.CARRIED_OUT, ProposalState.FAILED)]
    worked = [one for one in ended if one.state is ProposalState.CARRIED_OUT and healthy.get(one.id, True)]
    return Acceptance(
        proposed=len(found),
        approved=sum(one.state in APPROVED for one in found),
        rejected=sum(one.state is ProposalState.REJECTED for one in found),
        worked=len(worked),
        failed=len(ended) - len(worked),
    )


def _ended(found: Acceptance) -> str:
    return f"{found.worked} worked, {found.failed} did not"
