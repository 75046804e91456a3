"""Answers as GitHub's REST API v3 does (https://docs.github.com/en/rest), and starts workflows."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from incident_copilot.sandbox.world import github_objects as objects
from incident_copilot.sandbox.world.changes import Deploy
from incident_copilot.sandbox.world.state import Dispatch, WorldState

_OPTIONAL_INPUTS = {"reason", "incident", "request_id", "dry_run", "requested_by"}
_DOCS = "https://docs.github.com/rest"
_CALLS_AN_HOUR = 5000

_Listed = TypeVar("_Listed")


class _Refusal(Exception):
    """An answer with GitHub's error body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def routes(state: WorldState) -> list[Route]:
    """Return the routes below `/github`."""
    repo = "/github/repos/{owner}/{repo}"
    workflow = f"{repo}/actions/workflows/{{workflow}}"

    def get(path: str, answer: Callable[[WorldState, Request], Any]) -> Route:
        return Route(path, _answering(state, answer))

    return [
        get(f"{repo}/deployments", _deployments),
        get(f"{repo}/deployments/{{id:int}}/statuses", _deployment_statuses),
        get(f"{repo}/compare/{{base}}...{{head}}", _compare),
        get(f"{repo}/commits/{{ref}}", _commit),
        Route(f"{workflow}/dispatches", _dispatching(state), methods=["POST"]),
        get(f"{workflow}/runs", _workflow_runs),
        get(workflow, _workflow),
        get(f"{repo}/actions/runs/{{id:int}}", _run),
        get(repo, _repository),
        get("/github/rate_limit", _rate_limit),
    ]


def _answering(
    state: WorldState, answer: Callable[[WorldState, Request], Any]
) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        try:
            return _json(state, answer(state, request))
        except _Refusal as refusal:
            return _refused(state, refusal)

    return respond


def _dispatching(state: WorldState) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        try:
            started, wants_details = _dispatch(state, request, await request.body())
        except _Refusal as refusal:
            return _refused(state, refusal)
        if not wants_details:
            return Response(status_code=204, headers=_rate_headers(state))
        run = objects.run(state, started, _api(request))
        details = {"workflow_run_id": run["id"], "run_url": run["url"], "html_url": run["html_url"]}
        return _json(state, details)

    return respond


def _deployments(state: WorldState, request: Request) -> list[dict[str, Any]]:
    wanted = request.query_params
    found = [
        deploy
        for deploy in state.deploys(_repo(state, request))
        if wanted.get("environment", deploy.environment) == deploy.environment
        and wanted.get("ref", deploy.version) == deploy.version
        and wanted.get("sha", deploy.sha) == deploy.sha
    ]
    return [objects.deployment(state, deploy, _api(request)) for deploy in _page(request, found)]


def _deployment_statuses(state: WorldState, request: Request) -> list[dict[str, Any]]:
    for deploy in state.deploys(_repo(state, request)):
        if objects.deployment_id(deploy) == request.path_params["id"]:
            return [objects.deployment_status(state, deploy, _api(request))]
    raise _Refusal(404, "Not Found")


def _compare(state: WorldState, request: Request) -> dict[str, Any]:
    base = _deploy(state, request, request.path_params["base"])
    head = _deploy(state, request, request.path_params["head"])
    history = sorted(_versions(state, request), key=lambda deploy: deploy.at_s)
    return objects.comparison(state, history, base, head, _api(request))


def _commit(state: WorldState, request: Request) -> dict[str, Any]:
    deploy = _deploy(state, request, request.path_params["ref"])
    listed = objects.commit(state, deploy, _api(request))
    return {**listed, "stats": objects.totals(deploy.files), "files": objects.files(deploy.files)}


def _workflow(state: WorldState, request: Request) -> dict[str, Any]:
    repo, workflow = _known_workflow(state, request)
    return objects.workflow(repo, workflow, _api(request))


def _workflow_runs(state: WorldState, request: Request) -> dict[str, Any]:
    repo, workflow = _known_workflow(state, request)
    since = request.query_params.get("created", "").removeprefix(">=")
    runs = [
        found
        for found in reversed(state.dispatches)
        if (found.repo, found.workflow) == (repo, workflow) and objects.time(state, found.at_s) >= since
    ]
    listed = [objects.run(state, found, _api(request)) for found in _page(request, runs)]
    return {"total_count": len(runs), "workflow_runs": listed}


def _run(state: WorldState, request: Request) -> dict[str, Any]:
    repo = _repo(state, request)
    for found in state.dispatches:
        if (found.repo, found.run_id) == (repo, request.path_params["id"]):
            return objects.run(state, found, _api(request))
    raise _Refusal(404, "Not Found")


def _repository(state: WorldState, request: Request) -> dict[str, Any]:
    return objects.repository(_repo(state, request), _api(request))


def _rate_limit(state: WorldState, _request: Request) -> dict[str, Any]:
    core = {"limit": _CALLS_AN_HOUR, "remaining": _CALLS_AN_HOUR - 1, "reset": _reset_at(state), "used": 1}
    return {"resources": {"core": core}, "rate": core}


def _dispatch(state: WorldState, request: Request, body: bytes) -> tuple[Dispatch, bool]:
    if not request.headers.get("authorization", "").lower().startswith(("bearer ", "token ")):
        raise _Refusal(401, "Requires authentication")
    repo, workflow = _known_workflow(state, request)
    wanted = _parsed(body)
    ref, inputs = wanted.get("ref"), wanted.get("inputs", {})
    if not isinstance(ref, str) or not isinstance(inputs, dict):
        raise _Refusal(422, 'Invalid request.\n\n"ref" wasn\'t supplied.')
    if ref != "main" and ref not in {deploy.version for deploy in state.deploys(repo)}:
        raise _Refusal(422, f"No ref found for: {ref}")
    given = {str(name): str(value) for name, value in inputs.items()}
    _check_inputs(state.required_inputs(repo, workflow), given)
    return state.dispatch(repo, workflow, ref, given), wanted.get("return_run_details") is True


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise _Refusal(400, "Problems parsing JSON")
    return parsed


def _check_inputs(choices: list[set[str]], given: dict[str, str]) -> None:
    declared = set().union(*choices)
    unexpected = sorted(set(given) - declared - _OPTIONAL_INPUTS)
    if unexpected:
        raise _Refusal(422, f"Unexpected inputs provided: {json.dumps(unexpected)}")
    if not any(needed <= set(given) for needed in choices):
        missing = min(choices[0] - set(given))
        raise _Refusal(422, f"Required input '{missing}' not provided")


def _known_workflow(state: WorldState, request: Request) -> tuple[str, str]:
    repo, workflow = _repo(state, request), request.path_params["workflow"]
    if not state.required_inputs(repo, workflow):
        raise _Refusal(404, "Not Found")
    return repo, workflow


def _repo(state: WorldState, request: Request) -> str:
    repo = f"{request.path_params['owner']}/{request.path_params['repo']}"
    if state.service_of(repo) is None:
        raise _Refusal(404, "Not Found")
    return repo


def _versions(state: WorldState, request: Request) -> list[Deploy]:
    repo = _repo(state, request)
    return [deploy for deploy in state.scenario.deploys if deploy.repo == repo]


def _deploy(state: WorldState, request: Request, ref: str) -> Deploy:
    """Return the version that a tag, a commit or the beginning of one names."""
    for deploy in _versions(state, request):
        if ref == deploy.version or (len(ref) >= 7 and deploy.sha.startswith(ref)):
            return deploy
    raise _Refusal(404, "Not Found")


def _page(request: Request, found: list[_Listed]) -> list[_Listed]:
    size, page = (_number(request, name, default) for name, default in (("per_page", 30), ("page", 1)))
    size = min(size, 100)
    return found[size * (page - 1) : size * page]


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return max(1, int(text)) if text.isdigit() else default


def _api(request: Request) -> str:
    """Return the address of the API, wherever it is mounted."""
    return str(request.url).split("/github/", 1)[0] + "/github"


def _json(state: WorldState, body: Any) -> Response:
    return JSONResponse(body, headers=_rate_headers(state))


def _refused(state: WorldState, refusal: _Refusal) -> Response:
    body = {"message": refusal.message, "documentation_url": _DOCS, "status": str(refusal.status)}
    return JSONResponse(body, status_code=refusal.status, headers=_rate_headers(state))


def _rate_headers(state: WorldState) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(_CALLS_AN_HOUR),
        "x-ratelimit-remaining": str(_CALLS_AN_HOUR - 1),
        "x-ratelimit-reset": str(_reset_at(state)),
        "x-github-media-type": "github.v3; format=json",
    }


def _reset_at(state: WorldState) -> int:
    return int(state.time(state.elapsed_s).timestamp()) + 3600
