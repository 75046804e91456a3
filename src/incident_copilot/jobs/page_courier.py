"""Carries pages to paging services."""

from collections.abc import Mapping
from datetime import datetime

from incident_copilot.domain.effect import Effect, Page, Target
from incident_copilot.errors import VendorError, VendorUnavailable
from incident_copilot.jobs.couriers import Outcome, Verdict
from incident_copilot.ports import Pager


class PageCourier:
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
        try:
            await pager.send(page)
        except VendorUnavailable as error:
            return Outcome(verdict=Verdict.LATER, error=str(error), retry_after_s=error.retry_after_s or 0)
        except VendorError as error:
            return Outcome(verdict=Verdict.REFUSED, error=str(error))
        return Outcome(verdict=Verdict.DONE)

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Say that a page is told again, over looking for it."""
        return Outcome(verdict=Verdict.NOT_FOUND, error="pages are told again")

    def is_repeatable(self, effect: Effect, target: Target) -> bool:  # noqa: ARG002 -- Courier's signature
        """The key makes it one page."""
        return True

    def patience_s(self, effect: Effect, settle_s: float) -> float:  # noqa: ARG002 -- Courier's signature
        """Nothing is ever looked up."""
        return 0
