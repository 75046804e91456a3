"""Carries action items to trackers; a ticket is looked for by its key before one is opened."""

from collections.abc import Mapping
from datetime import datetime

from incident_copilot.domain.effect import Effect, FileTicket, Target
from incident_copilot.domain.ticket import TicketAct
from incident_copilot.jobs.couriers import Outcome, Verdict, at_vendor, looked_for
from incident_copilot.ports import Receipt, Tracker

_GONE = "copilot.yaml has no tracker {} any more"


class TicketCourier:
    """To the trackers of copilot.yaml."""

    def __init__(self, trackers: Mapping[str, Tracker]) -> None:
        self._trackers = trackers

    async def send(self, effect: Effect, target: Target) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Open the ticket unless it is there, or close or reopen it."""
        deed = _deed(effect)
        tracker = self._trackers.get(deed.tracker)
        if tracker is None:
            return Outcome(verdict=Verdict.REFUSED, error=_GONE.format(deed.tracker))
        return await at_vendor(_do(tracker, deed))

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Look for a ticket whose answer was lost."""
        deed = _deed(effect)
        tracker = self._trackers.get(deed.tracker)
        if tracker is None:
            return Outcome(verdict=Verdict.REFUSED, error=_GONE.format(deed.tracker))
        return await looked_for(tracker.find(deed.wanted), f"{deed.tracker} has no such ticket")

    def is_repeatable(self, effect: Effect, target: Target) -> bool:  # noqa: ARG002 -- Courier's signature
        """What is closed or reopened twice is so once; what is opened may show in a search only later."""
        return _deed(effect).act is not TicketAct.OPEN

    def patience_s(self, effect: Effect, settle_s: float) -> float:  # noqa: ARG002 -- Courier's signature
        """As long as is usual."""
        return settle_s


async def _do(tracker: Tracker, deed: FileTicket) -> Receipt:
    match deed.act:
        case TicketAct.CLOSE:
            return await tracker.close(deed.wanted)
        case TicketAct.REOPEN:
            return await tracker.reopen(deed.wanted)
        case _:
            return await tracker.find(deed.wanted) or await tracker.open(deed.wanted)


def _deed(effect: Effect) -> FileTicket:
    return FileTicket.model_validate(effect.deed.model_dump())
