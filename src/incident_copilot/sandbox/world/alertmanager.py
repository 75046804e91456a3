"""Answers as Alertmanager 0.25 does about silences: https://github.com/prometheus/alertmanager/tree/main/api/v2 ."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from incident_copilot.sandbox.world.spec import Spec
from incident_copilot.sandbox.world.state import Silence, SilenceMatcher, WorldState
from incident_copilot.sandbox.world.webhooks import rfc3339


class _Wanted(Spec):
    """The body of a silence that is made."""

    matchers: tuple[SilenceMatcher, ...] = Field(min_length=1)
    startsAt: datetime  # noqa: N815 -- the API's own name
    endsAt: datetime  # noqa: N815 -- the API's own name
    createdBy: str  # noqa: N815 -- the API's own name
    comment: str


def routes(state: WorldState) -> list[Route]:
    """Return the routes below `/alertmanager/api/v2`."""

    async def listed(_request: Request) -> Response:
        return JSONResponse([_shown(state, one) for one in reversed(state.silences)])

    async def made(request: Request) -> Response:
        try:
            wanted = _Wanted.model_validate_json(await request.body())
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            return JSONResponse(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", status_code=400)
        silence = state.silence(wanted.matchers, wanted.startsAt, wanted.endsAt, wanted.createdBy, wanted.comment)
        return JSONResponse({"silenceID": silence.id})

    async def shown(request: Request) -> Response:
        found = _found(state, request)
        return JSONResponse(_shown(state, found)) if found else Response(status_code=404)

    async def ended(request: Request) -> Response:
        found = _found(state, request)
        if found is None:
            return Response(status_code=404)
        state.end_silence(found.id)
        return Response(status_code=200)

    one = "/alertmanager/api/v2/silence/{id}"
    return [
        Route("/alertmanager/api/v2/silences", listed, methods=["GET"]),
        Route("/alertmanager/api/v2/silences", made, methods=["POST"]),
        Route(one, shown, methods=["GET"]),
        Route(one, ended, methods=["DELETE"]),
    ]


def is_silenced(state: WorldState, labels: Mapping[str, str]) -> bool:
    """Return whether a silence that is active now matches an alert's labels."""
    active = [one for one in state.silences if _status(state, one) == "active"]
    return any(all(_fits(matcher, labels) for matcher in one.matchers) for one in active)


def _fits(matcher: SilenceMatcher, labels: Mapping[str, str]) -> bool:
    value = labels.get(matcher.name, "")
    is_met = bool(re.fullmatch(matcher.value, value)) if matcher.isRegex else value == matcher.value
    return is_met is matcher.isEqual


def _found(state: WorldState, request: Request) -> Silence | None:
    return next((one for one in state.silences if one.id == request.path_params["id"]), None)


def _status(state: WorldState, one: Silence) -> str:
    now = state.time(state.elapsed_s)
    return "pending" if now < one.starts_at else "active" if now < one.ends_at else "expired"


def _shown(state: WorldState, one: Silence) -> dict[str, Any]:
    return {
        "id": one.id,
        "status": {"state": _status(state, one)},
        "updatedAt": rfc3339(one.starts_at),
        "comment": one.comment,
        "createdBy": one.created_by,
        "startsAt": rfc3339(one.starts_at),
        "endsAt": rfc3339(one.ends_at),
        "matchers": [matcher.model_dump() for matcher in one.matchers],
    }
