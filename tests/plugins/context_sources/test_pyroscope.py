"""Pyroscope: which functions take more of a service's time than before."""

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorUnavailable
from incident_copilot.plugins.context_sources.pyroscope import Options, create

RENDER = "http://pyroscope.test/pyroscope/render"


def options(**more):
    return Options.model_validate({"url": "http://pyroscope.test", "tenant": "shop"} | more)


def graph(names, levels):
    return {"version": 1, "flamebearer": {"names": names, "levels": levels, "numTicks": 100, "maxSelf": 1}}


async def test_functions_whose_share_grew_most_come_first(env, question, fixture, respx_mock):
    healthy = graph(["total", "main", "smtp.send"], [[0, 100, 0, 0], [0, 100, 20, 1], [0, 80, 80, 2, 0, 5, 5, 9]])
    respx_mock.get(RENDER, params__contains={"from": "1795248600"}).respond(json=healthy)
    asked = respx_mock.get(RENDER, params__contains={"from": "1795251600"})
    asked.respond(json=fixture("pyroscope_render"))

    (found,) = await create(env, options(functions=2)).gather(question)

    request = asked.calls.last.request
    assert dict(request.url.params) == {
        "query": 'process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name="mailer"}',
        "from": "1795251600",
        "until": "1795252200",
        "format": "json",
        "max-nodes": "2048",
    }
    assert request.headers["x-scope-orgid"] == "shop"
    assert (found.kind, found.title) == (EvidenceKind.PROFILE, "Where mailer spends its time")
    assert found.summary == "json.dumps takes 41.0%, 0.0% before."
    assert found.data == {
        "service": "mailer",
        "type": "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
        "functions": [
            {"function": "json.dumps", "before": 0.0, "during": 0.41},
            {"function": "main", "before": 0.2, "during": 0.1},
        ],
    }


async def test_service_without_profiles_has_no_evidence(env, question, respx_mock):
    respx_mock.get(RENDER).respond(json=graph(["total"], [[0, 0, 0, 0]]))

    assert await create(env, options()).gather(question) == []


async def test_pyroscope_that_is_away_is_named(env, respx_mock):
    respx_mock.get(RENDER).respond(503)

    with pytest.raises(
        VendorUnavailable, match=r"^Pyroscope: HTTP 503 for GET http://pyroscope.test/pyroscope/render$"
    ):
        await create(env, options()).check()
