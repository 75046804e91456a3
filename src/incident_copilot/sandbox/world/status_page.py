"""Answers as a provider's Atlassian Statuspage does (https://status.openai.com/api/v2/summary.json)."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from incident_copilot.sandbox.world.scenario import StatusIncident, StatusPage
from incident_copilot.sandbox.world.state import WorldState
from incident_copilot.sandbox.world.webhooks import rfc3339

_CALM = ("none", "All Systems Operational", "operational")
_TROUBLE = {
    "minor": ("minor", "Minor Service Outage", "degraded_performance"),
    "major": ("major", "Partial System Outage", "partial_outage"),
    "critical": ("critical", "Major Service Outage", "major_outage"),
}


def routes(state: WorldState) -> list[Route]:
    """Return the routes below `/status/{page}`, such as `/status/openai/api/v2/summary.json`."""

    def get(name: str, answer: Callable[[WorldState, StatusPage], dict[str, Any]]) -> Route:
        async def respond(request: Request) -> Response:
            for page in state.scenario.status_pages:
                if page.name == request.path_params["page"]:
                    return JSONResponse(_about(state, page) | answer(state, page))
            return JSONResponse({"error": "no such status page"}, status_code=404)

        return Route(f"/status/{{page}}/api/v2/{name}.json", respond)

    return [get("status", _status), get("summary", _summary), get("incidents/unresolved", _unresolved)]


def _about(state: WorldState, page: StatusPage) -> dict[str, Any]:
    updated_at = rfc3339(state.time(state.elapsed_s))
    return {"page": {"id": page.name, "name": page.name, "time_zone": "Etc/UTC", "updated_at": updated_at}}


def _status(state: WorldState, page: StatusPage) -> dict[str, Any]:
    indicator, description, _ = _condition(state, page)
    return {"status": {"indicator": indicator, "description": description}}


def _summary(state: WorldState, page: StatusPage) -> dict[str, Any]:
    component = {"id": "c1", "name": page.component, "status": _condition(state, page)[2]}
    return {
        **_status(state, page),
        "components": [component],
        **_unresolved(state, page),
        "scheduled_maintenances": [],
    }


def _unresolved(state: WorldState, page: StatusPage) -> dict[str, Any]:
    return {"incidents": [_incident(state, incident) for incident in _open(state, page)]}


def _condition(state: WorldState, page: StatusPage) -> tuple[str, str, str]:
    return next((_TROUBLE[incident.impact] for incident in _open(state, page)), _CALM)


def _open(state: WorldState, page: StatusPage) -> list[StatusIncident]:
    ends_at_s, now_s = state.scenario.recovers_after_s, state.elapsed_s
    if ends_at_s is not None and now_s >= ends_at_s:
        return []
    return [incident for incident in page.incidents if incident.at_s <= now_s]


def _incident(state: WorldState, incident: StatusIncident) -> dict[str, Any]:
    created_at = rfc3339(state.time(incident.at_s))
    return {
        "id": f"{round(incident.at_s)}",
        "name": incident.name,
        "status": "investigating",
        "impact": incident.impact,
        "created_at": created_at,
        "started_at": created_at,
        "updated_at": created_at,
        "resolved_at": None,
        "incident_updates": [{"status": "investigating", "body": incident.body, "created_at": created_at}],
    }
