"""Time saved: an estimate by a method that is said with it, and never a measurement."""

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.measures import Saved
from incident_copilot.domain.proposal import ProposalKind, ProposalState
from incident_copilot.pipeline.stats.gathered import Gathered
from incident_copilot.pipeline.stats.shares import ACCEPTED

BRIEF, DRAFT, STEP, POSTMORTEM, READ_IN_VAIN = 10, 8, 3, 45, 1
"""Minutes: to look at sources by hand, word an update, find a step, write the record; to read what is no use."""


def saved(gathered: Gathered, edited_share: float) -> Saved:
    """Return the estimate; what people edited counts for the part that stood, what they rejected against it."""
    taken = [one for one in gathered.proposals if one.state in ACCEPTED and one.decided_by and not one.requested_by]
    drafts = [one for one in taken if one.kind is ProposalKind.UPDATE]
    steps = [one for one in taken if one.kind in (ProposalKind.CHECK, ProposalKind.ACTION)]
    rejected = [one for one in gathered.proposals if one.state is ProposalState.REJECTED]
    written = {row.incident_id for row in gathered.of_kind(LogKind.REVIEWED)}
    briefed = [one for one in gathered.incidents if _was_looked_at(one)]
    whole = sum(one.version == 1 for one in drafts)
    parts = (len(drafts) - whole) * (1 - edited_share)
    minutes = (
        len(briefed) * BRIEF
        + (whole + parts) * DRAFT
        + len(steps) * STEP
        + len(written) * POSTMORTEM
        - len(rejected) * READ_IN_VAIN
    )
    how = (
        f"{len(briefed)} briefs of incidents that somebody took, {BRIEF} min each",
        f"{len(drafts)} drafts that went out, {DRAFT} min each for the part that stood",
        f"{len(steps)} steps and actions that were taken, {STEP} min each",
        f"{len(written)} postmortems, {POSTMORTEM} min each",
        f"less {len(rejected)} suggestions that were rejected, {READ_IN_VAIN} min each to read",
    )
    return Saved(minutes=round(minutes), how=how)


def _was_looked_at(one: Incident) -> bool:
    """A brief that nobody acted on saved nobody time."""
    return one.acknowledged_at is not None
