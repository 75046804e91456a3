"""VictoriaLogs: error lines by service, one JSON object a line."""

import json

import pytest

from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources.victorialogs import Options, create

QUERY = "http://vl.test/select/logsql/query"
ASK = '{service="{service}"} error'


def options(**more):
    return Options.model_validate({"url": "http://vl.test", "query": ASK} | more)


def body(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows) + "\n"


async def test_lines_of_a_service_are_evidence(env, question, fixture, respx_mock):
    respx_mock.get(QUERY, params__contains={"start": "1795248600000000000"}).respond(text="")
    asked = respx_mock.get(QUERY, params__contains={"start": "1795251600000000000"}).respond(
        text=body(*fixture("victorialogs_rows"))
    )

    (found,) = await create(env, options(account=3, project=0)).gather(question)

    request = asked.calls.last.request
    assert dict(request.url.params) == {
        "query": '{service="mailer"} error | fields _time, _msg | sort by (_time) limit 5000',
        "start": "1795251600000000000",
        "end": "1795252199999999999",
    }
    assert [request.headers[name] for name in ("accountid", "projectid", "authorization")] == [
        "3",
        "0",
        "Bearer s3cret",
    ]
    assert found.data["lines"] == [[1795252198.0, ""], [pytest.approx(1795252199.123456), "error: refused"]]
    assert found.query == '{service="mailer"} error'


async def test_healthy_time_is_read_newest_first(env, question, respx_mock):
    asked = respx_mock.get(QUERY).respond(text="")

    assert await create(env, options()).gather(question) == []

    assert sorted("_time desc" in call.request.url.params["query"] for call in asked.calls) == [False, True]


async def test_answer_of_another_shape_is_named_by_its_line(env, question, respx_mock):
    respx_mock.get(QUERY).respond(text="cannot parse query\n")

    with pytest.raises(VendorRefused, match=r"^VictoriaLogs: unexpected answer: line 1: Invalid JSON"):
        await create(env, options()).gather(question)


async def test_check_asks_for_one_line(env, respx_mock):
    asked = respx_mock.get(QUERY).respond(text="")

    await create(env, options()).check()

    assert asked.calls.last.request.url.params["query"] == "* | limit 1"
