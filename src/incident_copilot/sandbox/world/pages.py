"""Plain pages behind the links in a world's answers, so that a click on evidence leads somewhere."""

import html
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from incident_copilot.sandbox.world import promql
from incident_copilot.sandbox.world.changes import Deploy
from incident_copilot.sandbox.world.prometheus import points
from incident_copilot.sandbox.world.state import WorldState
from incident_copilot.sandbox.world.tokens import QueryProblem

_WIDTH, _HEIGHT, _SHOWN_S = 900, 240, 3600
_PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>body{{font:15px/1.5 system-ui;margin:2rem;max-width:60rem}}polyline{{fill:none;stroke:#c2410c;stroke-width:2}}
svg{{background:#f8fafc;width:100%}}</style><h1>{title}</h1>{body}"""


def routes(state: WorldState) -> list[Route]:
    """Return Prometheus' graph page and GitHub's comparison, commit, deployment and run pages."""

    async def graph(request: Request) -> Response:
        return _graph(state, request.query_params.get("g0.expr", ""))

    async def change(request: Request) -> Response:
        return _change(state, request)

    async def lists(request: Request) -> Response:
        return _lists(state, f"{request.path_params['owner']}/{request.path_params['repo']}")

    async def run(request: Request) -> Response:
        found = [dispatch for dispatch in state.dispatches if dispatch.run_id == request.path_params["id"]]
        return PlainTextResponse(found[0].title if found else "Not Found", status_code=200 if found else 404)

    web = "/github/{owner}/{repo}"
    return [
        Route("/prometheus/graph", graph),
        Route(f"{web}/compare/{{base}}...{{head}}", change),
        Route(f"{web}/commit/{{head}}", change),
        Route(f"{web}/deployments", lists),
        Route(f"{web}/actions", lists),
        Route(f"{web}/actions/runs/{{id:int}}", run),
    ]


def _graph(state: WorldState, expression: str) -> Response:
    try:
        query = promql.parse(expression)
    except QueryProblem as problem:
        return PlainTextResponse(f"parse error: {problem}", status_code=400)
    now_s = state.time(state.elapsed_s).timestamp()
    charts = [
        _chart(series.metric, [value for _, value in points(state, series, now_s - _SHOWN_S, now_s, 15)])
        for series in state.scenario.series
        if query.selects(series, state.scenario.labels_of(series))
    ]
    return _page(expression, "".join(charts) or "<p>Empty query result: no such series.</p>")


def _chart(name: str, values: Sequence[float]) -> str:
    top = max(values) or 1.0
    places = (
        f"{_WIDTH * place / max(1, len(values) - 1):.1f},{_HEIGHT * (1 - value / top):.1f}"
        for place, value in enumerate(values)
    )
    caption = f"<p>{html.escape(name)}: last hour, now {values[-1]:.4g}, highest {top:.4g}</p>"
    return f'{caption}<svg viewBox="0 -4 {_WIDTH} {_HEIGHT + 8}"><polyline points="{" ".join(places)}"/></svg>'


def _change(state: WorldState, request: Request) -> Response:
    head = request.path_params["head"]
    repo = f"{request.path_params['owner']}/{request.path_params['repo']}"
    for deploy in state.scenario.deploys:
        if deploy.repo == repo and head in {deploy.version, deploy.sha}:
            return _page(f"{repo} {deploy.version}", _diff(deploy))
    return PlainTextResponse("Not Found", status_code=404)


def _lists(state: WorldState, repo: str) -> Response:
    deployed = (f"{state.time(deploy.at_s):%F %T} {deploy.version} {deploy.title}" for deploy in state.deploys(repo))
    runs = (f"{state.time(found.at_s):%F %T} {found.title}" for found in state.dispatches if found.repo == repo)
    return PlainTextResponse("\n".join([f"{repo}: deployments (UTC)", *deployed, "Workflow runs", *runs]))


def _diff(deploy: Deploy) -> str:
    patches = (f"<h3>{html.escape(file.filename)}</h3><pre>{html.escape(file.patch)}</pre>" for file in deploy.files)
    return f"<p>{html.escape(deploy.title)}, by {html.escape(deploy.author)}</p>{''.join(patches)}"


def _page(title: str, body: str) -> Response:
    return HTMLResponse(_PAGE.format(title=html.escape(title), body=body))
