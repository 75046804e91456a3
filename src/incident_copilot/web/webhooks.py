"""POST /webhooks/{instance}: authenticated, parsed and committed before it is answered (promise P1)."""

import asyncio
import logging
from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from incident_copilot.errors import BadPayload, StoreUnavailable, TooLarge, Unauthenticated, VendorUnavailable
from incident_copilot.pipeline import dead_letters
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.ingest import Intake
from incident_copilot.ports import QUERY_TOKEN, AlertSource, Delivery

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
SLOWEST_BODY_S = 10.0
NOT_TAKEN = (
    Unauthenticated, BadPayload, TooLarge, StoreUnavailable, VendorUnavailable, ClientDisconnect, TimeoutError,
)  # fmt: skip
CUT_OFF = "the body did not come to its end"


def routes(deps: Deps, sources: Mapping[str, AlertSource], *, slowest_body_s: float = SLOWEST_BODY_S) -> list[Route]:
    """Return the webhook route over these alert sources, by instance name."""
    intake = Intake(deps)

    async def webhook(request: Request) -> JSONResponse:
        instance = request.path_params["instance"]
        source = sources.get(instance)
        if source is None:
            return JSONResponse({"error": "there is no such webhook"}, 404)
        try:
            async with asyncio.timeout(slowest_body_s):
                body = await _body(instance, request)
            headers = _headers(request)
            checking = source.authenticate(headers, body)
            if checking is not None:
                await checking
            delivery = await _understood(deps, instance, source, headers, body)
            is_news = delivery.alerts or delivery.changes
            changed = await intake.receive(instance, delivery, body) if is_news else 0
        except NOT_TAKEN as error:
            return _refused(instance, error)
        return JSONResponse({"alerts": len(delivery.alerts), "changed": changed, **_also(delivery)})

    return [Route("/webhooks/{instance}", webhook, methods=["POST"])]


def _headers(request: Request) -> Mapping[str, str]:
    """The headers, with the token of the address among them where there is one."""
    token = request.query_params.get("token") if request.scope["query_string"] else None
    return {**request.headers, QUERY_TOKEN: token} if token else request.headers


async def _understood(
    deps: Deps, instance: str, source: AlertSource, headers: Mapping[str, str], body: bytes
) -> Delivery:
    """Return what an authenticated body says; what cannot be understood of it is kept as a dead letter."""
    try:
        delivery = dead_letters.parsed(instance, source, headers, body)
    except BadPayload as error:
        await dead_letters.keep(deps, instance, str(error), headers, body)
        raise
    if delivery.unknown:
        await dead_letters.keep(deps, instance, f"{instance}: {delivery.unknown}", headers, body)
    return delivery


def _also(delivery: Delivery) -> dict[str, int | str]:
    """What to answer beside the number of alerts; senders show it to those who set them up."""
    said: dict[str, int | str] = {"changes": len(delivery.changes)} if delivery.changes else {}
    said |= {"ignored": delivery.ignored} if delivery.ignored else {}
    return said | ({"unknown": delivery.unknown} if delivery.unknown else {})


async def _body(instance: str, request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise TooLarge(f"{instance}: the body is over {LARGEST_BODY // 1024} KB")
        parts.append(part)
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
