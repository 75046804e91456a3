"""A page is told again under its key, never looked up."""

from datetime import UTC, datetime

from incident_copilot.domain.base import new_id
from incident_copilot.domain.effect import Effect, EffectClass, Page, Target
from incident_copilot.domain.incident import Severity
from incident_copilot.jobs.couriers import Verdict
from incident_copilot.jobs.page_courier import PageCourier

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def page(**fields):
    """A page that is to be told."""
    values = {
        "id": new_id(NOON),
        "workspace_id": "w",
        "incident_id": None,
        "stream": "s",
        "seq": 1,
        "deed": Page(pager="pagerduty", key="k", event="trigger", summary="s", severity=Severity.P1),
        "effect_class": EffectClass.KEYED,
        "run_at": NOON,
        "created_at": NOON,
    }
    return Effect(**(values | fields))


async def test_a_page_may_be_told_again_and_is_not_looked_up():
    effect = page()
    courier = PageCourier({})

    found = await courier.look_up(effect, Target(), NOON)

    assert (found.verdict, found.error) == (Verdict.NOT_FOUND, "pages are told again")
    assert courier.is_repeatable(effect, Target())
    assert courier.patience_s(effect, 60) == 0


async def test_a_pager_of_another_workspace_pages_nobody():
    pager = Taker()
    courier = PageCourier({"pagerduty": pager}, {"pagerduty": "other"})

    refused = await courier.send(page(), Target())
    taken = await courier.send(page(workspace_id="other"), Target())

    assert (refused.verdict, refused.error) == (Verdict.REFUSED, "the pager pagerduty is not for this workspace")
    assert (taken.verdict, pager.pages) == (Verdict.DONE, ["k"])


class Taker:
    """A pager that takes everything."""

    name = "pagerduty"

    def __init__(self):
        self.pages = []

    async def send(self, page):
        self.pages.append(page.key)
