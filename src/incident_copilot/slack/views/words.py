"""How states, durations, risk and confidence are said; never by colour or emoji alone."""

from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.incident import Ending, Incident, Severity, Status
from incident_copilot.domain.proposal import Audience, Proposal, ProposalKind, Risk

ENDINGS = {
    Ending.RESOLVED: "resolved",
    Ending.FALSE_ALARM: "resolved as a false alarm",
    Ending.SELF_RECOVERED: "recovered by itself",
    Ending.MERGED: "merged into another incident",
}
RISKS = {
    Risk.LOW: "low risk",
    Risk.MEDIUM: "medium risk",
    Risk.HIGH: "high risk",
}


def severity(level: Severity) -> str:
    """Return the code and the word: P1 high."""
    return f"{level} {level.word}"


def status(incident: Incident) -> str:
    """Return where an incident is, how it ended included."""
    if incident.status is Status.RESOLVED and incident.ending:
        return ENDINGS[incident.ending]
    return incident.status.value


def title(incident: Incident) -> str:
    """Return the name people say and what it is about."""
    return f"{incident.label} {incident.title}"


def confidence(hypothesis: Hypothesis) -> str:
    """Return the verdict on a cause and how sure it is, in words."""
    if hypothesis.verdict is Verdict.RULED_OUT:
        return "ruled out"
    sure = "high" if hypothesis.confidence >= 0.75 else "medium" if hypothesis.confidence >= 0.45 else "low"
    return f"{hypothesis.verdict}, {sure} confidence"


def kind(proposal: Proposal) -> str:
    """Return what sort of thing is put to people."""
    match proposal.kind:
        case ProposalKind.CHECK:
            return "Next step"
        case ProposalKind.ACTION:
            return "Action"
        case ProposalKind.UPDATE:
            return f"Status update for {(proposal.audience or Audience.INTERNAL).readers}"
        case ProposalKind.MERGE:
            return "Merge"
        case _:
            return "Resolve"


def people_of(incident: Incident) -> frozenset[str]:
    """Return the chat ids of those who hold a part in an incident: text may name them, and nobody else."""
    named = (incident.commander, incident.acknowledged_by, incident.declared_by, *incident.duties.values())
    return frozenset(who for who in named if who is not None)
