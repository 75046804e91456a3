"""Slack over HTTP: who sends is checked here, before anything is parsed, logged or handed to the SDK.

Slack's own verifier raises on strange headers, takes times in the future, and Bolt logs bodies that fail it
(reliability-security.md, M3 and M4). https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from incident_copilot.errors import BadPayload, StoreUnavailable, TooLarge, Unauthenticated
from incident_copilot.pipeline import replays
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.manifest import EVENTS_PATH
from incident_copilot.vendors import bodies

OLDEST_S, NEWEST_S = 300, 60
MOST_BYTES = 1_000_000
MOST_FIELDS = 100
SLOWEST_BODY_S = 10.0
REFUSALS: Mapping[type[Exception], int] = {Unauthenticated: 401, TooLarge: 413, TimeoutError: 408}
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
    """Check the signature too; `secret` may be two, separated by a comma, while one is changed.

    Raises:
        Unauthenticated: as for `precheck`, or signed with another secret.
    """
    precheck(headers, body, now)
    base = b"v0:" + headers["x-slack-request-timestamp"].encode() + b":" + body
    known = False
    for part in filter(None, map(str.strip, secret.split(","))):
        expected = "v0=" + hmac.new(part.encode(), base, hashlib.sha256).hexdigest()
        known |= hmac.compare_digest(expected, headers["x-slack-signature"])
    if not known:
        raise Unauthenticated("the request is signed with another secret")


Pick = Callable[[Mapping[str, Any]], Awaitable[AsyncApp | int]]
"""Returns the app that a request is for, or the status that it is answered with because there is none."""


def routes(app: AsyncApp, secret: str, deps: Deps, pick: Pick | None = None) -> list[Route]:
    """Return the route that Slack sends to, as the manifest names it; `pick` finds the app of each workspace."""
    return [Route(EVENTS_PATH, endpoint(app, secret, deps, pick=pick), methods=["POST"])]


def endpoint(
    app: AsyncApp, secret: str, deps: Deps, *, slowest_body_s: float = SLOWEST_BODY_S, pick: Pick | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler of that route: events, commands and interactivity all come to one URL.

    A request that was answered well is not carried out again when it is replayed, at this replica or another.
    """

    async def receive(request: Request) -> Response:
        try:
            async with asyncio.timeout(slowest_body_s):
                body = await _body_of(request)
            authenticate(request.headers, body, secret, deps.now().timestamp())
            said = _read(request.headers, body)
        except (Unauthenticated, TooLarge, BadPayload, TimeoutError, ClientDisconnect) as error:
            return PlainTextResponse("", REFUSALS.get(type(error), 400), {"Connection": "close"})
        signature = request.headers["x-slack-signature"]
        if not await _is_first(deps, signature):
            return PlainTextResponse("", 200)
        chosen = await pick(said) if pick and said.get("type") != "url_verification" else app
        if isinstance(chosen, int):
            response: Response = PlainTextResponse("", chosen)
        else:
            response = to_starlette_response(await chosen.async_dispatch(_as_bolt_takes_it(request, said)))
        # Only what was answered well counts as seen: Slack must be able to deliver the rest again.
        if response.status_code != 200:
            with suppress(StoreUnavailable):
                await replays.forget(deps, signature)
        return response

    return receive


async def _is_first(deps: Deps, signature: str) -> bool:
    try:
        return await replays.is_first(deps, signature)
    except StoreUnavailable:
        return True  # nothing can be recorded now, and the listener tells the person so


async def _body_of(request: Request) -> bytes:
    """Read the body, at most one megabyte of it."""
    kept = bytearray()
    async for chunk in request.stream():
        kept += chunk
        if len(kept) > MOST_BYTES:
            raise TooLarge("slack: the body is over 1 MB")
    return bytes(kept)


def _read(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return what Slack says: the JSON body, the JSON in a form's `payload`, or the form of a command.

    Raises:
        BadPayload: it is none of these, too deep, or says one thing twice.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return bodies.load("slack", body)
    if kind != "application/x-www-form-urlencoded":
        raise BadPayload("slack", "the body is neither JSON nor a form")
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise BadPayload("slack", "the form has too many fields") from error
    if any(len(values) > 1 for values in fields.values()):
        raise BadPayload("slack", "a field is given more than once")
    if "payload" in fields:
        return bodies.load("slack", fields["payload"][0].encode())
    return {name: values[0] for name, values in fields.items()}


def _as_bolt_takes_it(request: Request, said: dict[str, Any]) -> AsyncBoltRequest:
    """Hand on what was checked and nothing else: Bolt reads forms in its own way and loses those that say "payload"."""
    return AsyncBoltRequest(body=json.dumps(said), headers=dict(request.headers))
