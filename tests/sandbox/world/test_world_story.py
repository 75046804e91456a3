"""The world as it unfolds: what Alertmanager sends, and how sources fail."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from incident_copilot.sandbox.world import Outage, Stage, World, load_scenario
from incident_copilot.sandbox.world.webhooks import fingerprint, rfc3339

RIGHT = {"service": "payments", "version": "v2.30.4"}


def alertnames(webhooks):
    return [(webhook.body["status"], webhook.body["groupLabels"]["alertname"]) for webhook in webhooks]


async def test_first_webhook_is_what_alertmanager_sends(bad_deploy):
    [webhook] = bad_deploy.world.take_webhooks()[:1]
    [alert] = webhook.body["alerts"]
    labels = {
        "alertname": "HighErrorRate",
        "cluster": "eu-1",
        "env": "production",
        "service": "checkout",
        "severity": "critical",
        "team": "payments",
    }
    annotations = {
        "dashboard": "http://127.0.0.1:8500/world/prometheus/graph?g0.expr=job%3Ahttp_errors%3Aratio%7Bservice%3D%22checkout%22%7D",
        "description": "checkout is failing 20% of requests (threshold 5%).",
        "summary": "High 5xx ratio on checkout",
    }

    assert webhook.headers == {"User-Agent": "Alertmanager/0.25.0", "Content-Type": "application/json"}
    assert {name: value for name, value in webhook.body.items() if name != "alerts"} == {
        "receiver": "copilot",
        "status": "firing",
        "groupLabels": {"alertname": "HighErrorRate", "service": "checkout"},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "http://127.0.0.1:8500/world/alertmanager",
        "version": "4",
        "groupKey": '{}:{alertname="HighErrorRate", service="checkout"}',
        "truncatedAlerts": 0,
    }
    assert alert == {
        "status": "firing",
        "labels": labels,
        "annotations": annotations,
        "startsAt": "2026-11-21T09:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://127.0.0.1:8500/world/prometheus/graph?g0.expr=job%3Ahttp_errors%3Aratio%7Bservice%3D%22checkout%22%7D+%3E+0.05&g0.tab=1",
        "fingerprint": fingerprint(labels),
    }


async def test_generator_url_holds_an_expression_that_answers(bad_deploy):
    [alert] = bad_deploy.world.take_webhooks()[1].body["alerts"]
    address = urlsplit(alert["generatorURL"])
    [expression] = parse_qs(address.query)["g0.expr"]

    answer = await bad_deploy.get("/prometheus/api/v1/query", query=expression)

    assert len(answer.json()["data"]["result"]) == 1


def test_fingerprint_is_prometheus_own():
    labels = {
        "alertname": "HighErrorRate",
        "cluster": "loopback",
        "env": "test",
        "service": "checkout",
        "severity": "critical",
        "team": "payments",
    }

    assert fingerprint(labels) == "c660ce4c0b83ca5b"


def test_times_are_printed_as_go_does():
    at = datetime(2026, 11, 21, 7, 54, 20, 119_000, UTC)

    assert [rfc3339(at), rfc3339(at.replace(microsecond=0))] == ["2026-11-21T07:54:20.119Z", "2026-11-21T07:54:20Z"]


async def test_webhooks_come_in_order_and_once(bad_deploy):
    world = bad_deploy.world
    bad_deploy.elapsed_s = 0

    assert alertnames(world.take_webhooks()) == [("firing", "HighErrorRate")]
    bad_deploy.elapsed_s = 24
    assert world.take_webhooks() == []
    bad_deploy.elapsed_s = 25
    assert alertnames(world.take_webhooks()) == [("firing", "PaymentsLatencyHigh")]
    bad_deploy.elapsed_s = 600
    assert world.take_webhooks() == []


async def test_alerts_resolve_once_the_world_has_healed(bad_deploy):
    world = bad_deploy.world
    fired = world.take_webhooks()
    await bad_deploy.dispatch("acme/payments", "rollback.yml", **RIGHT)
    bad_deploy.elapsed_s = 48
    assert world.take_webhooks() == []

    bad_deploy.elapsed_s = 49
    resolved = world.take_webhooks()

    assert alertnames(resolved) == [("resolved", "HighErrorRate"), ("resolved", "PaymentsLatencyHigh")]
    assert resolved[0].after_s == 49
    assert world.resolved_webhooks(bad_deploy.now()) == resolved
    assert world.resolved_webhooks(bad_deploy.now() - timedelta(seconds=1)) == []
    assert resolved[0].body["alerts"] == [
        {**fired[0].body["alerts"][0], "status": "resolved", "endsAt": "2026-11-21T09:00:49Z"}
    ]
    assert world.take_webhooks() == []


async def test_alert_that_has_not_fired_when_the_world_heals_never_does(bad_deploy):
    bad_deploy.elapsed_s = 10
    bad_deploy.world.take_webhooks()
    await bad_deploy.dispatch("acme/payments", "rollback.yml", **RIGHT)
    bad_deploy.elapsed_s = 300

    assert alertnames(bad_deploy.world.take_webhooks()) == [("resolved", "HighErrorRate")]
    assert alertnames(bad_deploy.world.resolved_webhooks(bad_deploy.now())) == [("resolved", "HighErrorRate")]


async def test_rollback_brings_errors_and_latency_back(bad_deploy):
    errors, latency = (alert.expr for alert in bad_deploy.world.scenario.alerts)
    before = (bad_deploy.world.value(errors), bad_deploy.world.value(latency))
    await bad_deploy.dispatch("acme/payments", "rollback.yml", **RIGHT)
    bad_deploy.elapsed_s += 20
    after = (bad_deploy.world.value(errors), bad_deploy.world.value(latency))

    assert (f"{before[0]:.0%}", f"{after[0]:.1%}") == ("20%", "0.4%")
    assert before[1] > 3
    assert after[1] < 0.3


async def test_world_that_recovers_by_itself_resolves_its_alerts(provider_outage):
    provider_outage.world.take_webhooks()
    provider_outage.elapsed_s = 2800

    assert provider_outage.world.healed
    assert len(provider_outage.world.take_webhooks()) == 2


async def test_world_knows_its_time(bad_deploy):
    assert bad_deploy.world.elapsed_s == 30
    assert bad_deploy.world.alert_at == datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_scenario_lists_all_webhooks_in_order():
    webhooks = load_scenario("bad_deploy").webhooks(datetime(2026, 11, 21, 9, 0, tzinfo=UTC), "http://x/world")

    assert [(webhook.after_s, webhook.body["alerts"][0]["startsAt"]) for webhook in webhooks] == [
        (0, "2026-11-21T09:00:00Z"),
        (25, "2026-11-21T09:00:25Z"),
    ]


def test_value_of_an_unknown_expression_is_refused(bad_deploy):
    with pytest.raises(ValueError, match="'nothing' selects no series of bad_deploy"):
        bad_deploy.world.value("nothing")


async def test_source_can_be_out_of_order(bad_deploy):
    bad_deploy.world.outages["loki"] = Outage(delay_s=0.01, status=503)

    loki = await bad_deploy.get("/loki/ready")
    github = await bad_deploy.get("/github/rate_limit")

    assert (loki.status_code, loki.text, github.status_code) == (503, "loki is out of order", 200)


async def test_stage_shows_one_world_after_another():
    stage = Stage()
    app = Starlette(routes=[Mount("/any/base", app=stage)])
    started_at = datetime.now(UTC)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1/any/base"
    ) as client:
        statuses = [(await client.get("/github/repos/acme/assistant")).status_code]
        for name in ("bad_deploy", "llm_provider_outage"):
            stage.show(World(load_scenario(name), started_at))
            statuses.append((await client.get("/github/repos/acme/assistant")).status_code)

    assert statuses == [404, 404, 200]


async def test_status_page_of_the_provider_reports_the_outage(provider_outage):
    summary = (await provider_outage.get("/status/openai/api/v2/summary.json")).json()
    status = (await provider_outage.get("/status/openai/api/v2/status.json")).json()

    assert summary["status"] == {"indicator": "major", "description": "Partial System Outage"}
    assert summary["components"] == [{"id": "c1", "name": "Chat Completions", "status": "partial_outage"}]
    assert [incident["name"] for incident in summary["incidents"]] == ["Elevated error rates across the API"]
    assert status["status"] == summary["status"]


@pytest.mark.parametrize("elapsed_s", [-61, 2700])
async def test_status_page_is_calm_before_and_after(provider_outage, elapsed_s):
    provider_outage.elapsed_s = elapsed_s

    status = (await provider_outage.get("/status/openai/api/v2/status.json")).json()
    unresolved = (await provider_outage.get("/status/openai/api/v2/incidents/unresolved.json")).json()

    assert status["status"] == {"indicator": "none", "description": "All Systems Operational"}
    assert unresolved["incidents"] == []


async def test_unknown_status_page_is_not_found(provider_outage):
    assert (await provider_outage.get("/status/other/api/v2/status.json")).status_code == 404
