"""The shape of what an incident leaves behind elsewhere: places of documents, and trackers of action items."""

from collections.abc import Mapping
from typing import Protocol

from incident_copilot.domain.document import Document, Form
from incident_copilot.domain.ticket import TicketState, TicketText
from incident_copilot.ports.plugins import Receipt


class DocumentTarget(Protocol):
    """Keeps documents; `takes_changes` says whether it can also be given a change to a file, for people to review."""

    name: str
    """What people read."""
    form: Form
    takes_changes: bool

    async def put(self, document: Document) -> Receipt:
        """Have it there as it is now; the same again changes nothing, and what people changed there is not lost.

        Raises:
            VendorUnavailable: it is not there yet; try again.
            OutcomeUnknown: it was sent and no answer came; the same again is safe.
            VendorRefused: it was refused, or people have changed it there; says what to do.
        """
        ...

    async def check(self) -> None:
        """Read something small, to see that address and secret are right.

        Raises:
            VendorError: they are not, or nobody answers.
        """
        ...


class Tracker(Protocol):
    """Keeps action items as tickets; the key of an item is kept with its ticket, so that it is found again."""

    name: str
    """What people read."""

    async def open(self, wanted: TicketText) -> Receipt:
        """Open a ticket; call it after `find`.

        Raises:
            VendorUnavailable: nothing was done, and it may be tried again.
            OutcomeUnknown: it was asked for and no answer came.
            VendorRefused: it was refused for good.
        """
        ...

    async def find(self, wanted: TicketText) -> Receipt | None:
        """Return the ticket with this key, None where there is none.

        Raises:
            VendorError: could not look.
        """
        ...

    async def close(self, wanted: TicketText) -> Receipt:
        """Close the ticket of its `ref`; one that is closed stays so. Raises as `open`."""
        ...

    async def reopen(self, wanted: TicketText) -> Receipt:
        """Open the ticket of its `ref` again; one that is open stays so. Raises as `open`."""
        ...

    async def state(self, ref: Mapping[str, str]) -> TicketState:
        """Return how a ticket is now.

        Raises:
            VendorError: could not look.
        """
        ...

    async def check(self) -> None:
        """Read something small, to see that address and secret are right.

        Raises:
            VendorError: they are not, or nobody answers.
        """
        ...
