"""A page is told again under its key, never looked up."""

from datetime import UTC, datetime

from incident_copilot.domain.base import new_id
from incident_copilot.domain.effect import Effect, EffectClass, Page, Target
from incident_copilot.domain.incident import Severity
from incident_copilot.jobs.couriers import Verdict
from incident_copilot.jobs.page_courier import PageCourier

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


async def test_a_page_may_be_told_again_and_is_not_looked_up():
    effect = Effect(
        id=new_id(NOON),
        workspace_id="w",
        incident_id=None,
        stream="s",
        seq=1,
        deed=Page(pager="pagerduty", key="k", event="trigger", summary="s", severity=Severity.P1),
        effect_class=EffectClass.KEYED,
        run_at=NOON,
        created_at=NOON,
    )
    courier = PageCourier({})

    found = await courier.look_up(effect, Target(), NOON)

    assert (found.verdict, found.error) == (Verdict.NOT_FOUND, "pages are told again")
    assert courier.is_repeatable(effect, Target())
    assert courier.patience_s(effect, 60) == 0
