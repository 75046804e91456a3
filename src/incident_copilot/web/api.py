"""POST /api/incidents: programs declare incidents, once for each key of theirs, and are told what looks alike."""

import asyncio
import hmac
from functools import partial

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from incident_copilot.domain.incident import Incident, Severity
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import BadPayload, DecisionRefused, StoreUnavailable, TooLarge, Unauthenticated
from incident_copilot.pipeline import declare, people
from incident_copilot.pipeline.declare import Declared
from incident_copilot.pipeline.deps import Deps

LARGEST_BODY = 64 * 1024
LONGEST_KEY = 200
SLOWEST_BODY_S = 10.0
PROGRAM = Person(id="api:token", name="the API", roles=frozenset({Role.RESPONDER}))
"""Who declares where the request names nobody."""


class Asked(BaseModel):
    """The body: only the title is required; a time has a zone, such as 2026-11-28T09:00:00+01:00."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    severity: Severity | None = None
    service: str | None = Field(default=None, max_length=100)
    summary: str = Field(default="", max_length=3_000)
    private: bool = False
    test: bool = False
    started_at: AwareDatetime | None = None
    unless_alike: bool = False
    declared_by: str | None = Field(default=None, pattern=r"^[UW][A-Z0-9]{2,20}$")


def routes(deps: Deps, token: str | None) -> list[Route]:
    """Return the route; without a token there is none."""
    return [Route("/api/incidents", partial(_incidents, deps, token), methods=["POST"])] if token else []


async def _incidents(deps: Deps, token: str, request: Request) -> JSONResponse:
    try:
        _authenticate(request, token)
        key = _key(request)
        asked = _read(await _body(request))
        person = await people.known(deps, asked.declared_by) if asked.declared_by else PROGRAM
        declared = await _declare(deps, person, asked, key)
    except (
        Unauthenticated, BadPayload, TooLarge, DecisionRefused, StoreUnavailable, ClientDisconnect, TimeoutError,
    ) as error:  # fmt: skip
        return _refused(error)
    looks_like = [{"label": one.incident.label, "why": one.reason} for one in declared.alike]
    if declared.incident is None:
        return JSONResponse({"error": declared.text, "looks_like": looks_like}, 409)
    told = _told(deps, declared.incident) | {"looks_like": looks_like}
    return JSONResponse(told, 201 if declared.is_new else 200)


def _authenticate(request: Request, token: str) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
        raise Unauthenticated("send COPILOT_API_TOKEN as Authorization: Bearer")


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise BadPayload("api", f"Idempotency-Key: 1 to {LONGEST_KEY} characters")
    return key


async def _body(request: Request) -> bytes:
    body = b""
    async with asyncio.timeout(SLOWEST_BODY_S):
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BODY:
                raise TooLarge(f"the body is over {LARGEST_BODY // 1024} KB")
    return body


def _read(body: bytes) -> Asked:
    try:
        return Asked.model_validate_json(body)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, one['loc'])) or 'the body'}: {one['msg']}" for one in error.errors()[:5]]
        raise BadPayload("api", "; ".join(problems)) from error


async def _declare(deps: Deps, person: Person, asked: Asked, key: str | None) -> Declared:
    return await declare.declare(
        deps,
        person,
        title=asked.title,
        severity=asked.severity,
        service=asked.service,
        summary=asked.summary,
        private=asked.private,
        test=asked.test,
        started_at=asked.started_at,
        key=key,
        unless_alike=asked.unless_alike,
    )


def _told(deps: Deps, incident: Incident) -> dict[str, object]:
    base = deps.policy.public_url
    return {
        "number": incident.number,
        "label": incident.label,
        "severity": incident.severity.value,
        "status": incident.status.value,
        "started_at": incident.started_at.isoformat(),
        "url": f"{base.rstrip('/')}/incidents/{incident.number}" if base and not incident.private else None,
    }


def _refused(error: Exception) -> JSONResponse:
    match error:
        case Unauthenticated():
            return JSONResponse({"error": str(error)}, 401, {"WWW-Authenticate": "Bearer"})
        case DecisionRefused():
            return JSONResponse({"error": str(error)}, 403)
        case BadPayload():
            return JSONResponse({"error": error.problem}, 400)
        case TooLarge():
            return JSONResponse({"error": str(error)}, 413, {"Connection": "close"})
        case _:
            return JSONResponse({"error": "not recorded; send it again"}, 503, {"Retry-After": "1"})
