"""Deliveries as signed HTTP: to Bolt, and to an app made by hand that does not behave."""

import hashlib
import hmac
import json
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from incident_copilot.sandbox import ChannelSpec, Sandbox, Timing
from incident_copilot.sandbox.serving import listening, serving

QUICK = Timing(ack_s=0.1, retry_after_s=(0.0, 0.02, 0.02), burst=100)
ROOM = [ChannelSpec("general", has_bot=True)]


@asynccontextmanager
async def app_at(answer):
    """Serves `answer` at a URL, as an app does."""
    async with listening("127.0.0.1", 0) as sock:
        app = Starlette(routes=[Route("/slack/events", answer, methods=["POST"])])
        async with serving(app, sock):
            yield f"http://127.0.0.1:{sock.getsockname()[1]}/slack/events"


class ByHand:
    """Keeps every request; `answers` are given in turn, then 200."""

    def __init__(self, *answers):
        self.requests = []
        self.answers = list(answers)

    async def __call__(self, request):
        self.requests.append((dict(request.headers), (await request.body()).decode()))
        return self.answers.pop(0) if self.answers else PlainTextResponse("")


@asynccontextmanager
async def talking_to(by_hand):
    async def answer(request):
        return await by_hand(request)

    async with app_at(answer) as url, Sandbox.running(timing=QUICK, channels=ROOM) as sandbox:
        sandbox.deliver_by_http(url)
        yield sandbox


async def test_bolt_verifies_signatures_and_answers_everything_at_one_url():
    async with Sandbox.running(channels=ROOM) as sandbox:
        client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.base_url)
        bolt, seen = AsyncApp(client=client, signing_secret=sandbox.signing_secret), []

        @bolt.event("message")
        async def message(event):
            seen.append(event["text"])

        @bolt.command("/incident")
        async def incident(ack, command):
            await ack(f"You said {command['text']}")

        @bolt.shortcut("declare")
        async def declare(ack, client, body):
            await ack()
            view = {
                "type": "modal", "title": {"type": "plain_text", "text": "T"}, "callback_id": "declare",
                "submit": {"type": "plain_text", "text": "Send"}, "blocks": [],
            }  # fmt: skip
            await client.views_open(trigger_id=body["trigger_id"], view=view)

        @bolt.view("declare")
        async def submitted(ack):
            await ack(response_action="clear")

        async with app_at(AsyncSlackRequestHandler(bolt).handle) as url:
            sandbox.deliver_by_http(url)
            ana = sandbox.person("ana")
            assert await sandbox.verify_url()
            await ana.say("#general", "hello")
            ack = await ana.command("/incident", "list")
            assert (await ana.shortcut("declare")).ok
            view = await sandbox.until(lambda: ana.views and ana.views[0])
            assert (await ana.submit(view)).ok
            await sandbox.until(lambda: seen == ["hello"])

        assert (ack.ok, ack.body) == (True, {"text": "You said list"})
        assert ana.views == []
        sandbox.assert_conformant()


async def test_requests_are_signed_and_retries_say_which_and_why():
    by_hand = ByHand(PlainTextResponse("", 500), PlainTextResponse("", 503))
    async with talking_to(by_hand) as sandbox:
        await sandbox.person("ana").say("#general", "hello")
        await sandbox.until(lambda: len(by_hand.requests) == 3)

        (first, body), (second, _), (third, _) = by_hand.requests
        signed = f"v0:{first['x-slack-request-timestamp']}:{body}".encode()
        mac = hmac.new(sandbox.signing_secret.encode(), signed, hashlib.sha256).hexdigest()
    assert first["x-slack-signature"] == f"v0={mac}"
    assert "x-slack-retry-num" not in first
    assert [(one["x-slack-retry-num"], one["x-slack-retry-reason"]) for one in (second, third)] == [
        ("1", "http_error"), ("2", "http_error"),
    ]  # fmt: skip
    assert len({json.loads(one)["event_id"] for _, one in by_hand.requests}) == 1


async def test_an_app_may_ask_for_no_retries():
    by_hand = ByHand(PlainTextResponse("", 500, headers={"X-Slack-No-Retry": "1"}))
    async with talking_to(by_hand) as sandbox:
        await sandbox.person("ana").say("#general", "hello")
        await sandbox.until(lambda: by_hand.requests)
        await sandbox.person("ana").say("#general", "again")
        await sandbox.until(lambda: len(by_hand.requests) == 2)

    assert [json.loads(body)["event"]["text"] for _, body in by_hand.requests] == ["hello", "again"]


async def test_commands_are_forms_and_their_text_answers_are_shown():
    by_hand = ByHand(PlainTextResponse("plain words"), PlainTextResponse("7"), PlainTextResponse("", 500))
    async with talking_to(by_hand) as sandbox:
        ana = sandbox.person("ana")
        for _ in range(3):
            await ana.command("/incident", "a & b")

        assert [one.text for one in ana.ephemerals("general")] == ["plain words", "7"]
        assert [one.text for one in ana.notices] == ['/incident failed with the error "http_service_error"']
    assert parse_qs(by_hand.requests[0][1])["text"] == ["a & b"]


async def test_an_app_that_is_away_or_silent():
    async def silent(request):
        await request.is_disconnected()
        await sandbox.until(lambda: answered, timeout_s=5)
        return PlainTextResponse("")

    answered = []
    async with app_at(silent) as url, Sandbox.running(timing=QUICK, channels=ROOM) as sandbox:
        sandbox.deliver_by_http(url)
        late = await sandbox.person("ana").shortcut("declare")
        answered.append(True)
        assert (late.ok, late.error, await sandbox.verify_url()) == (False, "operation_timeout", False)
    async with Sandbox.running(timing=QUICK, channels=ROOM) as sandbox:
        sandbox.deliver_by_http("http://127.0.0.1:9/slack/events")
        assert (await sandbox.person("ana").shortcut("declare")).error == "dispatch_failed"
        await sandbox.person("ana").say("#general", "hello")


async def test_a_request_url_is_verified_by_its_challenge():
    by_hand = ByHand(PlainTextResponse("sandbox-challenge"), PlainTextResponse("no idea"))
    async with talking_to(by_hand) as sandbox:
        assert [await sandbox.verify_url(), await sandbox.verify_url()] == [True, False]
    assert json.loads(by_hand.requests[0][1])["type"] == "url_verification"


async def test_nothing_is_sent_before_something_happens():
    by_hand = ByHand()
    async with talking_to(by_hand):
        pass
    assert by_hand.requests == []


async def test_there_must_be_a_url_to_verify(sandbox):
    with pytest.raises(AssertionError, match="deliver_by_http comes first"):
        await sandbox.verify_url()
