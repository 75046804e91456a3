"""What is monitored: the AI systems of monitors.yaml, with their inputs, monitors and rules."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field, field_validator, model_validator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.rotation import zone_of

_METRIC = r"[a-z][a-z0-9_]*(?:\.[A-Za-z0-9_][A-Za-z0-9_:-]*)+"
_RULE = re.compile(
    rf"(?:(?P<measure>increase|decrease|unusual)\()?(?P<metric>{_METRIC})(?P<closed>\))?"
    r"\s*(?P<comparison>>=|<=|>|<)\s*(?P<bound>\d+(?:\.\d+)?)\s*(?P<unit>%|ms|s|m|h|d)?"
)
_UNITS = {None: 1.0, "%": 0.01, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
MetricName = Annotated[str, Field(pattern=rf"^{_METRIC}$", max_length=160)]


class Measure(StrEnum):
    """What of a metric is held against a bound: itself, how much it changed since the baseline, how unusual it is."""

    VALUE = ""
    INCREASE = "increase"
    DECREASE = "decrease"
    UNUSUAL = "unusual"


class Condition(NamedTuple):
    """A rule's expression taken apart; times are seconds, shares 0 to 1."""

    measure: Measure
    metric: str
    comparison: str
    bound: float

    def holds(self, value: float) -> bool:
        """Whether a value is beyond the bound."""
        return {
            ">": value > self.bound,
            ">=": value >= self.bound,
            "<": value < self.bound,
            "<=": value <= self.bound,
        }[self.comparison]

    @property
    def is_upper(self) -> bool:
        """Whether more is worse."""
        return self.comparison.startswith(">")


def condition(expression: str) -> Condition:
    """Return what an expression says, such as `performance.error_rate > 5%`, `increase(cost.usd) > 20%`.

    Raises:
        ValueError: it is no such expression; the text says what one looks like.
    """
    found = _RULE.fullmatch(expression.strip())
    if found is None or bool(found["measure"]) != bool(found["closed"]):
        raise ValueError(
            f"{expression!r} is no threshold; write metric, comparison and number, as in performance.error_rate > 5% "
            "or increase(cost.usd) > 20%"
        )
    bound = float(found["bound"]) * _UNITS[found["unit"]]
    return Condition(Measure(found["measure"] or ""), found["metric"], found["comparison"], bound)


def _expression(text: str) -> str:
    condition(text)
    return text


class Rule(Frozen):
    """A threshold. What is `info` is a weak signal: it alerts only beside another."""

    name: str = Field(pattern=r"^[A-Z][A-Za-z0-9]{0,62}$")
    expr: Annotated[str, AfterValidator(_expression)]
    severity: str = Field(default="warning", pattern=r"^(critical|warning|info)$")
    over_min: int = Field(default=15, ge=1, le=10_080)
    """Over the last minutes of what was observed."""


class Query(Frozen):
    """A Prometheus query whose answer is a metric; `by` is the label that names whom each series is about."""

    metric: MetricName
    query: str = Field(min_length=1, max_length=2000)
    by: str | None = Field(default=None, pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")


class ChosenMonitor(Frozen):
    """A monitor by the name of its module, with its own options."""

    monitor: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    options: dict[str, Any] = Field(default_factory=dict)


class MonitoredSystem(Frozen):
    """One AI system. `service` is its name in catalog.yaml (by default its own), `owner` the team that is told.

    Where no monitors are chosen all look on, as they are set up by themselves. `opentelemetry` are the labels by which
    the metrics of OpenTelemetry's conventions for generative AI are found; queries for all of them are made from it.
    `prometheus` is the instance of the context source that is asked, where there are several. Its days and weeks
    go by the clock of `zone`, an IANA name; by default that of the working hours.
    """

    name: str = Field(pattern=_NAME)
    service: str | None = None
    owner: str | None = None
    environment: str = "production"
    zone: Annotated[str, AfterValidator(zone_of)] | None = None
    window_h: float = Field(default=24.0, ge=1, le=168)
    baseline_days: float = Field(default=28.0, ge=1, le=90)
    level: float = Field(default=0.01, gt=0, le=0.1)
    prometheus: str | None = None
    every_min: int = Field(default=5, ge=1, le=60)
    queries: tuple[Query, ...] = Field(default=(), max_length=50)
    opentelemetry: dict[str, str] = Field(default_factory=dict)
    monitors: tuple[ChosenMonitor, ...] | None = None

    @model_validator(mode="after")
    def _baseline_is_longer(self) -> "MonitoredSystem":
        if self.baseline_days * 24 < 2 * self.window_h:
            raise ValueError("baseline_days must be at least twice window_h; make it longer")
        return self

    @property
    def window(self) -> timedelta:
        """What is looked at."""
        return timedelta(hours=self.window_h)

    @property
    def asks(self) -> tuple[Query, ...]:
        """All queries, OpenTelemetry's first."""
        return (*(of_opentelemetry(self.opentelemetry) if self.opentelemetry else ()), *self.queries)


class Monitored(Frozen):
    """Everything in monitors.yaml; without a file the copilot watches only itself."""

    systems: tuple[MonitoredSystem, ...] = Field(default=(), max_length=100)
    keep_days: int = Field(default=90, ge=1, le=730)

    @field_validator("systems")
    @classmethod
    def _have_names_of_their_own(cls, systems: tuple[MonitoredSystem, ...]) -> tuple[MonitoredSystem, ...]:
        names = [one.name for one in systems]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is there twice; give each system a name of its own")
        return systems


def of_opentelemetry(labels: dict[str, str]) -> tuple[Query, ...]:
    """Return queries for the client metrics of https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/.

    Names are those that OpenTelemetry's exporter gives them in Prometheus.
    """
    match = ",".join(f'{name}="{_quoted(value)}"' for name, value in sorted(labels.items()))
    took, used = "gen_ai_client_operation_duration_seconds", "gen_ai_client_token_usage"
    by = "gen_ai_provider_name"
    every = f"rate({took}_count{{{match}}}[5m])"
    failed = f'rate({took}_count{{{match},error_type!=""}}[5m])'
    return (
        Query(
            metric="performance.latency_p95_s",
            query=f"histogram_quantile(0.95, sum by (le) (rate({took}_bucket{{{match}}}[5m])))",
        ),
        Query(metric="performance.throughput_per_s", query=f"sum({every})"),
        Query(metric="performance.error_rate", query=f"(sum({failed}) or vector(0)) / sum({every})"),
        Query(metric="performance.requests", query=f"sum(increase({took}_count{{{match}}}[5m]))"),
        Query(
            metric="provider.availability",
            query=f"1 - (sum by ({by}) ({failed}) or 0 * sum by ({by}) ({every})) / sum by ({by}) ({every})",
            by=by,
        ),
        Query(
            metric="provider.latency_p95_s",
            query=f"histogram_quantile(0.95, sum by (le, {by}) (rate({took}_bucket{{{match}}}[5m])))",
            by=by,
        ),
        *(
            Query(
                metric=f"cost.tokens_{kind}",
                query=f'sum(increase({used}_sum{{{match},gen_ai_token_type="{kind}"}}[5m]))',
            )
            for kind in ("input", "output")
        ),
    )


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
