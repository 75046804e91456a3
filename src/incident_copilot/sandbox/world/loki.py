"""Answers as Loki 2.9 does (https://grafana.com/docs/loki/latest/reference/loki-http-api/)."""

import asyncio
import math
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from incident_copilot.sandbox.world import logql
from incident_copilot.sandbox.world.logs import Line, LogSource
from incident_copilot.sandbox.world.state import WorldState
from incident_copilot.sandbox.world.tokens import QueryProblem, duration_s, unix_s

_LIMIT_DEFAULT, _LIMIT_MAX = 100, 5000
_RETENTION_S = 7 * 86_400
_STRIDE_S = 300
_STEPS_MAX = 11_000

Labels = dict[str, str]


class _BadRequest(ValueError):
    """A parameter that Loki refuses, in its words."""


def routes(state: WorldState) -> list[Route]:
    """Return the routes below `/loki`, whose API itself begins with another `/loki`."""
    api = "/loki/loki/api/v1"
    return [
        Route(f"{api}/query_range", _answering(lambda request: _query_range(state, request))),
        Route(f"{api}/query", _answering(lambda request: _query(state, request))),
        Route(f"{api}/labels", _answering(lambda _: sorted({name for _, found in _streams(state) for name in found}))),
        Route(f"{api}/label/{{label}}/values", _answering(lambda request: _values(state, request))),
        Route("/loki/ready", _ready),
    ]


def _answering(answer: Callable[[Request], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        try:
            # Writing out thousands of lines takes long enough to hold up everybody else on this event loop.
            return JSONResponse({"status": "success", "data": await asyncio.to_thread(answer, request)})
        except QueryProblem as problem:
            # Loki answers errors as plain text.
            error = f"parse error at line 1, col {problem.at}: syntax error: {problem}"
        except _BadRequest as problem:
            error = str(problem)
        return PlainTextResponse(error, status_code=400)

    return respond


async def _ready(_request: Request) -> Response:
    return PlainTextResponse("ready\n")


def _query_range(state: WorldState, request: Request) -> dict[str, Any]:
    query = logql.parse(request.query_params.get("query", ""))
    start_s, end_s = _window(state, request)
    if isinstance(query, logql.CountQuery):
        times = _grid(request, start_s, end_s)
        result = [
            {"metric": labels, "values": [[_unix(state, at_s), _written(count)] for at_s, count in counts]}
            for labels, counts in _counts(state, query, times)
        ]
        return {"resultType": "matrix", "result": result, "stats": {}}
    newest_first = request.query_params.get("direction", "backward").lower() != "forward"
    lines = islice(_lines(state, query, start_s, end_s, newest_first), _limit(request))
    return {"resultType": "streams", "result": _grouped(state, lines), "stats": {}}


def _query(state: WorldState, request: Request) -> dict[str, Any]:
    query = logql.parse(request.query_params.get("query", ""))
    if not isinstance(query, logql.CountQuery):
        raise _BadRequest(
            "log queries are not supported as an instant query type, please change your query to a range query type"
        )
    at_s = _time(state, request, "time", state.elapsed_s)
    result = [
        {"metric": labels, "value": [_unix(state, at_s), _written(count)]}
        for labels, counts in _counts(state, query, [at_s])
        for _, count in counts
    ]
    return {"resultType": "vector", "result": result, "stats": {}}


def _values(state: WorldState, request: Request) -> list[str]:
    label = request.path_params["label"]
    return sorted({found[label] for _, found in _streams(state) if label in found})


def _streams(state: WorldState) -> list[tuple[LogSource, Labels]]:
    return [(source, state.scenario.labels_of(source)) for source in state.scenario.logs]


def _lines(
    state: WorldState, query: logql.LogQuery, start_s: float, end_s: float, newest_first: bool
) -> Iterator[Line]:
    """Yield lines in order, a stretch of time after the other, so that a limit saves computing the rest."""
    sources = [source for source, labels in _streams(state) if query.selects(labels)]
    count = math.ceil((end_s - start_s) / _STRIDE_S)
    for stride in reversed(range(count)) if newest_first else range(count):
        from_s = start_s + stride * _STRIDE_S
        to_s = min(end_s, from_s + _STRIDE_S)
        found = [line for source in sources for line in source.lines(from_s, to_s, state.healed_at_s)]
        for line in sorted(found, key=lambda line: line.at_s, reverse=newest_first):
            if not query.filters or query.keeps(line.text()):
                yield line


def _grouped(state: WorldState, lines: Iterator[Line]) -> list[dict[str, Any]]:
    streams: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    for line in lines:
        labels = state.scenario.labels_of(line.source)
        stream = streams.setdefault(tuple(sorted(labels.items())), {"stream": labels, "values": []})
        nanoseconds = state.alert_ns + round(line.at_s * 1_000_000) * 1000
        stream["values"].append([str(nanoseconds), line.text()])
    return list(streams.values())


def _counts(
    state: WorldState, query: logql.CountQuery, times: list[float]
) -> list[tuple[Labels, list[tuple[float, float]]]]:
    """Return for each group of streams how many lines fell into the range before each time."""
    written: dict[tuple[tuple[str, str], ...], list[float]] = {}
    first_s, last_s = times[0] - query.range_s, min(times[-1], state.elapsed_s)
    for line in _lines(state, query.logs, max(first_s, -_RETENTION_S), last_s, newest_first=False):
        labels = state.scenario.labels_of(line.source)
        kept = labels if query.by is None else {name: labels[name] for name in query.by if name in labels}
        written.setdefault(tuple(sorted(kept.items())), []).append(line.at_s)
    unit = 1 / query.range_s if query.per_second else 1
    groups = []
    for key, moments in written.items():
        counted = [(at_s, bisect_left(moments, at_s) - bisect_left(moments, at_s - query.range_s)) for at_s in times]
        groups.append((dict(key), [(at_s, count * unit) for at_s, count in counted if count]))
    return [group for group in groups if group[1]]


def _window(state: WorldState, request: Request) -> tuple[float, float]:
    """Return start and end relative to the alert, cut to what is stored; default is the last hour."""
    end_s = _time(state, request, "end", state.elapsed_s)
    start_s = _time(state, request, "start", end_s - 3600)
    if end_s < start_s:
        raise _BadRequest("end timestamp must not be before or equal to start time")
    return max(start_s, -_RETENTION_S), min(end_s, state.elapsed_s)


def _time(state: WorldState, request: Request, name: str, default_s: float) -> float:
    text = request.query_params.get(name, "")
    if not text:
        return default_s
    # Loki takes whole numbers of more than ten digits as nanoseconds.
    if text.isdigit() and len(text) > 10:
        return (int(text) - state.alert_ns) / 1e9
    try:
        return state.relative_s(unix_s(text))
    except ValueError:
        raise _BadRequest(f"could not parse '{name}' parameter: {text}") from None


def _grid(request: Request, start_s: float, end_s: float) -> list[float]:
    text = request.query_params.get("step", "60s")
    try:
        step_s = duration_s(text)
    except ValueError:
        raise _BadRequest(f"could not parse 'step' parameter: {text}") from None
    if step_s <= 0 or (end_s - start_s) / step_s > _STEPS_MAX:
        raise _BadRequest(
            "exceeded maximum resolution of 11,000 points per time series. "
            "Try increasing the value of the step parameter"
        )
    return [start_s + step_s * step for step in range(int((end_s - start_s) / step_s + 1e-9) + 1)]


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(_LIMIT_DEFAULT))
    limit = int(text) if text.isdigit() else 0
    if limit < 1:
        raise _BadRequest("limit must be a positive value")
    if limit > _LIMIT_MAX:
        raise _BadRequest(f"max entries limit per query exceeded, limit > max_entries_limit ({limit} > {_LIMIT_MAX})")
    return limit


def _unix(state: WorldState, at_s: float) -> float:
    return state.time(at_s).timestamp()


def _written(count: float) -> str:
    return f"{count:.6f}".rstrip("0").rstrip(".")
