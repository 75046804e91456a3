"""Slack over HTTP: only what Slack signed lately gets through, and nothing twice."""

import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_samples import NOON
from starlette.applications import Starlette
from starlette.routing import Route

from incident_copilot.domain.catalog import Catalog
from incident_copilot.errors import Unauthenticated
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack import http_edge

SECRET = "shhh"
NOW = NOON.timestamp()
FORM = "application/x-www-form-urlencoded"


def signed(body, at=NOW, secret=SECRET, kind="application/json"):
    raw = body if isinstance(body, bytes) else body.encode()
    stamp = str(int(at))
    mac = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={mac}", "content-type": kind}


@pytest.fixture
def commands():
    """What was typed after /incident."""
    return []


@pytest.fixture
def seen():
    """Clicks that reached a listener."""
    return []


class Clock:
    """The real time, until it is moved."""

    ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def deps(db, clock):
    """What the edge needs: a database and the time."""
    return Deps(
        db=db, now=clock, workspace_id="w", chat=None, catalog=Catalog(), runbooks=RunbookIndex.build(Library())
    )


@pytest.fixture
async def bot(seen, commands, deps):
    """A client that posts to a served app."""

    async def authorize(**_):
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1")

    app = AsyncApp(
        signing_secret="",
        authorize=authorize,
        logger=logging.getLogger("test.bolt"),
        request_verification_enabled=False,
    )

    @app.action("approve")
    async def approve(ack, body):
        if body.get("fail"):
            raise RuntimeError
        seen.append(body["trigger_id"])
        await ack()

    @app.command("/incident")
    async def incident(ack, command):
        commands.append(command["text"])
        await ack()

    @app.error
    async def failed(error):
        pass

    receive = http_edge.endpoint(app, SECRET, deps, slowest_body_s=0.2)
    web = Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://bot") as client:
        yield client


def click(**fields):
    payload = {
        "type": "block_actions",
        "trigger_id": "1",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "actions": [{"action_id": "approve", "block_id": "b", "type": "button", "value": "x"}],
    }
    return urlencode({"payload": json.dumps(payload | fields)})


async def post(bot, body, at=None, secret=SECRET, kind=FORM, **headers):
    at = datetime.now(UTC).timestamp() if at is None else at
    return (await bot.post("/slack/events", content=body, headers=signed(body, at, secret, kind) | headers)).status_code


async def test_signed_click_reaches_its_listener_once(bot, seen):
    body, at = click(), datetime.now(UTC).timestamp()

    statuses = [await post(bot, body, at), await post(bot, body, at), await post(bot, click(trigger_id="2"))]

    assert statuses == [200, 200, 200]
    assert seen == ["1", "2"]


async def test_what_failed_may_be_delivered_again(bot, seen):
    body, at = click(fail=True), datetime.now(UTC).timestamp()

    assert [await post(bot, body, at), await post(bot, body, at)] == [500, 500]


async def test_requests_are_forgotten_when_no_signature_of_theirs_is_accepted_any_more(bot, db, clock):
    await post(bot, click())
    clock.ahead = timedelta(minutes=11)

    await post(bot, click(trigger_id="2"), clock().timestamp())

    async with db.read() as view:
        assert (await view.execute(sa.text("SELECT count(*) FROM deliveries"))).scalar() == 1


async def test_request_is_handed_on_while_the_database_is_away(bot, db, seen):
    """The listener is who can tell the person that nothing was recorded."""
    async with db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE deliveries"))

    assert [await post(bot, click()), await post(bot, click(fail=True))] == [200, 500]
    assert seen == ["1"]


async def test_command_may_speak_of_a_payload(bot, commands):
    command = urlencode({"command": "/incident", "text": "declare payload=lost", "user_id": "U1", "team_id": "T1"})

    assert await post(bot, command) == 200
    assert commands == ["declare payload=lost"]


def test_route_is_the_one_in_the_manifest(deps):
    app = AsyncApp(signing_secret=SECRET, token="xoxb-1", logger=logging.getLogger("test.bolt"))

    [route] = http_edge.routes(app, SECRET, deps)

    assert (route.path, route.methods) == ("/slack/events", {"POST"})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-slack-request-timestamp": "abc"},
        {"x-slack-request-timestamp": "1.5"},
        {"x-slack-request-timestamp": "9" * 5_000},
        {"x-slack-request-timestamp": "\uff11\uff12"},
        {"x-slack-signature": "v0=\u00e9" + "0" * 63},
        {"x-slack-signature": "v1=" + "0" * 64},
    ],
)
def test_malformed_headers_are_unauthenticated(headers):
    given = (signed("{}") | headers) if headers else {}

    with pytest.raises(Unauthenticated):
        http_edge.precheck(given, b"{}", NOW)


@pytest.mark.parametrize(("offset", "passes"), [(-301, False), (-299, True), (0, True), (59, True), (299, False)])
def test_only_lately_signed_requests_pass(offset, passes):
    headers = signed("{}", (NOON + timedelta(seconds=offset)).timestamp())

    if passes:
        http_edge.authenticate(headers, b"{}", SECRET, NOW)
    else:
        with pytest.raises(Unauthenticated):
            http_edge.authenticate(headers, b"{}", SECRET, NOW)


async def test_refusals_say_nothing(bot, seen):
    body = click()

    assert (await bot.post("/slack/events", content=body)).status_code == 401
    assert (await bot.post("/slack/events", content="ssl_check=1", headers={"content-type": FORM})).status_code == 401
    assert await post(bot, body, secret="other") == 401
    assert await post(bot, b"\xff\xfe") == 401
    assert await post(bot, "x" * 1_000_001) == 413
    assert await post(bot, "payload=%7B%7D&payload=%7B%7D") == 400
    assert await post(bot, "payload=%7B") == 400
    assert await post(bot, "[" * 100_000, kind="application/json") == 400
    assert await post(bot, "[]", kind="application/json") == 400
    assert await post(bot, '{"a": 1, "a": 2}', kind="application/json") == 400
    assert await post(bot, "a=1&a=2") == 400
    assert await post(bot, "&".join(f"f{n}=1" for n in range(101))) == 400
    assert await post(bot, "<xml/>", kind="text/xml") == 400
    assert seen == []
