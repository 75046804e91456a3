"""Jaeger: spans that fail or are slow, and which calls among services fail."""

import pytest

from incident_copilot.errors import VendorUnavailable
from incident_copilot.plugins.context_sources.jaeger import Options, create

TRACES = "http://jaeger.test/api/traces"
PROCESSES = {"p1": {"serviceName": "mailer", "tags": []}, "p2": {"serviceName": "relay", "tags": []}}
NOTHING = {"data": [], "total": 0, "limit": 0, "offset": 0, "errors": None}


def options(**more):
    return Options.model_validate({"url": "http://jaeger.test"} | more)


def span(name, process, ms, parent=None, **tags):
    references = [{"refType": "CHILD_OF", "traceID": "t", "spanID": parent}] if parent else []
    return {
        "traceID": "t",
        "spanID": name,
        "operationName": f"op {name}",
        "references": references,
        "startTime": 1795251700000000,
        "duration": ms * 1000,
        "tags": [{"key": key.replace("__", "."), "type": "string", "value": value} for key, value in tags.items()],
        "logs": [],
        "processID": process,
    }


def answer(*spans):
    return NOTHING | {"data": [{"traceID": "t", "spans": list(spans), "processes": PROCESSES, "warnings": None}]}


async def test_failing_calls_between_services_are_evidence(env, question, fixture, respx_mock):
    respx_mock.get(TRACES, params__contains={"start": "1795248600000000"}).respond(json=NOTHING)
    asked = respx_mock.get(TRACES, params__contains={"start": "1795251600000000"}).respond(
        json=fixture("jaeger_traces")
    )

    (found,) = await create(env, options(public_url="https://jaeger.example")).gather(question)

    wanted = [dict(call.request.url.params) for call in asked.calls]
    assert sorted(one.get("tags", one.get("minDuration")) for one in wanted) == ["1000ms", '{"error":"true"}']
    assert [(row["service"], row["operation"], row["failing"], row["slow"]) for row in found.data["spans"]] == [
        ("mailer", "op root", 1, 0),
        ("relay", "op call", 1, 0),
        ("relay", "op wait", 0, 1),
    ]
    assert found.data["calls"] == [{"from": "mailer", "to": "relay", "failing": 1}]
    assert (found.query, found.link) == (
        "traces of mailer with errors, or over 1000 ms",
        "https://jaeger.example/search?service=mailer",
    )


async def test_span_of_an_unknown_process_is_kept(env, question, respx_mock):
    respx_mock.get(TRACES).respond(json=answer(span("odd", "p9", 5, "lost", error="true")))

    (found,) = await create(env, options(traces=1)).gather(question)

    assert [row["service"] for row in found.data["spans"]] == ["unknown"]
    assert (found.data["calls"], found.data["truncated"]) == ([], True)


async def test_jaeger_that_is_away_is_named(env, question, respx_mock):
    respx_mock.get(TRACES).respond(503)

    with pytest.raises(VendorUnavailable, match=r"^Jaeger: HTTP 503 for GET http://jaeger.test/api/traces$"):
        await create(env, options()).gather(question)


async def test_check_reads_the_services(env, respx_mock):
    asked = respx_mock.get("http://jaeger.test/api/services").respond(json={"data": ["mailer"]})

    await create(env, options()).check()

    assert asked.call_count == 1
