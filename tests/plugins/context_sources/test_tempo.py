"""Tempo: spans that fail or are slow, by operation."""

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorUnavailable
from incident_copilot.plugins.context_sources.tempo import Options, create

SEARCH = "http://tempo.test/api/search"
DURING, BEFORE = {"start": "1795251600"}, {"start": "1795248600"}


def options(**more):
    return Options.model_validate({"url": "http://tempo.test", "tenant": "shop"} | more)


def span(ms, **said):
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in said.items()]
    return {
        "spanID": "563d623c76514f8e",
        "startTimeUnixNano": "1795251700000000000",
        "durationNanos": str(ms * 1_000_000),
        "attributes": attributes,
    }


def trace(name, *spans):
    return {
        "traceID": f"trace-{name}",
        "rootServiceName": "frontend",
        "rootTraceName": name,
        "startTimeUnixNano": "1795251700000000000",
        "durationMs": 557,
        "spanSets": [{"spans": list(spans), "matched": len(spans)}],
    }


def answer(*traces):
    return {"traces": list(traces), "metrics": {"inspectedTraces": 100, "inspectedBytes": "0"}}


async def test_failing_and_slow_operations_are_counted_before_and_since(env, question, fixture, respx_mock):
    respx_mock.get(SEARCH, params__contains=BEFORE).respond(json=answer(trace("b", span(1100, name="POST /send"))))
    asked = respx_mock.get(SEARCH, params__contains=DURING).respond(json=fixture("tempo_search"))

    (found,) = await create(env, options(page="https://grafana.test/?q={query}")).gather(question)

    request = asked.calls.last.request
    assert dict(request.url.params) == {
        "q": '{ resource.service.name = "mailer" && (status = error || duration > 1000ms) } | select(name, status)',
        "start": "1795251600",
        "end": "1795252200",
        "limit": "100",
        "spss": "20",
    }
    assert request.headers["x-scope-orgid"] == "shop"
    assert (found.kind, found.source, found.title) == (
        EvidenceKind.TRACE,
        "Tempo",
        "Failing and slow requests of mailer",
    )
    assert found.data["spans"] == [
        {
            "service": "mailer",
            "operation": "POST /send",
            "failing": 2,
            "slow": 1,
            "before": 1,
            "slowest_ms": 1500.0,
            "trace": "trace-a",
        },
        {
            "service": "mailer",
            "operation": "GET /mails",
            "failing": 0,
            "slow": 1,
            "before": 0,
            "slowest_ms": 4200.0,
            "trace": "trace-GET /mails",
        },
    ]
    assert found.summary == (
        "mailer POST /send: 2 failing, 1 slow, 1 before, slowest 1.5 s; "
        "mailer GET /mails: 1 slow, none before, slowest 4.2 s."
    )
    assert found.link.startswith("https://grafana.test/?q=%7B%20resource.service.name")
    assert (found.data["split"], found.data["truncated"]) == (1795251600.0, False)


async def test_service_without_trouble_has_no_evidence(env, question, respx_mock):
    respx_mock.get(SEARCH).respond(json=answer())

    assert await create(env, options()).gather(question) == []


async def test_more_traces_than_asked_for_are_told(env, question, respx_mock):
    respx_mock.get(SEARCH).respond(json=answer(trace("", span(2000))))

    (found,) = await create(env, options(traces=1)).gather(question)

    assert (found.data["truncated"], found.data["spans"][0]["operation"]) == (True, "unnamed")


async def test_tempo_that_is_away_is_named(env, question, respx_mock):
    respx_mock.get(SEARCH).respond(503)

    with pytest.raises(VendorUnavailable, match=r"^Tempo: HTTP 503 for GET http://tempo.test/api/search$"):
        await create(env, options()).gather(question)


async def test_check_reads_the_tags(env, respx_mock):
    asked = respx_mock.get("http://tempo.test/api/search/tags").respond(json={"tagNames": ["service.name"]})

    await create(env, options()).check()

    assert asked.calls.last.request.headers["authorization"] == "Bearer s3cret"
