"""The world of one drill: its alerts, and plugins that read and change it over HTTP in this process.

Nothing of it is real and nothing real is in it: its hosts exist in no name server, and its client reaches nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from incident_copilot.domain.alert import Alert, fingerprint_of
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.drill import LABEL, SOURCE, Conclusion, Drill, Offered, Played
from incident_copilot.errors import ConfigError, UnknownThing
from incident_copilot.plugins import Config, PluginInstance, Plugins, build, build_source
from incident_copilot.ports import Clock, ContextSource, Notified, SupervisedAction
from incident_copilot.sandbox.world import (
    Dispatch,
    ScenarioError,
    Webhook,
    World,
    generated,
    parsed_scenario,
    scenario_names,
    scenario_text,
)

BASE_URL = "http://drill.invalid/world"
METRICS = (
    ("requests per second of {service}", "job:http_requests:rate5m", "req/s"),
    ("p99 latency of {service}", "job:http_request_duration_seconds:p99", "s"),
    ("database pool in use of {service}", "db_pool_connections_in_use", ""),
    ("database connections used of {service}", "pg_connections_used:ratio", "ratio"),
    ("CPU usage of {service}", "container_cpu_usage:ratio", "ratio"),
    ("provider error ratio of {service}", "llm_request_errors:ratio", "ratio"),
)
_parsed = cache(parsed_scenario)


class Worlds:
    """Implements `ports.Drills` with the sandbox's scenarios."""

    def __init__(self, now: Clock) -> None:
        self._now = now

    def offered(self) -> Sequence[Offered]:
        """Return the scenarios that are shipped."""
        return tuple(_offered(name) for name in scenario_names())

    def named(self, name: str) -> Played:
        """Return a shipped scenario. Raises UnknownThing."""
        if name not in scenario_names():
            raise UnknownThing(f"there is no scenario {name}; take one of: {', '.join(scenario_names())}")
        return Played(name=name, text=scenario_text(name))

    def made(self, seed: int, *, rollback: bool = False) -> Played:
        """Return the scenario that a seed makes; with `rollback` one that a rollback heals."""
        text = generated(seed, rollback=rollback)
        return Played(name=_parsed(text).name, text=text)

    def read(self, text: str) -> Played:
        """Return a scenario of one's own. Raises ConfigError with a line per problem."""
        try:
            return Played(name=_parsed(text).name, text=text)
        except ScenarioError as error:
            raise ConfigError(str(error)) from error

    def world(self, drill: Drill) -> "DrillWorld":
        """Return the world of a drill as it stands now."""
        return DrillWorld(drill, self._now)


class DrillWorld:
    """Implements `ports.DrillWorld`: a function of the scenario, the start, and what was carried out in it."""

    def __init__(self, drill: Drill, now: Clock) -> None:
        self._drill = drill
        self._now = now
        self._scenario = _parsed(drill.text)
        done = [Dispatch.model_validate(one) for one in drill.done]
        self._world = World(self._scenario, drill.started_at, now=now, base_url=BASE_URL, dispatched=done)

    @property
    def conclusion(self) -> Conclusion:
        """What is really wrong."""
        truth = self._scenario.truth
        return Conclusion(
            cause=truth.cause.statement,
            culprit=truth.cause.object,
            service=truth.cause.service,
            herring=truth.red_herring.object,
            why_not=truth.red_herring.why_not,
            is_rollback=truth.cause.kind == "deploy",
        )

    @property
    def is_healed(self) -> bool:
        """Whether what was carried out has healed it by now."""
        return self._world.healed

    @property
    def next_at(self) -> datetime | None:
        """When its next alert fires or ends, None where nothing more comes by itself."""
        return self._world.next_at

    @property
    def done(self) -> tuple[dict[str, object], ...]:
        """What was carried out in it, as `Drill.done` keeps it."""
        return tuple(one.model_dump(mode="json") for one in self._world.dispatches)

    @cached_property
    def catalog(self) -> Catalog:
        """Its services and teams, without people: those are real."""
        known = self._scenario.catalog.model_dump(mode="json", exclude_none=True)
        teams = [{"name": team["name"]} for team in known["teams"]]
        return Catalog.model_validate({"services": known["services"], "teams": teams})

    @property
    def context_sources(self) -> Mapping[str, ContextSource]:
        """What reads it."""
        return self._plugins.context_sources

    @property
    def actions(self) -> Mapping[str, SupervisedAction]:
        """What changes it."""
        return self._plugins.actions

    def notified(self) -> Sequence[Notified]:
        """Return what its Alertmanager has sent by now, oldest first."""
        source = build_source(_CONFIG, SOURCE, self._http, self._now)
        made = [(one, source.parse(one.headers, json.dumps(self._marked(one)).encode())) for one in self._told()]
        return [
            Notified(
                key=f"{one.body['alerts'][0]['fingerprint']}:{one.body['status']}",
                delivery=delivery.model_copy(update={"alerts": tuple(map(self._own, delivery.alerts))}),
                body=json.dumps(one.body).encode(),
            )
            for one, delivery in made
        ]

    def _told(self) -> Sequence[Webhook]:
        return self._world.take_webhooks()

    def _marked(self, webhook: Webhook) -> dict[str, object]:
        alerts = [{**one, "labels": {**one["labels"], LABEL: self._drill.id}} for one in webhook.body["alerts"]]
        return {**webhook.body, "alerts": alerts}

    def _own(self, alert: Alert) -> Alert:
        """An alert of a drill is never the same as a real one, and leads nowhere."""
        fingerprint = fingerprint_of(SOURCE, alert.name, alert.labels)
        return alert.model_copy(update={"fingerprint": fingerprint, "source": SOURCE, "links": {}})

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        app = Starlette(routes=[Mount("/world", routes=self._world.routes())])
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), trust_env=False)

    @cached_property
    def _plugins(self) -> Plugins:
        pages = [{"name": page.name, "url": f"{BASE_URL}/status/{page.name}"} for page in self._scenario.status_pages]
        told = [_instance("context_sources", "statuspage", pages=pages)] if pages else []
        config = Config(instances=(*_CONFIG.instances[1:], *told))
        return build(config, self._http, self._now, {"TOKEN": "of-a-drill"})


def _offered(name: str) -> Offered:
    scenario = _parsed(scenario_text(name))
    return Offered(name=name, title=scenario.title, is_rollback=scenario.truth.cause.kind == "deploy")


def _instance(kind: str, plugin: str, name: str | None = None, **options: object) -> PluginInstance:
    given = {"kind": kind, "plugin": plugin, "name": name or plugin, "options": options}
    return PluginInstance.model_validate(given)


def _with_token(instance: PluginInstance) -> PluginInstance:
    return instance.model_copy(update={"secret_env": "TOKEN"})


_QUERIES = [
    {"title": title, "query": f'{metric}{{service="{{service}}"}}', "unit": unit} for title, metric, unit in METRICS
]
_CONFIG = Config(
    instances=(
        _instance("alert_sources", "alertmanager", SOURCE),
        _instance("context_sources", "prometheus", url=f"{BASE_URL}/prometheus", extra_queries=_QUERIES),
        _instance("context_sources", "loki", url=f"{BASE_URL}/loki"),
        _with_token(_instance("context_sources", "github_deploys", url=f"{BASE_URL}/github")),
        _with_token(_instance("actions", "github_workflow", url=f"{BASE_URL}/github")),
    )
)
