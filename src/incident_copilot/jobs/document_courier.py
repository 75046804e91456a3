"""Carries documents to where they are kept; the key of a document makes several tellings of it one."""

from collections.abc import Mapping

from incident_copilot.domain.effect import Effect, PutDocument, Target
from incident_copilot.jobs.couriers import Outcome, UnderKey, Verdict, at_vendor
from incident_copilot.ports import DocumentTarget


class DocumentCourier(UnderKey):
    """To the targets of copilot.yaml."""

    def __init__(self, targets: Mapping[str, DocumentTarget]) -> None:
        self._targets = targets

    async def send(self, effect: Effect, target: Target) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Put the document there, as it is to be."""
        deed = PutDocument.model_validate(effect.deed.model_dump())
        place = self._targets.get(deed.target)
        if place is None:
            error = f"copilot.yaml has no {deed.target} under postmortem_targets any more"
            return Outcome(verdict=Verdict.REFUSED, error=error)
        return await at_vendor(place.put(deed.document))
