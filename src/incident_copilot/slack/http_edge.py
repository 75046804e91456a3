"""Slack over HTTP: who sends is checked here, before anything is parsed, logged or handed to the SDK.

Slack's own verifier raises on strange headers, takes times in the future, and Bolt logs bodies that fail it
(reliability-security.md, M3 and M4). https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from incident_copilot.errors import BadPayload, TooLarge, Unauthenticated
from incident_copilot.ports import Clock
from incident_copilot.slack.manifest import EVENTS_PATH

OLDEST_S, NEWEST_S = 300, 60
MOST_BYTES = 1_000_000
REMEMBERED = 10_000
_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


def precheck(headers: Mapping[str, str], body: bytes, now: float) -> None:
    """Check that a request looks like one that Slack has signed lately; header names are lower case.

    Raises:
        Unauthenticated: no signature, a malformed one, or a time too far from `now` (epoch seconds).
    """
    stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not _STAMP.fullmatch(stamp) or not _SIGNATURE.fullmatch(signature):
        raise Unauthenticated("the request carries no signature of Slack")
    if not -OLDEST_S <= int(stamp) - now <= NEWEST_S:
        raise Unauthenticated("the request was signed at another time")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Unauthenticated("the body is not UTF-8") from error


def authenticate(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> None:
    """Check the signature too.

    Raises:
        Unauthenticated: as for `precheck`, or signed with another secret.
    """
    precheck(headers, body, now)
    base = b"v0:" + headers["x-slack-request-timestamp"].encode() + b":" + body
    expected = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, headers["x-slack-signature"]):
        raise Unauthenticated("the request is signed with another secret")


def routes(app: AsyncApp, secret: str, now: Clock) -> list[Route]:
    """Return the route that Slack sends to, as the manifest names it."""
    return [Route(EVENTS_PATH, endpoint(app, secret, now), methods=["POST"])]


def endpoint(
    app: AsyncApp, secret: str, now: Clock, remembered: int = REMEMBERED
) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler of that route: events, commands and interactivity all come to one URL.

    A request that was answered well is not carried out again when it is replayed; the last `remembered` are known.
    """
    answered: OrderedDict[str, None] = OrderedDict()

    async def receive(request: Request) -> Response:
        try:
            body = await _body_of(request)
            authenticate(request.headers, body, secret, now().timestamp())
            _require_readable(request.headers, body)
        except Unauthenticated:
            return PlainTextResponse("", 401)
        except TooLarge:
            return PlainTextResponse("", 413)
        except BadPayload:
            return PlainTextResponse("", 400)
        signature = request.headers["x-slack-signature"]
        if signature in answered:
            return PlainTextResponse("", 200)
        response = to_starlette_response(await app.async_dispatch(to_async_bolt_request(request, body)))
        # Only what was answered well counts as seen: Slack must be able to deliver the rest again.
        if response.status_code == 200:
            answered[signature] = None
            while len(answered) > remembered:
                answered.popitem(last=False)
        return response

    return receive


async def _body_of(request: Request) -> bytes:
    """Read the body, at most one megabyte of it."""
    kept = bytearray()
    async for chunk in request.stream():
        kept += chunk
        if len(kept) > MOST_BYTES:
            raise TooLarge("slack: the body is over 1 MB")
    return bytes(kept)


def _require_readable(headers: Mapping[str, str], body: bytes) -> None:
    text = body.decode()
    if "json" not in headers.get("content-type", ""):
        payloads = parse_qs(text).get("payload", [])
        if len(payloads) > 1:
            raise BadPayload("slack", "payload is given more than once")
        text = payloads[0] if payloads else "{}"
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadPayload("slack", "the payload is not JSON") from error
    if not isinstance(parsed, dict):
        raise BadPayload("slack", "the payload is not an object")
