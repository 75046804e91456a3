"""A proposal in a modal: exactly what will happen, and the buttons; or what became of it."""

from incident_copilot.domain.content import ProposalView
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.slack.views.modals.parts import View, modal
from incident_copilot.slack.views.proposal import for_one


def decide(shown: ProposalView, said: str = "") -> View:
    """Return the proposal as it stands; `said` is what came of a click on it."""
    is_open = shown.proposal.state is ProposalState.OPEN
    title = f"{shown.incident.label}: {'decide' if is_open else 'decided'}"
    return modal("decide", title, for_one(shown, said).blocks)
