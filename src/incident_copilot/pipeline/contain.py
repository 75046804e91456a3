"""Contain an AI incident by its severity (seed 002): disable the feature, roll back, review answers, or watch closely.

The entry of actions.yaml that says it does this is proposed with what it would do; where there is none, people are told
what to do. Nothing is done before people approve it.
"""

from incident_copilot.domain import incident_type
from incident_copilot.domain.action import Containment
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.incident import Incident, Severity
from incident_copilot.domain.proposal import Proposal, ProposalKind, Risk
from incident_copilot.pipeline import act, proposing
from incident_copilot.pipeline.deps import Deps

RANK = 1
BY_SEVERITY: dict[Severity, Containment] = {
    Severity.P0: "disable",
    Severity.P1: "roll_back",
    Severity.P2: "review",
    Severity.P3: "watch",
}
BY_HAND: dict[Containment, tuple[str, Risk]] = {
    "disable": ("Turn the AI feature of {service} off, or answer without it", Risk.HIGH),
    "roll_back": ("Take {service} back to the last good model, prompt and index", Risk.MEDIUM),
    "review": ("Have people look at what {service} answers before it is used", Risk.LOW),
    "watch": ("Look at the answers of {service} again every 15 minutes", Risk.LOW),
}
"""What people do where no entry does it, and the risk of it."""


async def planned(deps: Deps, incident: Incident, suspect: Evidence | None, *, rolls_back: bool) -> list[Proposal]:
    """Return how an AI incident of this severity is contained; nothing for others, and where a rollback is proposed.

    `suspect` is the change that the evidence points to.
    """
    wanted = BY_SEVERITY[incident.severity]
    if not incident_type.of(incident.incident_type).of_ai or (wanted == "roll_back" and rolls_back):
        return []
    for entry in deps.entries.actions:
        fits = entry.contains == wanted and (entry.offer is None or act.fits(entry, incident))
        if fits and (proposal := await act.offer_of(deps, incident, entry, suspect)):
            return [proposal.model_copy(update={"rank": RANK, "body": _why(incident)})]
    return [_by_hand(deps, incident, wanted)]


def _why(incident: Incident) -> str:
    kind = incident_type.of(incident.incident_type).title
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
        shown={"step": step, "why": _why(incident), "commands": [], "runbook": runbook},
    )
