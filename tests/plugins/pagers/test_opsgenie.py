"""Pages at Opsgenie: an alert by its alias, acknowledged and closed by the same."""

import json

import pytest

from incident_copilot.domain.effect import Page
from incident_copilot.errors import VendorUnavailable
from incident_copilot.plugins.pagers.opsgenie import Options, create

URL = "https://api.opsgenie.com/v2/alerts"
KEY = "incident-copilot:w:1:opsgenie"
PAGE = Page(pager="opsgenie", key=KEY, event="trigger", summary="INC-7 " + "x" * 200, severity="P0")


async def test_alert_is_opened_under_the_key_as_alias(env, respx_mock, fixture):
    route = respx_mock.post(URL).respond(202, json=fixture("opsgenie_accepted"))

    await create(env, Options()).send(PAGE.model_copy(update={"link": "https://copilot.example.net/incidents/7"}))

    sent = json.loads(route.calls.last.request.content)
    assert (sent["alias"], sent["priority"], len(sent["message"])) == (KEY, "P1", 130)
    assert sent["details"] == {"link": "https://copilot.example.net/incidents/7"}
    assert route.calls.last.request.headers["authorization"] == "GenieKey s3cret"


@pytest.mark.parametrize(("event", "act"), [("acknowledge", "acknowledge"), ("resolve", "close")])
async def test_alert_is_acknowledged_and_closed_by_its_alias(env, respx_mock, fixture, event, act):
    address = f"{URL}/incident-copilot%3Aw%3A1%3Aopsgenie/{act}"
    route = respx_mock.route(method="POST", url__startswith=address).respond(202, json=fixture("opsgenie_accepted"))

    await create(env, Options()).send(PAGE.model_copy(update={"event": event}))

    assert route.calls.last.request.url.params["identifierType"] == "alias"


async def test_opsgenie_that_does_not_answer_is_tried_again(env, respx_mock):
    respx_mock.post(URL).respond(503)

    with pytest.raises(VendorUnavailable):
        await create(env, Options()).send(PAGE)
