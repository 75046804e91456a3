"""Azure Monitor: a token once, then metrics of the resource of each service."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources.azure_monitor import Options, create

RESOURCE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/mailer"
METRICS = f"https://management.azure.com{RESOURCE}/providers/Microsoft.Insights/metrics"
SIGN_IN = "https://login.microsoftonline.com/acme.example/oauth2/v2.0/token"
TOKEN = {"token_type": "Bearer", "expires_in": 3599, "access_token": "tok"}


def options(**more):
    resource = {"id": RESOURCE, "metrics": ["Http5xx", "Requests"], "aggregation": "Total"}
    values = {"directory": "acme.example", "client": "app", "resources": {"mailer": resource}}
    return Options.model_validate(values | more)


async def test_metric_of_a_resource_is_evidence(env, question, fixture, respx_mock):
    signed_in = respx_mock.post(SIGN_IN).respond(json=TOKEN)
    asked = respx_mock.get(METRICS).respond(json=fixture("azure_monitor_metrics"))
    source = create(env, options())

    (found,) = await source.gather(question)
    await source.check()

    assert signed_in.call_count == 1
    assert parse_qs(signed_in.calls.last.request.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["app"],
        "client_secret": ["s3cret"],
        "scope": ["https://management.azure.com/.default"],
    }
    request = asked.calls[0].request
    assert request.headers["authorization"] == "Bearer tok"
    assert dict(request.url.params) == {
        "api-version": "2018-01-01",
        "metricnames": "Http5xx,Requests",
        "timespan": "2026-11-21T08:10:00Z/2026-11-21T09:10:00Z",
        "interval": "PT1M",
        "aggregation": "Total",
    }
    assert (found.title, found.data["service"]) == ("Http Server Errors on mailer", "mailer")
    assert found.data["points"] == [[1795249800.0, 1.0], [1795251900.0, 240.0]]
    assert found.data["labels"] == {"instance": "i-1"}


async def test_long_window_is_read_in_hours(env, question, respx_mock):
    respx_mock.post(SIGN_IN).respond(json=TOKEN)
    asked = respx_mock.get(METRICS).respond(json={"value": []})
    long = question.model_copy(update={"since": question.until - timedelta(days=30)})

    assert await create(env, options()).gather(long) == []

    assert asked.calls.last.request.url.params["interval"] == "PT1H"


async def test_token_is_fetched_anew_before_it_ends(env, question, respx_mock):
    signed_in = respx_mock.post(SIGN_IN).respond(json=TOKEN | {"expires_in": 60})
    respx_mock.get(METRICS).respond(json={"value": []})
    source = create(env, options())

    await source.check()
    await source.check()

    assert signed_in.call_count == 2


async def test_wrong_client_secret_is_named(env, respx_mock):
    respx_mock.post(SIGN_IN).respond(401, json={"error": "invalid_client"})

    with pytest.raises(VendorRefused, match=r"^Azure Monitor: HTTP 401 for POST .*: invalid_client$"):
        await create(env, options()).check()


async def test_service_without_a_resource_is_not_asked_about(env, question):
    other = question.model_copy(update={"services": ("search",)})

    assert await create(replace(env, instance="azure"), options()).gather(other) == []
