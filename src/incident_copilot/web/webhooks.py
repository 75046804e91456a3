"""POST /webhooks/{instance} and /monitoring/{system}: authenticated, parsed, committed, then answered (promise P1)."""

import asyncio
import logging
from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from incident_copilot.errors import (
    BadPayload,
    Forbidden,
    StoreUnavailable,
    TooLarge,
    Unauthenticated,
    VendorUnavailable,
)
from incident_copilot.pipeline import dead_letters
from incident_copilot.pipeline.ai import arriving
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.ingest import Intake
from incident_copilot.ports import QUERY_TOKEN, AlertSource, ConfidentialSource, Delivery

log = logging.getLogger(__name__)

PREFIX, OF_SYSTEMS, BATCH = "/webhooks/", "/monitoring/", "/interactions"
LARGEST_BODY = 1024 * 1024
SLOWEST_BODY_S = 10.0
NOT_TAKEN = (
    Unauthenticated, BadPayload, TooLarge, StoreUnavailable, VendorUnavailable, ClientDisconnect, TimeoutError,
)  # fmt: skip
CUT_OFF = "the body did not come to its end"


class Webhooks:
    """Takes webhooks for the alert sources, by instance name, and hands everything else on.

    It stands before the router and its middleware, whose time a storm needs for other things.
    """

    def __init__(
        self,
        deps: Deps,
        sources: Mapping[str, AlertSource],
        others: ASGIApp,
        *,
        slowest_body_s: float = SLOWEST_BODY_S,
        elsewhere: Mapping[str, Deps] = MappingProxyType({}),
    ) -> None:
        """`elsewhere` has what the sources of other workspaces are taken in with."""
        self._deps, self._sources, self._others, self._elsewhere = deps, sources, others, elsewhere
        self._intakes = {name: Intake(of) for name, of in elsewhere.items()}
        self._intake = Intake(deps)
        self._slowest_body_s = slowest_body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path"]
        if path.startswith((PREFIX, OF_SYSTEMS)):
            answer = await self._answer(scope, self._instance(path), receive)
            await answer(scope, receive, send)
        else:
            await self._others(scope, receive, send)

    def _instance(self, path: str) -> str:
        """The source that a path names; below /monitoring/ are only AI systems."""
        if path.startswith(PREFIX):
            return path.removeprefix(PREFIX)
        system = path.removeprefix(OF_SYSTEMS).removesuffix(BATCH)
        return system if isinstance(self._sources.get(system), ConfidentialSource) else ""

    async def _answer(self, scope: Scope, instance: str, receive: Receive) -> JSONResponse:
        source = self._sources.get(instance)
        if source is None:
            return JSONResponse({"error": "there is no such webhook"}, 404)
        if scope["method"] != "POST":
            return JSONResponse({"error": "webhooks are sent with POST"}, 405, {"Allow": "POST"})
        headers = _headers(scope)
        try:
            async with asyncio.timeout(self._slowest_body_s):
                body = await _body(instance, receive)
            checking = source.authenticate(headers, body)
            if checking is not None:
                await checking
            delivery = await self._understood(instance, source, headers, body)
            delivery, body = await arriving.without_people(delivery, body)
            intake = self._intakes.get(instance, self._intake)
            changed = await intake.receive(instance, delivery, body) if dead_letters.is_news(delivery) else 0
        except NOT_TAKEN as error:
            return _refused(instance, error)
        return JSONResponse({"alerts": len(delivery.alerts), "changed": changed, **_also(delivery)})

    async def _understood(
        self, instance: str, source: AlertSource, headers: Mapping[str, str], body: bytes
    ) -> Delivery:
        """Return what an authenticated body says; what cannot be understood of it is kept as a dead letter."""
        deps = self._elsewhere.get(instance, self._deps)
        try:
            delivery = dead_letters.parsed(instance, source, headers, body)
        except BadPayload as error:
            await dead_letters.keep(deps, instance, str(error), headers, await arriving.to_keep(source, body))
            raise
        if delivery.unknown:
            await dead_letters.keep(deps, instance, f"{instance}: {delivery.unknown}", headers, body)
        return delivery


def _headers(scope: Scope) -> Mapping[str, str]:
    """The headers, with the token of the address among them where there is one."""
    headers = Headers(scope=scope)
    token = QueryParams(scope["query_string"]).get("token") if scope["query_string"] else None
    return {**headers, QUERY_TOKEN: token} if token else headers


def _also(delivery: Delivery) -> dict[str, int | str | tuple[str, ...]]:
    """What to answer beside the number of alerts; senders show it to those who set them up."""
    said: dict[str, int | str | tuple[str, ...]] = {"changes": len(delivery.changes)} if delivery.changes else {}
    said |= {"figures": sum(len(one.figures) for one in delivery.snapshots)} if delivery.snapshots else {}
    said |= {"interactions": len(delivery.interactions)} if delivery.interactions else {}
    said |= {"left_out": delivery.flagged} if delivery.flagged else {}
    said |= {"ignored": delivery.ignored} if delivery.ignored else {}
    return said | ({"unknown": delivery.unknown} if delivery.unknown else {})


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
        case Forbidden():
            answer = JSONResponse({"error": str(error)}, 403)
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
