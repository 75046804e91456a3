"""POST /webhooks/{instance}: authenticated, parsed and committed before it is answered (promise P1)."""

from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from incident_copilot.errors import BadPayload, StoreUnavailable, TooLarge, Unauthenticated
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.receive import receive
from incident_copilot.ports import AlertSource

LARGEST_BODY = 1024 * 1024


def routes(deps: Deps, sources: Mapping[str, AlertSource]) -> list[Route]:
    """Return the webhook route over these alert sources, by instance name."""

    async def webhook(request: Request) -> JSONResponse:
        source = sources.get(request.path_params["instance"])
        if source is None:
            return _told(404, "there is no such webhook")
        return await _take(deps, source, request)

    return [Route("/webhooks/{instance}", webhook, methods=["POST"])]


async def _take(deps: Deps, source: AlertSource, request: Request) -> JSONResponse:
    instance = request.path_params["instance"]
    try:
        body = await _body(request)
        source.authenticate(request.headers, body)
        delivery = source.parse(request.headers, body)
        changed = await receive(deps, instance, delivery, body)
    except TooLarge as error:
        return _told(413, str(error))
    except Unauthenticated as error:
        return _told(401, str(error), {"WWW-Authenticate": "Bearer"})
    except BadPayload as error:
        return _told(400, str(error))
    except ClientDisconnect:
        return _told(400, "the request broke off")
    except StoreUnavailable:
        # Alertmanager repeats after a 503 and drops after a 4xx.
        return _told(503, "not recorded; send it again", {"Retry-After": "1"})
    return JSONResponse({"alerts": len(delivery.alerts), "changed": changed})


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise TooLarge(f"the body is over {LARGEST_BODY // 1024} KB")
        parts.append(part)
    return b"".join(parts)


def _told(status: int, problem: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": problem}, status_code=status, headers=dict(headers or {}))
