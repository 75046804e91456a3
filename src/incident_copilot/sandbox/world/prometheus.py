"""Answers as Prometheus 2.42 does (https://prometheus.io/docs/prometheus/latest/querying/api/)."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from incident_copilot.sandbox.world import promql
from incident_copilot.sandbox.world.series import SCRAPE_INTERVAL_S, Series
from incident_copilot.sandbox.world.state import WorldState
from incident_copilot.sandbox.world.tokens import QueryProblem, duration_s, unix_s

_RETENTION_S = 15 * 86_400
_POINTS_MAX = 11_000
_BUILD = {
    "version": "2.42.0",
    "revision": "sandbox",
    "branch": "HEAD",
    "buildUser": "",
    "buildDate": "",
    "goVersion": "go1.19.8",
}

Form = dict[str, list[str]]


class _BadRequest(ValueError):
    """A parameter that Prometheus refuses, in its words."""


def routes(state: WorldState) -> list[Route]:
    """Return the routes below `/prometheus`."""
    api = "/prometheus/api/v1"
    both = ["GET", "POST"]
    return [
        Route(f"{api}/query", _answering(lambda form: _query(state, form)), methods=both),
        Route(f"{api}/query_range", _answering(lambda form: _query_range(state, form)), methods=both),
        Route(f"{api}/series", _answering(lambda form: _series(state, form)), methods=both),
        Route(f"{api}/labels", _answering(lambda form: _label_names(state, form)), methods=both),
        Route(f"{api}/label/{{label}}/values", _label_values(state)),
        Route(f"{api}/status/buildinfo", _answering(lambda _: _BUILD)),
        Route("/prometheus/-/healthy", _healthy),
        Route("/prometheus/-/ready", _healthy),
    ]


def points(state: WorldState, series: Series, start_s: float, end_s: float, step_s: float) -> list[tuple[float, float]]:
    """Return (unix seconds, value) from start to end, none in the future or before the retention."""
    healed_at_s, last_s = state.healed_at_s, state.elapsed_s
    steps = int((end_s - start_s) / step_s + 1e-9)
    times = [(at, state.relative_s(at)) for at in (start_s + step_s * step for step in range(steps + 1))]
    return [(at, series.value(relative, healed_at_s)) for at, relative in times if -_RETENTION_S <= relative <= last_s]


def _answering(answer: Callable[[Form], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        return _respond(answer, await _form(request))

    return respond


def _label_values(state: WorldState) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        label = request.path_params["label"]
        return _respond(
            lambda form: sorted({found[label] for found in _series(state, form) if label in found}),
            await _form(request),
        )

    return respond


def _respond(answer: Callable[[Form], Any], form: Form) -> Response:
    try:
        return JSONResponse({"status": "success", "data": answer(form)})
    except _BadRequest as problem:
        error = str(problem)
    except QueryProblem as problem:
        error = f'invalid parameter "query": 1:{problem.at}: parse error: {problem}'
    return JSONResponse({"status": "error", "errorType": "bad_data", "error": error}, status_code=400)


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("Prometheus Server is Healthy.\n")


async def _form(request: Request) -> Form:
    """Return the arguments of the query string and of a form body, which Prometheus takes alike."""
    form = parse_qs(request.url.query, keep_blank_values=True)
    for name, values in parse_qs((await request.body()).decode(), keep_blank_values=True).items():
        form.setdefault(name, []).extend(values)
    return form


def _query(state: WorldState, form: Form) -> dict[str, Any]:
    now_s = state.time(state.elapsed_s).timestamp()
    at = _time(form, "time", default=now_s)
    query = promql.parse(_first(form, "query"))
    result = [
        {"metric": labels, "value": [at, _written(value)]}
        for series, labels in _selected(state, query)
        # The newest sample counts for five minutes, so that a clock slightly ahead still gets an answer.
        for _, value in points(state, series, *_instant(at, now_s), SCRAPE_INTERVAL_S)
        if query.threshold is None or query.threshold.holds(value)
    ]
    return {"resultType": "vector", "result": result}


def _instant(at: float, now_s: float) -> tuple[float, float]:
    latest = min(at, now_s) if at - now_s <= 300 else at
    return latest, latest


def _query_range(state: WorldState, form: Form) -> dict[str, Any]:
    start, end = _time(form, "start"), _time(form, "end")
    if end < start:
        raise _BadRequest('invalid parameter "end": end timestamp must not be before start time')
    step_s = _step(form)
    if (end - start) / step_s > _POINTS_MAX:
        raise _BadRequest(
            "exceeded maximum resolution of 11,000 points per timeseries. "
            "Try decreasing the query resolution (?step=XX)"
        )
    query = promql.parse(_first(form, "query"))
    result = []
    for series, labels in _selected(state, query):
        values = [
            [at, _written(value)]
            for at, value in points(state, series, start, end, step_s)
            if query.threshold is None or query.threshold.holds(value)
        ]
        if values:
            result.append({"metric": labels, "values": values})
    return {"resultType": "matrix", "result": result}


def _series(state: WorldState, form: Form) -> list[dict[str, str]]:
    wanted = [promql.parse(text) for text in form.get("match[]", ['{__name__=~".+"}'])]
    return [
        {"__name__": series.metric, **state.scenario.labels_of(series)}
        for series in state.scenario.series
        if any(query.selects(series, state.scenario.labels_of(series)) for query in wanted)
    ]


def _label_names(state: WorldState, form: Form) -> list[str]:
    return sorted({label for labels in _series(state, form) for label in labels})


def _selected(state: WorldState, query: promql.Query) -> Iterable[tuple[Series, dict[str, str]]]:
    """Yield the series and the labels they are returned with: a computed value has no metric name."""
    for series in state.scenario.series:
        labels = state.scenario.labels_of(series)
        if query.selects(series, labels):
            yield series, {"__name__": series.metric, **labels} if query.selector is not None else labels


def _first(form: Form, name: str) -> str:
    return form.get(name, [""])[0]


def _time(form: Form, name: str, default: float | None = None) -> float:
    text = _first(form, name)
    if not text and default is not None:
        return default
    try:
        return unix_s(text)
    except ValueError:
        raise _BadRequest(f'invalid parameter "{name}": cannot parse "{text}" to a valid timestamp') from None


def _step(form: Form) -> float:
    text = _first(form, "step")
    try:
        step_s = duration_s(text)
    except ValueError:
        raise _BadRequest(f'invalid parameter "step": cannot parse "{text}" to a valid duration') from None
    if step_s <= 0:
        raise _BadRequest(
            'invalid parameter "step": zero or negative query resolution step widths are not accepted. '
            "Try a positive integer"
        )
    return step_s


def _written(value: float) -> str:
    """Return the number without an exponent, as Prometheus prints it."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
