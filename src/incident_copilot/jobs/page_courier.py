"""Carries pages to paging services."""

from collections.abc import Mapping

from incident_copilot.domain.effect import Effect, Page, Target
from incident_copilot.jobs.couriers import Outcome, UnderKey, Verdict, at_vendor
from incident_copilot.ports import Pager


class PageCourier(UnderKey):
    """To paging services."""

    def __init__(self, pagers: Mapping[str, Pager], homes: Mapping[str, str] | None = None) -> None:
        """`homes` are the workspaces that pagers are for; one that is not in there is for all."""
        self._pagers = pagers
        self._homes = homes or {}

    async def send(self, effect: Effect, target: Target) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Tell the pager, under the page's key."""
        page = Page.model_validate(effect.deed.model_dump())
        pager = self._pagers.get(page.pager)
        if pager is None:
            return Outcome(verdict=Verdict.REFUSED, error=f"copilot.yaml has no pager {page.pager}")
        if self._homes.get(page.pager, effect.workspace_id) != effect.workspace_id:
            return Outcome(verdict=Verdict.REFUSED, error=f"the pager {page.pager} is not for this workspace")
        return await at_vendor(pager.send(page))
