"""What must hold for an entry of actions.yaml: looked at when it is proposed, and again right before it runs."""

from collections.abc import Mapping

from incident_copilot.domain.action import Action
from incident_copilot.domain.effect import RunAction
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.pipeline import automation
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import alerts, evidence, incidents, proposals
from incident_copilot.store.db import Tx


async def still_broken(deps: Deps, approved: RunAction) -> str | None:
    """Return why an approved action may not run now, or None; reads its target, so no transaction may be open.

    Raises:
        VendorError: the target could not be read.
    """
    async with deps.db.read() as db:
        proposal = await proposals.get(db, approved.proposal_id)
        incident = await incidents.get(db, proposal.incident_id)
        if why := await automation.hindered(db, deps, proposal.service):
            return why
        entry = deps.entries.get(approved.action)
        if entry is None:
            return None  # an adapter of its own, which says itself what it needs
        if proposal.shown.get("entry") != entry.sha256:
            return "actions.yaml says something else of it since it was proposed"
        problem = await broken(db, deps, incident, entry, approved.params, before=proposal)
    return problem or await _changed(deps, proposal)


async def broken(
    db: Tx, deps: Deps, incident: Incident, entry: Action, values: Mapping[str, str], before: Proposal | None = None
) -> str | None:
    """Return which precondition does not hold, or what is no known thing; None where all is well.

    Of several that were approved the first goes: `before` is the one that asks, once it is approved.
    """
    if incident.test:
        return f"{incident.label} is a test, and nothing real is done for one"
    problems = entry.problems(values)
    if problems:
        return "; ".join(problems)
    unknown = await _unknown(db, deps, incident, entry, values)
    if unknown:
        return unknown
    if "alert_fires" in entry.preconditions and not (await alerts.counts(db, incident.id))[0]:
        return "no alert of the incident fires"
    return await _under_way(db, incident, values["service"], before) if "alone" in entry.preconditions else None


async def _under_way(db: Tx, incident: Incident, service: str, before: Proposal | None) -> str | None:
    approved = await proposals.of_incident(db, incident.id, ProposalState.APPROVED)
    busy = [one for one in approved if one.kind is ProposalKind.ACTION and one.service == service]
    if before:
        busy = [one for one in busy if (one.decided_at, one.id) < (before.decided_at, before.id)]
    return f'"{busy[0].title}" is being carried out on {service}' if busy else None


async def _unknown(db: Tx, deps: Deps, incident: Incident, entry: Action, values: Mapping[str, str]) -> str | None:
    """What telemetry or chat names is no target: services are those of the catalogue, versions those of evidence."""
    services = {one.name for one in deps.catalog.services}
    named = {name: param.known for name, param in entry.params.items() if param.known}
    for name, kind in {"service": "service", **named}.items():
        if kind == "service" and values[name] not in services:
            return f"{name}: catalog.yaml has no service {values[name]}"
        if kind == "version" and values[name] not in await _versions(db, incident):
            return f"{name}: no deployment of {values[name]} was found"
    return None


async def _versions(db: Tx, incident: Incident) -> set[str]:
    kept = await evidence.of_incident(db, incident.id)
    changes = [item.data for item in kept if item.kind is EvidenceKind.CHANGE]
    return {str(data[key]) for data in changes for key in ("version", "previous") if data.get(key)}


async def _changed(deps: Deps, proposal: Proposal) -> str | None:
    """Return what of the target is not as it was when people were shown it."""
    shown: Mapping[str, str] = proposal.shown.get("state", {})
    if not shown:
        return None
    now = (await deps.actions[proposal.shown["action"]].dry_run(proposal.shown["params"])).state
    return next(
        (
            f"{name} is {now.get(name)} now and was {was}; propose it again"
            for name, was in shown.items()
            if now.get(name) != was
        ),
        None,
    )
