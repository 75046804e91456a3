"""POST /webhooks/{instance}: authenticated, parsed and committed before it is answered (promise P1)."""

import asyncio
import logging
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from incident_copilot.errors import BadPayload, StoreUnavailable, TooLarge, Unauthenticated
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.ingest import Intake
from incident_copilot.ports import AlertSource

log = logging.getLogger(__name__)

PREFIX = "/webhooks/"
LARGEST_BODY = 1024 * 1024
SLOWEST_BODY_S = 10.0
NOT_TAKEN = (Unauthenticated, BadPayload, TooLarge, StoreUnavailable, ClientDisconnect, TimeoutError)
CUT_OFF = "the body did not come to its end"


class Webhooks:
    """Takes webhooks for the alert sources, by instance name, and hands everything else on.

    It stands before the router and its middleware, whose time a storm needs for other things.
    """

    def __init__(
        self, deps: Deps, sources: Mapping[str, AlertSource], others: ASGIApp, *, slowest_body_s: float = SLOWEST_BODY_S
    ) -> None:
        self._sources, self._others = sources, others
        self._intake = Intake(deps)
        self._slowest_body_s = slowest_body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path"]
        if path.startswith(PREFIX):
            answer = await self._answer(scope, path.removeprefix(PREFIX), receive)
            await answer(scope, receive, send)
        else:
            await self._others(scope, receive, send)

    async def _answer(self, scope: Scope, instance: str, receive: Receive) -> JSONResponse:
        source = self._sources.get(instance)
        if source is None:
            return JSONResponse({"error": "there is no such webhook"}, 404)
        if scope["method"] != "POST":
            return JSONResponse({"error": "webhooks are sent with POST"}, 405, {"Allow": "POST"})
        headers = Headers(scope=scope)
        try:
            async with asyncio.timeout(self._slowest_body_s):
                body = await _body(instance, receive)
            source.authenticate(headers, body)
            delivery = source.parse(headers, body)
            changed = await self._intake.receive(instance, delivery, body)
        except NOT_TAKEN as error:
            return _refused(instance, error)
        return JSONResponse({"alerts": len(delivery.alerts), "changed": changed})


async def _body(instance: str, receive: Receive) -> bytes:
    parts, size, goes_on = [], 0, True
    while goes_on:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            raise TooLarge(f"{instance}: the body is over {LARGEST_BODY // 1024} KB")
        parts.append(part)
        goes_on = message.get("more_body", False)
    return b"".join(parts)


def _refused(instance: str, error: Exception) -> JSONResponse:
    match error:
        case Unauthenticated():
            answer = JSONResponse({"error": str(error)}, 401, {"WWW-Authenticate": "Bearer"})
        case BadPayload():
            answer = JSONResponse({"error": str(error)}, 400)
        case TooLarge():
            # What is still on its way is not waited for.
            answer = JSONResponse({"error": str(error)}, 413, {"Connection": "close"})
        case _:
            # Alertmanager repeats after a 503 and drops after a 4xx.
            answer = JSONResponse({"error": "not recorded; send it again"}, 503, {"Retry-After": "1"})
    log.warning("webhook %s was refused with %d: %s", instance, answer.status_code, str(error) or CUT_OFF)
    return answer
