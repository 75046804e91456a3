"""Who may speak to the app, what it does when Slack or the database is away, and how it stops."""

import asyncio
import json
import logging

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_samples import INCIDENT_ID
from starlette.applications import Starlette

from incident_copilot.sandbox import Fault
from incident_copilot.sandbox.serving import listening as socket_for
from incident_copilot.sandbox.serving import serving
from incident_copilot.slack import http_edge
from incident_copilot.slack.app import build, listening
from incident_copilot.slack.calls import connected
from incident_copilot.slack.draining import UnderWay
from incident_copilot.slack.identity import Identity, Me

ME = Me(user_id="U0COPILOT", bot_id="B0COPILOT", team_id="T0SANDBOX", enterprise_id="E0ORG")


def click(**fields):
    """A click on Acknowledge in our own message, in our own workspace."""
    body = {
        "type": "block_actions",
        "trigger_id": "1.1",
        "team": {"id": "T0SANDBOX"},
        "user": {"id": "U0ANA"},
        "message": {"ts": "1.1", "bot_id": "B0COPILOT"},
        "actions": [{"action_id": "acknowledge", "block_id": "card", "type": "button", "value": INCIDENT_ID}],
    }
    return AsyncBoltRequest(body=json.dumps(body | fields), mode="socket_mode")


@pytest.fixture
def app(copilot, client):
    """The app with its identity known."""
    identity = Identity(client)
    identity.known = ME
    return build(copilot.deps, client, identity)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 200),
        ({"team": {"id": "T0OTHER"}}, 403),
        ({"team": {"id": "T0OTHER", "enterprise_id": "E0ORG"}}, 200),
        ({"message": {"ts": "1.1", "bot_id": "B0OTHER"}}, 403),
        ({"message": {"ts": "1.1"}}, 200),
    ],
)
async def test_only_this_workspace_and_our_own_messages_get_through(app, copilot, fields, status):
    await copilot.open()

    answer = await app.async_dispatch(click(**fields))

    assert answer.status == status


async def test_event_of_another_workspace_is_refused(app):
    event = {"type": "event_callback", "team_id": "T0OTHER", "event_id": "E1", "event": {"type": "message"}}

    answer = await app.async_dispatch(AsyncBoltRequest(body=json.dumps(event), mode="socket_mode"))

    assert answer.status == 403


async def test_event_that_nobody_asked_for_is_acknowledged(app):
    event = {"type": "event_callback", "team_id": "T0SANDBOX", "event_id": "E1", "event": {"type": "emoji_changed"}}

    answer = await app.async_dispatch(AsyncBoltRequest(body=json.dumps(event), mode="socket_mode"))

    assert answer.status == 200


async def test_mistake_of_ours_is_logged_and_not_acknowledged(app, caplog):
    odd = {"actions": [{"action_id": "acknowledge", "block_id": "card", "type": "button", "value": "x"}], "user": {}}

    answer = await app.async_dispatch(click(**odd))

    assert answer.status == 500
    assert "a listener failed" in caplog.text


async def test_people_who_cannot_be_looked_up_decide_nothing(sandbox, copilot):
    card = await copilot.show_card(await copilot.open())
    sandbox.faults.add("users.info", Fault("error"))

    await sandbox.person("ana").click(card, "acknowledge")

    assert await copilot.hears("ana") == [
        "I could not check who you are just now. Nothing was recorded; please try again."
    ]


async def test_answer_that_is_not_delivered_is_not_missed(sandbox, copilot, app, unused_tcp_port, caplog):
    caplog.set_level(logging.INFO)
    await copilot.open()

    answer = await app.async_dispatch(click(response_url=f"http://127.0.0.1:{unused_tcp_port}/response"))

    assert answer.status == 200
    assert (await copilot.now_is()).acknowledged_by == "U0ANA"
    await sandbox.until(lambda: "an ephemeral answer was not delivered" in caplog.text)


async def test_everything_works_over_http_too(sandbox, copilot, client):
    app = build(copilot.deps, client, copilot.workspace.identity)
    site = Starlette(routes=http_edge.routes(app, sandbox.signing_secret, copilot.deps))
    card = await copilot.show_card(await copilot.open())
    ana = sandbox.person("ana")

    async with socket_for("127.0.0.1", 0) as sock, serving(site, sock):
        sandbox.deliver_by_http(f"http://127.0.0.1:{sock.getsockname()[1]}/slack/events")
        verified = await sandbox.verify_url()
        listed = await ana.command("/incident", "list")
        clicked = await ana.click(card, "acknowledge")
        await sandbox.until(lambda: len(ana.ephemerals("#general")) == 2)

    assert verified
    assert listed.ok
    assert clicked.ok
    assert (await copilot.now_is()).acknowledged_by == "U0ANA"


async def test_starting_while_slack_is_away_waits_no_longer_than_it_must(copilot, unused_tcp_port, caplog):
    caplog.set_level(logging.CRITICAL, "incident_copilot.slack.bolt")
    async with connected("xoxb-1", f"http://127.0.0.1:{unused_tcp_port}/api/") as client:
        app = build(copilot.deps, client, Identity(client))

        async with listening(app, "xapp-1", connect_s=0.05):
            entered = True

    assert entered


async def test_what_was_begun_is_finished_before_it_stops(sandbox, copilot, client):
    """The click is committed and answered although the app is told to stop while Slack is slow."""
    card = await copilot.show_card(await copilot.open())
    sandbox.faults.add("users.info", Fault("slow", delay_s=0.3))
    app = build(copilot.deps, client, copilot.workspace.identity)
    ana = sandbox.person("ana")
    await sandbox.drop_sockets()

    async with listening(app, sandbox.app_token):
        await sandbox.until(lambda: sandbox.sockets)
        clicking = asyncio.create_task(ana.click(card, "acknowledge"))
        await sandbox.until(lambda: not sandbox.faults._waiting)

    assert (await clicking).ok
    assert (await copilot.now_is()).acknowledged_by == "U0ANA"


async def test_stopping_does_not_wait_for_ever(caplog):
    under_way = UnderWay()
    under_way.begin()
    under_way.begin()
    under_way.end()

    await under_way.drain(0.01)

    assert "1 requests of Slack were still under way" in caplog.text
