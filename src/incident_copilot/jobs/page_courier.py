"""Carries pages to paging services."""

from collections.abc import Mapping

from incident_copilot.domain.effect import Effect, Page, Target
from incident_copilot.jobs.couriers import Outcome, UnderKey, Verdict, at_vendor
from incident_copilot.ports import Pager


class PageCourier(UnderKey):
    """To paging services."""

    def __init__(self, pagers: Mapping[str, Pager]) -> None:
        self._pagers = pagers

    async def send(self, effect: Effect, target: Target) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Tell the pager, under the page's key."""
        page = Page.model_validate(effect.deed.model_dump())
        pager = self._pagers.get(page.pager)
        if pager is None:
            return Outcome(verdict=Verdict.REFUSED, error=f"copilot.yaml has no pager {page.pager}")
        return await at_vendor(pager.send(page))
