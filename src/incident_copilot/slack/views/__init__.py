"""Views: pure functions from the domain's content to Block Kit; nothing here decides or asks anybody."""

from incident_copilot.domain.content import (
    Announcement,
    BriefView,
    Card,
    Content,
    Digest,
    Handover,
    Kept,
    Notice,
    ProposalView,
    PublicUpdate,
    TaskList,
)
from incident_copilot.slack.views.blocks import Rendered
from incident_copilot.slack.views.brief import brief
from incident_copilot.slack.views.card import announcement, card
from incident_copilot.slack.views.handover import handed_over
from incident_copilot.slack.views.kept import kept
from incident_copilot.slack.views.notice import digest, notice, update
from incident_copilot.slack.views.postmortem import review
from incident_copilot.slack.views.proposal import proposal
from incident_copilot.slack.views.task_list import listed

__all__ = ["Rendered", "render"]


def render(content: Content) -> Rendered:  # noqa: C901, PLR0911 -- one return for each kind of content
    """Return the message that shows a piece of content."""
    match content:
        case Card():
            return card(content)
        case Announcement():
            return announcement(content)
        case BriefView():
            return brief(content)
        case ProposalView():
            return proposal(content)
        case Notice():
            return notice(content)
        case Digest():
            return digest(content)
        case PublicUpdate():
            return update(content)
        case Handover():
            return handed_over(content)
        case Kept():
            return kept(content)
        case TaskList():
            return listed(content)
        case _:
            return review(content)
