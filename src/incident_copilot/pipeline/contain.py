"""Contain an AI incident by its severity (seed 002): disable the feature, roll back, review answers, or watch closely.

Where a model's provider is away there is nothing to roll back or review (seed 003): another provider or model answers,
or what was answered before. The entry of actions.yaml that says it does this is proposed with what it would do; where
there is none, people are told what to do. Nothing is done before people approve it.
"""

from collections.abc import Mapping, Sequence

from incident_copilot.domain import incident_type
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.incident import Incident, Severity
from incident_copilot.domain.proposal import Containment, Proposal, ProposalKind, Risk
from incident_copilot.domain.verdict import AiIncident
from incident_copilot.knowledge.match import RunbookMatch
from incident_copilot.pipeline import act, proposing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.measure_figures import are_raised_by_monitors

RANK = 1
BY_SEVERITY: Mapping[Severity, Containment] = {
    Severity.P0: "disable",
    Severity.P1: "roll_back",
    Severity.P2: "review",
    Severity.P3: "watch",
}
OF_OUTAGE: Mapping[Severity, Containment] = {**BY_SEVERITY, Severity.P1: "fall_back", Severity.P2: "cache"}
"""What contains the outage of a model's provider; at P0 no other one is left (seed 003)."""
BY_HAND: Mapping[Containment, tuple[str, Risk]] = {
    "disable": ("Turn the AI feature of {service} off, or answer without it", Risk.HIGH),
    "roll_back": ("Take {service} back to the last good model, prompt and index", Risk.MEDIUM),
    "review": ("Have people look at what {service} answers before it is used", Risk.LOW),
    "fall_back": ("Have another provider or model answer for {service}, one that passed its evaluation", Risk.MEDIUM),
    "cache": ("Have {service} answer with what it answered before where it can, and queue what can wait", Risk.LOW),
    "watch": ("Look at the answers of {service} again every 15 minutes", Risk.LOW),
}
"""What people do where no entry does it, and the risk of it."""


async def planned(
    deps: Deps,
    incident: Incident,
    members: Sequence[Alert],
    matches: Sequence[RunbookMatch],
    suspect: Evidence | None,
    *,
    rolls_back: bool,
) -> list[Proposal]:
    """Return how an AI incident of this severity is contained; nothing for others, and where a rollback is proposed.

    `suspect` is the change that the evidence points to.
    """
    wanted = _wanted(incident, members, matches)
    if wanted is None or (wanted == "roll_back" and rolls_back):
        return []
    for entry in deps.entries.actions:
        fits = entry.contains == wanted and (entry.offer is None or act.fits(entry, incident))
        if fits and (proposal := await act.offer_of(deps, incident, entry, suspect)):
            return [proposal.model_copy(update={"rank": RANK, "body": _why(incident), "contains": wanted})]
    return [_by_hand(deps, incident, wanted)]


def is_outdated(proposal: Proposal, severity: Severity) -> bool:
    """Whether a proposal contains an incident as it is contained at another severity."""
    return proposal.contains not in {None, BY_SEVERITY[severity], OF_OUTAGE[severity]}


def is_first(proposal: Proposal) -> bool:
    """Whether a containment is put to people whatever else is; one that was rejected or of no use before waits."""
    return proposal.contains is not None and proposal.rank == RANK


def _wanted(incident: Incident, members: Sequence[Alert], matches: Sequence[RunbookMatch]) -> Containment | None:
    if incident_type.of(incident.incident_type).of_ai:
        return BY_SEVERITY[incident.severity]
    return OF_OUTAGE[incident.severity] if _is_outage(incident, members, matches) else None


def _is_outage(incident: Incident, members: Sequence[Alert], matches: Sequence[RunbookMatch]) -> bool:
    """Whether a model's provider is away, and not just any other service: monitors or an alert's own runbook say so."""
    if incident.incident_type != AiIncident.DEPENDENCY:
        return False
    runbook = incident_type.of(incident.incident_type).runbook
    return are_raised_by_monitors(members) or any(one.is_named and one.runbook.id == runbook for one in matches)


def _why(incident: Incident) -> str:
    is_outage = incident.incident_type == AiIncident.DEPENDENCY
    kind = "provider outage" if is_outage else incident_type.of(incident.incident_type).title
    return f"This is how a {kind} incident is contained at {incident.severity_in_words}."


def _by_hand(deps: Deps, incident: Incident, wanted: Containment) -> Proposal:
    text, risk = BY_HAND[wanted]
    step = text.format(service=incident.service or "the system")
    missing = f"No entry of actions.yaml for it says contains: {wanted}, so people do it."
    runbook = "ai-rollback" if wanted == "roll_back" else incident_type.of(incident.incident_type).runbook or ""
    return proposing.new_proposal(
        deps,
        incident,
        ProposalKind.CHECK,
        key=f"contain:{wanted}",
        title=step,
        body=f"{_why(incident)} {missing}",
        risk=risk,
        rank=RANK,
        contains=wanted,
        shown={"step": step, "why": _why(incident), "commands": [], "runbook": runbook},
    )
