"""The plugins, unchanged, against the sandbox's world: what the demo shows is what they find."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from incident_copilot.domain.effect import RunAction
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.plugins import Config, PluginInstance, build
from incident_copilot.ports import Question
from incident_copilot.sandbox.world.scenario import load_scenario, scenario_names
from incident_copilot.sandbox.world.world import World

URL = "http://sandbox.test/world"
STARTED = datetime(2026, 11, 21, 9, 45, tzinfo=UTC)


class Clock:
    """Time that passes when told."""

    def __init__(self):
        self.time = STARTED + timedelta(seconds=5)

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def stage(clock):
    """Return a function: scenario name -> (world, plugins, question)."""
    instances = (
        PluginInstance(kind="alert_sources", plugin="alertmanager", name="am", secret_env="SECRET"),
        *(
            PluginInstance(kind="context_sources", plugin=plugin, name=plugin, options={"url": f"{URL}/{path}"})
            for plugin, path in (("prometheus", "prometheus"), ("loki", "loki"), ("github_deploys", "github"))
        ),
        PluginInstance(
            kind="actions",
            plugin="github_workflow",
            name="github_workflow",
            options={"url": f"{URL}/github"},
            secret_env="SECRET",
        ),
    )
    clients = []

    def set_up(name):
        world = World(load_scenario(name), started_at=STARTED, now=clock, base_url=URL)
        app = Starlette(routes=[Mount("/world", routes=world.routes())])
        clients.append(httpx.AsyncClient(transport=httpx.ASGITransport(app)))
        plugins = build(Config(instances=instances), clients[-1], clock, {"SECRET": "token"}, context_deadline_s=30)
        return world, plugins, question(world, plugins, clock())

    yield set_up
    for client in clients:
        await client.aclose()


def question(world, plugins, now):
    """Ask about everything in the catalogue, half an hour back."""
    source = plugins.alert_sources["am"]
    bodies = [json.dumps(webhook.body).encode() for webhook in world.take_webhooks()]
    alerts = [alert for body in bodies for alert in source.parse({}, body).alerts]
    services = world.scenario.catalog.services
    incident = Incident(
        id="inc",
        workspace_id="w",
        number=1,
        title=alerts[0].name,
        severity=Severity.P1,
        status=Status.OPEN,
        correlation_key="k",
        environment=alerts[0].environment,
        started_at=alerts[0].starts_at,
        opened_at=now,
    )
    return Question(
        incident=incident,
        alerts=tuple(alerts),
        services=tuple(service.name for service in services),
        repos={service.name: service.repo for service in services if service.repo},
        since=now - timedelta(minutes=30),
        until=now,
    )


async def gathered(plugins, asked):
    return {name: await source.gather(asked) for name, source in plugins.context_sources.items()}


@pytest.mark.parametrize("name", scenario_names())
async def test_every_scenario_gives_the_alerts_series_above_its_threshold(stage, name):
    _, plugins, asked = stage(name)

    found = await plugins.context_sources["prometheus"].gather(asked)

    assert found[0].data["service"] == asked.alerts[0].service
    assert found[0].data["points"][-1][1] > found[0].data["threshold"] > found[0].data["points"][0][1]


async def test_bad_deploy_is_found_with_its_diff_beside_the_red_herring(stage):
    _, plugins, asked = stage("bad_deploy")

    changes = {change.data["version"]: change for change in (await gathered(plugins, asked))["github_deploys"]}

    assert {"v2.31.0", "v5.8.1"} <= set(changes)
    assert "-  pool_size: 20\n+  pool_size: 4" in changes["v2.31.0"].data["diff"]
    assert changes["v2.31.0"].data["previous"] == "v2.30.4"


async def test_error_lines_are_complete_so_that_their_rate_is_right(stage, clock):
    _, plugins, asked = stage("bad_deploy")

    found = (await gathered(plugins, asked))["loki"]

    (lines,) = [log.data for log in found if log.data["service"] == "payments"]
    last_minute = [at for at, text in lines["lines"] if "QueuePool" in text and at >= clock().timestamp() - 60]
    assert lines["truncated"] is False
    assert 1230 <= len(last_minute) <= 1250


async def test_rollback_is_shown_started_found_again_and_heals(stage, clock):
    world, plugins, asked = stage("bad_deploy")
    action = plugins.actions["github_workflow"]
    params = {"service": "payments", "version": "v2.30.4", "repo": "acme/payments", "workflow": "rollback.yml"}
    approved = RunAction(
        proposal_id="p", version=1, action=action.name, params=params, key="key-1", approved_by=("U0BEN",)
    )

    shown = await action.dry_run(params)
    before = await action.find(approved, clock())
    started = await action.execute(approved)
    found = await action.find(approved, clock())
    clock.time += timedelta(seconds=30)
    healed = await plugins.context_sources["prometheus"].gather(asked.model_copy(update={"until": clock()}))

    assert shown.current.startswith("payments v2.31.0 is deployed to production")
    assert (before, started.ok, found.ok, found.link) == (None, True, True, started.link)
    assert [(run.inputs["service"], run.inputs["version"]) for run in world.dispatches] == [("payments", "v2.30.4")]
    assert healed[0].data["points"][-1][1] < healed[0].data["threshold"]
    assert (await action.dry_run(params)).current.startswith("payments v2.30.4 is deployed to production")
