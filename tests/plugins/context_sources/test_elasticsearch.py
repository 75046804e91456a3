"""Elasticsearch and OpenSearch: error lines by service, in the order of time."""

import json

import pytest

from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources.elasticsearch import Options, create

SEARCH = "https://es.test/logs-*/_search"


def options(**more):
    return Options.model_validate({"url": "https://es.test"} | more)


def hit(at_ms, source):
    return {"_index": "logs-app", "_id": str(at_ms), "_score": None, "_source": source, "sort": [at_ms]}


def answer(*hits):
    return {"took": 4, "timed_out": False, "hits": {"max_score": None, "hits": list(hits)}}


async def test_lines_of_a_service_are_evidence(env, question, fixture, respx_mock):
    respx_mock.post(SEARCH, json__sort=[{"@timestamp": {"order": "desc"}}]).respond(json=answer())
    asked = respx_mock.post(SEARCH, json__sort=[{"@timestamp": {"order": "asc"}}]).respond(
        json=fixture("elasticsearch_search")
    )

    (found,) = await create(env, options(user="elastic", page="https://kibana.test/?q={query}")).gather(question)

    body = json.loads(asked.calls.last.request.content)
    service, span, text = body["query"]["bool"]["filter"]
    assert (body["size"], body["_source"], service) == (
        5000,
        ["@timestamp", "message"],
        {"match_phrase": {"service.name": "mailer"}},
    )
    assert span == {"range": {"@timestamp": {"gte": 1795251600000, "lt": 1795252200000, "format": "epoch_millis"}}}
    assert text["query_string"]["query"].endswith(
        "message:(error OR exception OR fatal OR panic OR timeout OR refused OR denied OR failed OR exhausted)"
    )
    assert asked.calls.last.request.headers["authorization"].startswith("Basic ")
    assert found.data["lines"] == [[1795252140.0, "ERROR refused"], [1795252200.0, "ERROR smtp timeout"]]
    assert (found.source, found.title) == ("Elasticsearch", "Errors in the logs of mailer")
    assert found.link.startswith("https://kibana.test/?q=service.name%3A%22mailer%22%20AND%20%28")


async def test_fields_may_lie_deeper(env, question, respx_mock):
    line = hit(1795252200000, {"log": {"text": "boom"}})
    respx_mock.post(SEARCH, json__sort=[{"@timestamp": {"order": "desc"}}]).respond(json=answer())
    respx_mock.post(SEARCH, json__sort=[{"@timestamp": {"order": "asc"}}]).respond(
        json=answer(line, {"_source": {}, "sort": []})
    )

    (found,) = await create(env, options(message_field="log.text")).gather(question)

    assert found.data["lines"] == [[1795252200.0, "boom"]]


async def test_refusal_is_told_by_its_reason(env, respx_mock):
    said = {
        "error": {"root_cause": [], "type": "index_not_found_exception", "reason": "no such index [x]"},
        "status": 404,
    }
    respx_mock.post(SEARCH).respond(404, json=said)

    with pytest.raises(VendorRefused, match=r"HTTP 404 for POST .*: no such index \[x\]$"):
        await create(env, options()).check()
