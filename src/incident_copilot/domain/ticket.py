"""Ticket: an action item as another system keeps it, an issue at GitHub or at Jira."""

from enum import StrEnum

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc


class TicketAct(StrEnum):
    """What is done with a ticket."""

    OPEN = "open"
    CLOSE = "close"
    REOPEN = "reopen"


class TicketState(StrEnum):
    """How a ticket is, in the words of neither system.

    ASKED: it is being opened. FAILED: it could not be opened. LOST: it is not there any more.
    """

    ASKED = "asked"
    OPEN = "open"
    CLOSED = "closed"
    FAILED = "failed"
    LOST = "lost"


class TicketText(Frozen):
    """A ticket as it is to be; `key` is looked for before one is opened, which can be there `since` then."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")
    title: str
    text: str
    since: Utc
    labels: tuple[str, ...] = ()
    ref: dict[str, str] = Field(default_factory=dict)
