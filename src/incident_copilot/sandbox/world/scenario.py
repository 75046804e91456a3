"""A scenario: one YAML file that describes an incident, the world around it, and the right conclusion."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from incident_copilot.sandbox.world import promql
from incident_copilot.sandbox.world.catalog import Catalog, as_yaml
from incident_copilot.sandbox.world.changes import Deploy, Remedy
from incident_copilot.sandbox.world.logs import LogSource
from incident_copilot.sandbox.world.series import Series
from incident_copilot.sandbox.world.spec import Spec
from incident_copilot.sandbox.world.tokens import QueryProblem
from incident_copilot.sandbox.world.webhooks import AlertRule, Webhook, firing

SCENARIOS = Path(__file__).parent.parent / "scenarios"

_FIXES = {
    "missing": "add it",
    "extra_forbidden": "remove it, or correct the spelling",
    "finite_number": "write a plain number",
}
_EXAMPLE = "compare with scenarios/bad_deploy.yaml"


class ScenarioError(ValueError):
    """A scenario that cannot be used; the message has a line per problem: file, field, what to do."""


class Cause(Spec):
    """What is really wrong; `object` is a version, a job, a provider or an outside event."""

    kind: Literal["deploy", "saturation", "provider", "external"]
    object: str
    service: str
    statement: str


class RedHerring(Spec):
    """What looks guilty and is not; `why_not` is what gives it away."""

    object: str
    service: str
    why_not: str


class Truth(Spec):
    """The right conclusion, for tests and evals; the bot never sees it."""

    onset_s: float
    cause: Cause
    red_herring: RedHerring


class StatusIncident(Spec):
    """An incident on a provider's status page, from `at_s` until the world recovers by itself."""

    name: str
    impact: Literal["minor", "major", "critical"]
    at_s: float
    body: str


class StatusPage(Spec):
    """The public status page of a provider, in the shape of Atlassian Statuspage."""

    name: str
    component: str
    incidents: tuple[StatusIncident, ...] = ()


class Scenario(Spec):
    """An incident and its world. `labels` are on every alert, series and log stream."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    description: str
    truth: Truth
    labels: dict[str, str] = Field(default_factory=dict)
    catalog: Catalog
    alerts: tuple[AlertRule, ...] = Field(min_length=1)
    series: tuple[Series, ...]
    logs: tuple[LogSource, ...] = ()
    deploys: tuple[Deploy, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    recovers_after_s: float | None = None
    status_pages: tuple[StatusPage, ...] = ()

    @field_validator("alerts")
    @classmethod
    def _first_alert_is_time_zero(cls, alerts: tuple[AlertRule, ...]) -> tuple[AlertRule, ...]:
        if alerts[0].after_s != 0:
            raise ValueError("the first alert is time zero; give it after_s: 0")
        return alerts

    @model_validator(mode="after")
    def _everything_named_exists(self) -> Self:
        for where, name, known in self._references():
            if name not in known:
                raise ValueError(f"{where} names {name}, which is not in the catalog; add it there")
        for series in self.series:
            for expression in series.expressions:
                _parsed(expression)
        for number, alert in enumerate(self.alerts):
            if not self.series_of(alert.expr):
                raise ValueError(f"alerts.{number}.expr selects no series; add it to `series`")
        return self

    def series_of(self, expression: str) -> list[Series]:
        """Return the series that the expression selects. Raises ValueError if it cannot be read."""
        query = _parsed(expression)
        return [series for series in self.series if query.selects(series, self.labels_of(series))]

    def labels_of(self, part: Series | LogSource) -> dict[str, str]:
        """Return all labels of a series or log source, without the metric's name."""
        own = {"service": part.service, "level": part.level} if isinstance(part, LogSource) else {}
        return {**self.labels, **own, **part.labels}

    def webhooks(self, started_at: datetime, base_url: str) -> list[Webhook]:
        """Return what Alertmanager sends when the first alert fires at `started_at`, in order."""
        due = [
            firing(alert, self.labels, started_at + timedelta(seconds=alert.after_s), base_url) for alert in self.alerts
        ]
        return sorted(due, key=lambda webhook: webhook.after_s)

    def alerts_due(self, elapsed_s: float) -> list[AlertRule]:
        """Return the alerts that have fired so many seconds after the first."""
        return [alert for alert in self.alerts if alert.after_s <= elapsed_s]

    def catalog_yaml(self) -> str:
        """Return the catalogue as the text of a `catalog.yaml`."""
        return as_yaml([self.catalog])

    def _references(self) -> Iterator[tuple[str, str, set[str]]]:
        """Yield where something is named, its name, and the names that exist."""
        services = {service.name for service in self.catalog.services}
        teams = {team.name for team in self.catalog.teams}
        repos = {service.repo for service in self.catalog.services if service.repo is not None}
        for service in self.catalog.services:
            yield f"catalog service {service.name}", service.team, teams
            for upstream in service.depends_on:
                yield f"catalog service {service.name}", upstream, services
        for source in self.logs:
            yield "logs", source.service, services
        for deploy in self.deploys:
            yield f"deploy {deploy.version}", deploy.repo, repos
        for remedy in self.remedies:
            yield f"remedy {remedy.workflow}", remedy.repo, repos


def scenario_names() -> list[str]:
    """Return the names of the scenarios that are shipped."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def load_scenario(name: str | Path) -> Scenario:
    """Return a shipped scenario by name, or one of your own by path.

    Raises ScenarioError naming file, field and fix.
    """
    path = Path(name)
    return parsed_scenario(_read(path), path) if path.suffix else _shipped(str(name))


@cache
def _shipped(name: str) -> Scenario:
    path = SCENARIOS / f"{name}.yaml"
    return parsed_scenario(_read(path), path)


def scenario_text(name: str) -> str:
    """Return the text of a shipped scenario."""
    return _read(SCENARIOS / f"{name}.yaml")


def parsed_scenario(text: str, path: Path = Path("scenario.yaml")) -> Scenario:
    """Return the scenario that a text describes; `path` is where people look for it.

    Raises ScenarioError naming file, field and fix.
    """
    try:
        return Scenario.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: not YAML: {error}; correct that line") from None
    except ValidationError as error:
        problems = (_problem(path, dict(detail)) for detail in error.errors())
        raise ScenarioError("\n".join(problems)) from None


def merged_catalog_yaml(scenarios: list[Scenario]) -> str:
    """Return one `catalog.yaml` for several scenarios, so that one bot serves all of their worlds."""
    return as_yaml(scenario.catalog for scenario in scenarios)


def _parsed(expression: str) -> promql.Query:
    try:
        return promql.parse(expression)
    except QueryProblem as problem:
        raise ValueError(f"cannot read {expression!r}: {problem}; correct it") from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        known = ", ".join(scenario_names())
        raise ScenarioError(f"{path}: {error.strerror}; give a path or one of: {known}") from None


def _problem(path: Path, detail: dict[str, Any]) -> str:
    field = ".".join(str(part) for part in detail["loc"]) or "scenario"
    problem = str(detail["msg"]).removeprefix("Value error, ")
    fix = "" if detail["type"] == "value_error" else f"; {_FIXES.get(detail['type'], _EXAMPLE)}"
    return f"{path}: {field}: {problem}{fix}"
