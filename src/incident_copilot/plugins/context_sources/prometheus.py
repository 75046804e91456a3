"""Reads the series behind an incident's alerts, and further ones of its services, from Prometheus.

Also from what answers as Prometheus does: Thanos, VictoriaMetrics (a cluster's `url` ends in /select/0/prometheus),
Mimir and Cortex (`tenant`; `url` ends in /prometheus), Grafana Cloud (`user` is the number of the stack).

API: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import promql, series
from incident_copilot.vendors.http import BaseUrl, Params
from incident_copilot.vendors.series import ExtraQuery, Found, Weekly
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.together import ask_all

_ANSWER_BYTES = 8 * 1024 * 1024
_UNITS = (
    ("s", re.compile(r"_seconds|_duration(?!_ms)", re.IGNORECASE)),
    ("ms", re.compile(r"_ms\b|milliseconds", re.IGNORECASE)),
    ("B", re.compile(r"_bytes", re.IGNORECASE)),
    ("ratio", re.compile(r"ratio", re.IGNORECASE)),
    ("%", re.compile(r"percent", re.IGNORECASE)),
)


class Options(ServerOptions, Weekly):
    """Where Prometheus (or Mimir, Thanos, VictoriaMetrics) answers; `public_url` is where people open it.

    `week_before` is asked of what the alerts measure, not of `extra_queries`.
    """

    public_url: BaseUrl | None = None
    extra_queries: tuple[ExtraQuery, ...] = Field(default=(), max_length=12)
    series_per_query: int = Field(default=8, ge=1, le=50)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return Prometheus(env, options)


class Prometheus:
    """One Prometheus, asked for ranges."""

    finds = frozenset({EvidenceKind.METRIC})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "prometheus", "Prometheus")
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per series: of each alert's expression, then of the extra queries by service."""
        asks = [*_alert_asks(question.alerts), *self._service_asks(question.services)]
        return await ask_all(self._look_up(ask, question) for ask in asks)

    def _service_asks(self, services: Sequence[str]) -> list["_Ask"]:
        return [
            _Ask(
                extra.title.replace("{service}", service), promql.filled(extra.query, service), (), service, extra.unit
            )
            for service in services[: self._options.services]
            for extra in self._options.extra_queries
        ]

    async def check(self) -> None:
        """Ask for the number one, which needs the right to query and no series."""
        await self._server.http.get("api/v1/query", _Status, {"query": "vector(1)"})

    async def metric_names(self) -> frozenset[str]:
        """Return the names of all metrics. Raises VendorError."""
        found = await self._server.http.get("api/v1/label/__name__/values", _Names, max_bytes=_ANSWER_BYTES)
        return frozenset(found.data)

    async def figures(self, query: str) -> Sequence[tuple[Mapping[str, str], float]]:
        """Return labels and value of each series as it is now; what is no number is left out."""
        answer = await self._server.http.get("api/v1/query", _Now, {"query": query}, _ANSWER_BYTES)
        return [(one.metric, one.value[1]) for one in answer.data.result if math.isfinite(one.value[1])]

    async def _look_up(self, ask: "_Ask", question: Question) -> list[Evidence]:
        condition = promql.condition(ask.expression)

        async def look(asked: Question) -> list[Found]:
            range_: Params = {"query": condition.query, **_grid(asked)}
            answer = await self._server.http.get("api/v1/query_range", _Answer, range_, _ANSWER_BYTES)
            return [self._found(ask, condition, one, question) for one in _about(answer.data.result, ask)]

        is_usual_wanted = self._options.week_before and bool(ask.alerts)
        found = await series.look_up(look, question, week_before=is_usual_wanted)
        chosen = series.liveliest(found, self._options.series_per_query)
        return [series.evidence(self._server, question, one) for one in chosen]

    def _found(self, ask: "_Ask", condition: promql.Condition, one: "_Series", question: Question) -> Found:
        return Found(
            title=_title(ask, one),
            points=series.finite(one.values),
            query=condition.query,
            unit=ask.unit or _unit(condition),
            service=ask.service,
            labels=one.metric,
            link=self._link(condition.query, question),
            threshold=condition.threshold,
            comparison=condition.comparison,
        )

    def _link(self, query: str, question: Question) -> str:
        minutes = math.ceil((question.until - question.since).total_seconds() / 60)
        graph = {
            "g0.expr": query,
            "g0.tab": 0,
            "g0.range_input": f"{minutes}m",
            "g0.end_input": f"{question.until:%Y-%m-%d %H:%M:%S}",
        }
        return f"{self._options.public_url or self._options.url}/graph?{urlencode(graph)}"


class _Ask(NamedTuple):
    """A query, for whom, and the alerts it comes from."""

    title: str
    expression: str
    alerts: tuple[Alert, ...]
    service: str | None
    unit: str = ""


class _Series(BaseModel):
    """One series of a matrix: (epoch seconds, value) each."""

    metric: dict[str, str]
    values: list[tuple[float, float]]


class _Matrix(BaseModel):
    result: list[_Series]


class _Answer(BaseModel):
    data: _Matrix


class _Names(BaseModel):
    data: list[str]


class _Sample(BaseModel):
    metric: dict[str, str]
    value: tuple[float, float]


class _Vector(BaseModel):
    result: list[_Sample]


class _Now(BaseModel):
    data: _Vector


class _Status(BaseModel):
    status: str


def _grid(question: Question) -> dict[str, float]:
    """Return start, end and step of at most 400 points, the last one at the very end: how things are now."""
    span_s = (question.until - question.since).total_seconds()
    step = series.step_s(question)
    end = question.until.timestamp()
    return {"start": end - span_s // step * step, "end": end, "step": step}


def _alert_asks(alerts: Sequence[Alert]) -> list[_Ask]:
    """Return one query per expression, however many alerts share it; those in other languages are left out."""
    by_expression: dict[str, list[Alert]] = {}
    for alert in alerts:
        if alert.expression and promql.is_promql(alert.expression):
            by_expression.setdefault(alert.expression, []).append(alert)
    return [
        _Ask(sharing[0].name, expression, tuple(sharing), sharing[0].service)
        for expression, sharing in by_expression.items()
    ]


def _about(result: Sequence[_Series], ask: _Ask) -> Sequence[_Series]:
    """Return the series the alerts are about, or all where none fits."""
    return [one for one in result if any(_fits(one.metric, alert.labels) for alert in ask.alerts)] or result


def _fits(metric: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    shared = (metric.keys() & labels.keys()) - {"__name__", "alertname"}
    return bool(shared) and all(metric[label] == labels[label] for label in shared)


def _title(ask: _Ask, one: _Series) -> str:
    service = series.service_of(one.metric) or ask.service
    shown = {ask.service, service}
    others = [
        f"{label}={value}"
        for label, value in sorted(one.metric.items())
        if label in {"instance", "pod", "le", "quantile", "status", "code", "path", "method", "provider"}
        and value not in shown
    ]
    where = f" on {service}" if service and service not in ask.title else ""
    return f"{ask.title}{where}" + (f" ({', '.join(others[:3])})" if others else "")


def _unit(condition: promql.Condition) -> str:
    """Return what the names in the query suggest, or an empty text; a quotient held against up to 1 is a share."""
    if "/" in condition.query and condition.threshold is not None and 0 < condition.threshold <= 1:
        return "ratio"
    return next((unit for unit, pattern in _UNITS if pattern.search(condition.query)), "")
