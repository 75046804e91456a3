"""Reads the series behind an incident's alerts, and further ones of its services, from Prometheus.

API: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
"""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen, new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import promql
from incident_copilot.vendors.http import BaseUrl, Params, VendorHttp
from incident_copilot.vendors.together import ask_all

_POINTS = 400
_SHORTEST_STEP_S = 15
_ANSWER_BYTES = 8 * 1024 * 1024
_SERVICE_LABELS = ("service", "app", "job")
_BYTES = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))
_COMPARED = {">": "above", ">=": "from", "<": "below", "<=": "up to", "==": "at", "!=": "away from"}
_UNITS = (
    ("s", re.compile(r"_seconds|_duration(?!_ms)", re.IGNORECASE)),
    ("ms", re.compile(r"_ms\b|milliseconds", re.IGNORECASE)),
    ("B", re.compile(r"_bytes", re.IGNORECASE)),
    ("ratio", re.compile(r"ratio", re.IGNORECASE)),
    ("%", re.compile(r"percent", re.IGNORECASE)),
)


class ExtraQuery(Frozen):
    """A query asked for each service; `{service}` stands for its name, between double quotes.

    `unit` is one of s, ms, B, ratio, %, or any word that is written after the number.
    """

    title: str = Field(max_length=80)
    query: str = Field(max_length=2000)
    unit: str = ""


class Options(Frozen):
    """Where Prometheus (or Mimir, Thanos, VictoriaMetrics) answers; `public_url` is where people open it.

    `deadline_s` is for one query; by default it is a little under the deadline of the brief, so that a slow one does
    not lose the others.
    """

    url: BaseUrl
    public_url: BaseUrl | None = None
    extra_queries: tuple[ExtraQuery, ...] = Field(default=(), max_length=12)
    series_per_query: int = Field(default=8, ge=1, le=50)
    services: int = Field(default=8, ge=1, le=50)
    deadline_s: float | None = Field(default=None, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source; a secret is sent as a bearer token."""
    return Prometheus(env, options)


class Prometheus:
    """One Prometheus, asked for ranges."""

    finds = frozenset({EvidenceKind.METRIC})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = "Prometheus" if env.instance in {"", "prometheus"} else f"Prometheus {env.instance}"
        self._now, self._options = env.now, options
        headers = {"authorization": f"Bearer {env.secret}"} if env.secret else {}
        self._http = VendorHttp(env.http, self.name, options.url, options.deadline_s or env.request_deadline_s, headers)

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

    async def _look_up(self, ask: "_Ask", question: Question) -> list[Evidence]:
        condition = promql.condition(ask.expression)
        range_: Params = {"query": condition.query, **_grid(question)}
        answer = await self._http.get("api/v1/query_range", _Answer, range_, _ANSWER_BYTES)
        chosen = _chosen(answer.data.result, ask)[: self._options.series_per_query]
        return [self._evidence(ask, condition, series, question) for series in chosen if series.points()]

    def _evidence(self, ask: "_Ask", condition: promql.Condition, series: "_Series", question: Question) -> Evidence:
        points = series.points()
        unit = ask.unit or _unit(condition)
        now = self._now()
        return Evidence(
            id=new_id(now),
            incident_id=question.incident.id,
            source=self.name,
            kind=EvidenceKind.METRIC,
            title=_title(ask, series),
            summary=_summary(points, unit, condition, question),
            taken_at=now,
            link=self._link(condition.query, question),
            query=condition.query,
            data={
                "points": [list(point) for point in points],
                "unit": unit,
                "service": series.service() or ask.service,
                "threshold": condition.threshold,
                "comparison": condition.comparison,
            },
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

    def points(self) -> list[tuple[float, float]]:
        """Return the finite points; JSON knows no NaN."""
        return [(at, value) for at, value in self.values if math.isfinite(value)]

    def service(self) -> str | None:
        return next((self.metric[label] for label in _SERVICE_LABELS if label in self.metric), None)


class _Matrix(BaseModel):
    result: list[_Series]


class _Answer(BaseModel):
    data: _Matrix


def _grid(question: Question) -> dict[str, float]:
    """Return start, end and step of at most 400 points, the last one at the very end: how things are now."""
    span_s = (question.until - question.since).total_seconds()
    step = max(_SHORTEST_STEP_S, math.ceil(span_s / (_POINTS - 1)))
    end = question.until.timestamp()
    return {"start": end - span_s // step * step, "end": end, "step": step}


def _alert_asks(alerts: Sequence[Alert]) -> list[_Ask]:
    """Return one query per expression, however many alerts share it."""
    by_expression: dict[str, list[Alert]] = {}
    for alert in alerts:
        if alert.expression:
            by_expression.setdefault(alert.expression, []).append(alert)
    return [
        _Ask(sharing[0].name, expression, tuple(sharing), sharing[0].service)
        for expression, sharing in by_expression.items()
    ]


def _chosen(result: Sequence[_Series], ask: _Ask) -> list[_Series]:
    """Return the series the alerts are about, or all where none fits; those that moved most first."""
    about = [series for series in result if any(_fits(series.metric, alert.labels) for alert in ask.alerts)]
    return sorted(about or result, key=_movement, reverse=True)


def _fits(metric: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    shared = (metric.keys() & labels.keys()) - {"__name__", "alertname"}
    return bool(shared) and all(metric[label] == labels[label] for label in shared)


def _movement(series: _Series) -> float:
    values = [value for _, value in series.points()]
    return max(values) - min(values) if values else -1.0


def _title(ask: _Ask, series: _Series) -> str:
    service = series.service() or ask.service
    shown = {ask.service, service}
    others = [
        f"{label}={value}"
        for label, value in sorted(series.metric.items())
        if label in {"instance", "pod", "le", "quantile", "status", "code", "path", "method", "provider"}
        and value not in shown
    ]
    where = f" on {service}" if service and service not in ask.title else ""
    return f"{ask.title}{where}" + (f" ({', '.join(others[:3])})" if others else "")


def _summary(points: Sequence[tuple[float, float]], unit: str, condition: promql.Condition, question: Question) -> str:
    """Return one sentence: the newest value, the usual one of the window's first half, the highest, the threshold."""
    half = _middle(question.since, question.until)
    earlier = [value for at, value in points if at <= half]
    values = [value for _, value in points]
    told = [
        f"{_figure(values[-1], unit)} at {datetime.fromtimestamp(points[-1][0], tz=question.until.tzinfo):%H:%M} UTC"
    ]
    if earlier:
        told.append(
            f"{_figure(median(earlier), unit)} before {datetime.fromtimestamp(half, tz=question.until.tzinfo):%H:%M}"
        )
    told.append(f"highest {_figure(max(values), unit)}")
    if condition.comparison and condition.threshold is not None:
        told.append(f"the alert fires {_COMPARED[condition.comparison]} {_figure(condition.threshold, unit)}")
    return ", ".join(told) + "."


def _middle(since: datetime, until: datetime) -> float:
    return (since.timestamp() + until.timestamp()) / 2


def _unit(condition: promql.Condition) -> str:
    """Return what the names in the query suggest, or an empty text; a quotient held against up to 1 is a share."""
    if "/" in condition.query and condition.threshold is not None and 0 < condition.threshold <= 1:
        return "ratio"
    return next((unit for unit, pattern in _UNITS if pattern.search(condition.query)), "")


def _figure(value: float, unit: str) -> str:
    """Return the number for people, three digits long."""
    if unit == "ratio":
        value, unit = value * 100, "%"
    if unit == "B":
        unit, factor = next(((name, size) for name, size in _BYTES if abs(value) >= size), ("B", 1.0))
        value /= factor
    digits = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{digits} {unit}".strip()
