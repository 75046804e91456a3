"""Pages and documents are told again under their key, never looked up."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.base import new_id
from incident_copilot.domain.document import Document
from incident_copilot.domain.effect import Effect, EffectClass, Page, PutDocument, Target
from incident_copilot.domain.incident import Severity
from incident_copilot.jobs.couriers import Verdict
from incident_copilot.jobs.document_courier import DocumentCourier
from incident_copilot.jobs.page_courier import PageCourier

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


PAGE = Page(pager="pagerduty", key="k", event="trigger", summary="s", severity=Severity.P1)
DOCUMENT = Document(key="postmortem-inc-1", name="INC-1", title="Postmortem of INC-1", text="# INC-1\n")


def told(deed, **fields):
    """An effect that tells something."""
    values = {
        "id": new_id(NOON),
        "workspace_id": "w",
        "incident_id": None,
        "stream": "s",
        "seq": 1,
        "deed": deed,
        "effect_class": EffectClass.KEYED,
        "run_at": NOON,
        "created_at": NOON,
    }
    return Effect(**(values | fields))


@pytest.mark.parametrize(
    ("courier", "deed", "said"),
    [
        (PageCourier({}), PAGE, "pages are told again"),
        (
            DocumentCourier({}),
            PutDocument(target="repo", document=DOCUMENT, what="Postmortem of INC-1", asked_by="U0ANA"),
            "documents are put again",
        ),
    ],
)
async def test_what_has_a_key_may_be_told_again_and_is_not_looked_up(courier, deed, said):
    effect = told(deed)

    found = await courier.look_up(effect, Target(), NOON)

    assert (found.verdict, found.error) == (Verdict.NOT_FOUND, said)
    assert courier.is_repeatable(effect, Target())
    assert courier.patience_s(effect, 60) == 0


async def test_a_pager_of_another_workspace_pages_nobody():
    pager = Taker()
    courier = PageCourier({"pagerduty": pager}, {"pagerduty": "other"})

    refused = await courier.send(told(PAGE), Target())
    taken = await courier.send(told(PAGE, workspace_id="other"), Target())

    assert (refused.verdict, refused.error) == (Verdict.REFUSED, "the pager pagerduty is not for this workspace")
    assert (taken.verdict, pager.pages) == (Verdict.DONE, ["k"])


class Taker:
    """A pager that takes everything."""

    name = "pagerduty"

    def __init__(self):
        self.pages = []

    async def send(self, page):
        self.pages.append(page.key)
