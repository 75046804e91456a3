"""Pages at PagerDuty, by the Events API: one dedup key a page, told as often as it takes."""

import json
from dataclasses import replace

import httpx
import pytest

from incident_copilot.domain.effect import Page
from incident_copilot.errors import ConfigError, VendorRefused, VendorUnavailable
from incident_copilot.plugins.pagers.pagerduty import Options, create

URL = "https://events.pagerduty.com/v2/enqueue"
PAGE = Page(
    pager="pagerduty",
    key="incident-copilot:w:1:pagerduty",
    event="trigger",
    summary="INC-7 High error rate",
    severity="P1",
    service="checkout",
    link="https://copilot.example.net/incidents/7",
)


@pytest.fixture
def pager(env):
    return create(env, Options())


async def test_page_is_triggered_with_what_people_have_to_know(pager, respx_mock, fixture):
    route = respx_mock.post(URL).respond(202, json=fixture("pagerduty_enqueued"))

    await pager.send(PAGE)

    assert json.loads(route.calls.last.request.content) == {
        "routing_key": "s3cret",
        "event_action": "trigger",
        "dedup_key": "incident-copilot:w:1:pagerduty",
        "payload": {
            "summary": "INC-7 High error rate",
            "source": "incident-copilot",
            "severity": "error",
            "component": "checkout",
        },
        "client": "incident-copilot",
        "links": [{"href": "https://copilot.example.net/incidents/7", "text": "The incident"}],
    }


@pytest.mark.parametrize("event", ["acknowledge", "resolve"])
async def test_what_happens_later_names_the_key_alone(pager, respx_mock, fixture, event):
    route = respx_mock.post(URL).respond(202, json=fixture("pagerduty_enqueued"))

    await pager.send(PAGE.model_copy(update={"event": event, "link": None}))

    sent = json.loads(route.calls.last.request.content)
    assert sent == {"routing_key": "s3cret", "event_action": event, "dedup_key": PAGE.key}


async def test_lost_answer_is_asked_for_again_and_a_wrong_key_refused(pager, respx_mock, fixture):
    taken = httpx.Response(202, json=fixture("pagerduty_enqueued"))
    route = respx_mock.post(URL)
    route.side_effect = [httpx.ReadTimeout("late"), taken]
    await pager.send(PAGE)
    route.side_effect = [httpx.Response(400, json={"status": "invalid event", "message": "Event object is invalid"})]

    with pytest.raises(VendorRefused, match="Event object is invalid"):
        await pager.send(PAGE)
    route.side_effect = httpx.Response(429, headers={"retry-after": "60"})
    with pytest.raises(VendorUnavailable):
        await pager.send(PAGE)


def test_it_needs_a_key(env):
    with pytest.raises(ConfigError, match="an integration key"):
        create(replace(env, secret=None), Options())
