"""Datadog: series of queries by service."""

from dataclasses import replace

import pytest

from incident_copilot.errors import ConfigError, VendorRefused
from incident_copilot.plugins.context_sources.datadog import Options, create

QUERY = "https://api.datadoghq.com/api/v1/query"
ASK = {"title": "Errors of {service}", "query": "sum:trace.http.request.errors{service:{service}}.as_rate()"}


@pytest.fixture
def keys(env):
    return replace(env, secret="api:application")


def options(**more):
    return Options.model_validate({"queries": [ASK]} | more)


async def test_series_of_a_query_is_evidence(keys, question, fixture, respx_mock):
    asked = respx_mock.get(QUERY).respond(json=fixture("datadog_series"))

    (found,) = await create(keys, options()).gather(question)

    request = asked.calls.last.request
    assert dict(request.url.params) == {
        "from": str(int(question.since.timestamp())),
        "to": str(int(question.until.timestamp())),
        "query": "sum:trace.http.request.errors{service:mailer}.as_rate()",
    }
    assert [request.headers[name] for name in ("dd-api-key", "dd-application-key")] == ["api", "application"]
    assert (found.source, found.title) == ("Datadog", "Errors of mailer (env:prod)")
    assert found.data == {
        "points": [[1795249800.0, 0.2], [1795249920.0, 4.5]],
        "unit": "s",
        "service": "mailer",
        "labels": {"service": "mailer", "env": "prod"},
        "threshold": None,
        "comparison": None,
    }


async def test_series_without_tags_or_points_is_no_trouble(keys, question, respx_mock):
    bare = {"scope": "*", "pointlist": [[1795249800000.0, 1]]}
    respx_mock.get(QUERY).respond(json={"status": "ok", "series": [bare, {"pointlist": []}]})

    (found,) = await create(keys, options()).gather(question)

    assert (found.title, found.data["labels"], found.data["unit"]) == ("Errors of mailer", {}, "")


async def test_query_that_datadog_does_not_understand_is_named(keys, question, respx_mock):
    respx_mock.get(QUERY).respond(json={"status": "error", "error": "Error parsing query"})

    with pytest.raises(VendorRefused, match=r"^Datadog: Error parsing query: sum:trace"):
        await create(keys, options()).gather(question)


async def test_reason_of_a_refusal_is_told(keys, respx_mock):
    respx_mock.get(QUERY).respond(403, json={"errors": ["Forbidden"]})

    with pytest.raises(VendorRefused, match=r"HTTP 403 for GET .*: Forbidden$"):
        await create(keys, options()).check()


@pytest.mark.parametrize(("secret", "told"), [(None, "set secret_env"), ("one", "write the secret as")])
def test_secret_is_two_keys(env, secret, told):
    with pytest.raises(ConfigError, match=told):
        create(replace(env, secret=secret), options())
