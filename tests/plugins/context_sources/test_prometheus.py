"""Prometheus: the series behind alerts, asked for without their threshold, told in numbers."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from pydantic import ValidationError

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorRefused, VendorUnavailable
from incident_copilot.plugins.context_sources.prometheus import ExtraQuery, Options, create
from incident_copilot.vendors.together import PartlyAnswered

RANGE = "http://prometheus.test/api/v1/query_range"


def options(**more):
    return Options(url="http://prometheus.test/", **more)


def answer(*series):
    result = [{"metric": labels, "values": values} for labels, values in series]
    return httpx.Response(200, json={"status": "success", "data": {"resultType": "matrix", "result": result}})


def values(*numbers):
    return [[1795249800 + 600 * place, str(number)] for place, number in enumerate(numbers)]


def with_expression(question, *expressions):
    alert = question.alerts[0]
    alerts = tuple(alert.model_copy(update={"expression": expression}) for expression in expressions)
    return question.model_copy(update={"alerts": alerts})


async def test_series_of_the_alert_is_read_without_its_threshold(env, question, fixture, respx_mock):
    asked = respx_mock.get(RANGE).respond(json=fixture("prometheus"))

    (found,) = await create(env, options()).gather(question)

    assert dict(asked.calls.last.request.url.params) == {
        "query": 'job:errors:ratio{service="mailer"}',
        "start": str(question.since.timestamp()),
        "end": str(question.until.timestamp()),
        "step": "15",
    }
    assert asked.calls.last.request.headers["authorization"] == "Bearer s3cret"
    assert found.data == {
        "points": [[1795249800, 0.004], [1795250400, 0.006], [1795251600, 0.1], [1795252200, 0.2]],
        "unit": "ratio",
        "service": "mailer",
        "labels": {"__name__": "job:errors:ratio", "service": "mailer", "instance": "m-1:80"},
        "threshold": 0.05,
        "comparison": ">",
    }


async def test_evidence_tells_level_and_threshold_in_one_sentence(env, question, fixture, respx_mock):
    respx_mock.get(RANGE).respond(json=fixture("prometheus"))

    (found,) = await create(env, options(public_url="https://prometheus.example")).gather(question)

    assert (found.kind, found.incident_id, found.source) == (EvidenceKind.METRIC, "inc", "Prometheus")
    assert found.title == "MailErrors on mailer (instance=m-1:80)"
    assert found.summary == "20 % at 09:10 UTC, 0.5 % before 08:40, highest 20 %, the alert fires above 5 %."
    assert found.query == 'job:errors:ratio{service="mailer"}'
    assert found.link == (
        "https://prometheus.example/graph?g0.expr=job%3Aerrors%3Aratio%7Bservice%3D%22mailer%22%7D"
        "&g0.tab=0&g0.range_input=60m&g0.end_input=2026-11-21+09%3A10%3A00"
    )


async def test_step_keeps_long_windows_under_400_points(env, question, respx_mock):
    asked = respx_mock.get(RANGE).mock(return_value=answer())
    week = question.model_copy(update={"since": question.until.replace(day=14)})

    assert await create(env, options()).gather(week) == []

    assert asked.calls.last.request.url.params["step"] == "1516"


async def test_last_point_is_at_the_end_of_the_window(env, question, respx_mock):
    asked = respx_mock.get(RANGE).mock(return_value=answer())
    odd = question.model_copy(update={"since": question.until - timedelta(seconds=100)})

    await create(env, options()).gather(odd)

    wanted, until = asked.calls.last.request.url.params, question.until.timestamp()
    assert (wanted["start"], wanted["end"], wanted["step"]) == (str(until - 90), str(until), "15")


async def test_week_before_of_what_alerts_measure_is_asked_for_where_wanted(env, question, respx_mock):
    def told(request):
        week = 7 * 86_400 if float(request.url.params["end"]) < question.until.timestamp() else 0
        points = [(at - week, "9" if week else value) for at, value in values(1, 2)]
        return answer(({"job": "a"}, points), *([] if week else [({"job": "new"}, points)]))

    respx_mock.get(RANGE).mock(side_effect=told)
    extra = ExtraQuery(title="load of {service}", query="load")

    found = await create(env, options(week_before=True, extra_queries=(extra,))).gather(with_expression(question, "x"))

    before = {(item.title, item.data["service"]): item.data.get("week_before") for item in found}
    assert before == {
        ("MailErrors", "a"): [[1795249800.0, 9.0], [1795250400.0, 9.0]],
        ("MailErrors on new", "new"): None,
        ("load of mailer", "a"): None,
        ("load of mailer on new", "new"): None,
    }


async def test_week_before_that_cannot_be_read_is_left_out(env, question, respx_mock):
    until = question.until.timestamp()
    respx_mock.get(RANGE).mock(
        side_effect=lambda request: (
            httpx.Response(400) if float(request.url.params["end"]) < until else answer(({"job": "a"}, values(1)))
        )
    )

    (found,) = await create(env, options(week_before=True)).gather(with_expression(question, "x"))

    assert "week_before" not in found.data


async def test_alerts_that_share_an_expression_are_asked_once(env, question, respx_mock):
    asked = respx_mock.get(RANGE).mock(return_value=answer())

    await create(env, options()).gather(with_expression(question, "up == 0", "up == 0", None))

    assert asked.call_count == 1


async def test_without_a_series_of_the_alert_all_are_shown_and_the_liveliest_first(env, question, respx_mock):
    still, lively = ({"job": "a"}, values(1, 1)), ({"job": "b"}, values(1, 9))
    respx_mock.get(RANGE).mock(return_value=answer(still, lively, ({"job": "empty"}, values("NaN"))))

    found = await create(env, options()).gather(with_expression(question, "x"))

    assert [evidence.data["service"] for evidence in found] == ["b", "a"]


async def test_number_of_series_is_bounded(env, question, respx_mock):
    respx_mock.get(RANGE).mock(return_value=answer(*(({"pod": str(pod)}, values(1)) for pod in range(20))))

    found = await create(env, options()).gather(with_expression(question, "x"))

    assert len(found) == 8


async def test_extra_queries_are_asked_for_each_service(env, question, respx_mock):
    asked = respx_mock.get(RANGE).mock(return_value=answer(({}, values(0.25, 3))))
    extra = ExtraQuery(title="p99 of {service}", query='p99{service="{service}"}', unit="s")
    both = question.model_copy(update={"alerts": (), "services": ("mailer", 'a"b')})

    found = await create(env, options(extra_queries=(extra,))).gather(both)

    assert [call.request.url.params["query"] for call in asked.calls] == [
        'p99{service="mailer"}',
        'p99{service="a\\"b"}',
    ]
    assert [evidence.title for evidence in found] == ["p99 of mailer", 'p99 of a"b']
    assert found[0].summary == "3 s at 08:40 UTC, 1.62 s before 08:40, highest 3 s."
    assert found[0].data["service"] == "mailer"


@pytest.mark.parametrize(
    ("expression", "value", "told"),
    [
        ("http_request_duration_seconds > 1", 0.25, "0.25 s"),
        ("latency_ms > 100", 250, "250 ms"),
        ("process_resident_memory_bytes > 1", 2_500_000_000, "2.5 GB"),
        ("heap_bytes > 1", 12, "12 B"),
        ("errors / requests > 0.01", 0.5, "50 %"),
        ("a / b > 20", 25, "25"),
        ("disk_used_percent > 90", 97, "97 %"),
        ("queue_length > 1000", 12345.6, "12,346"),
    ],
)
async def test_numbers_carry_the_unit_that_the_names_suggest(env, question, respx_mock, expression, value, told):
    respx_mock.get(RANGE).mock(return_value=answer(({}, [[1795252200, str(value)]])))

    (found,) = await create(env, options()).gather(with_expression(question, expression))

    assert found.summary.startswith(f"{told} at 09:10 UTC, highest {told}, the alert fires above ")


async def test_expression_without_a_plain_threshold_tells_none(env, question, respx_mock):
    respx_mock.get(RANGE).mock(return_value=answer(({}, values(1))))

    (found,) = await create(env, options()).gather(with_expression(question, "burn > (2 * 7)"))

    assert found.summary == "1 at 08:30 UTC, 1 before 08:40, highest 1."
    assert (found.data["threshold"], found.data["comparison"]) == (None, ">")


async def test_one_bad_expression_does_not_lose_the_others(env, question, respx_mock):
    respx_mock.get(RANGE, params={"query": "good"}).mock(return_value=answer(({}, values(1))))
    respx_mock.get(RANGE, params={"query": "bad("}).respond(400, json={"status": "error", "error": "parse error"})

    with pytest.raises(PartlyAnswered, match="parse error") as caught:
        await create(env, options()).gather(with_expression(question, "good", "bad("))

    assert [evidence.query for evidence in caught.value.found] == ["good"]


async def test_prometheus_that_is_away_is_named(env, question, respx_mock):
    respx_mock.get(RANGE).respond(503)

    with pytest.raises(VendorUnavailable, match=r"^Prometheus: HTTP 503 for GET http://prometheus.test/api"):
        await create(env, options()).gather(question)


async def test_answer_of_another_shape_is_refused(env, question, respx_mock):
    respx_mock.get(RANGE).respond(json={"status": "success", "data": {"resultType": "string"}})

    with pytest.raises(VendorRefused, match=r"data\.result: Field required"):
        await create(env, options()).gather(question)


@pytest.mark.parametrize(
    "expression", [None, "SELECT count(*) FROM Transaction WHERE error IS true", 'requests | where success == "false"']
)
async def test_incident_without_an_expression_of_promql_asks_nothing(env, question, expression):
    assert await create(env, options()).gather(with_expression(question, expression)) == []


@pytest.mark.parametrize(
    ("more", "sent"),
    [
        ({"tenant": "shop"}, {"authorization": "Bearer s3cret", "x-scope-orgid": "shop"}),
        ({"user": "12345"}, {"authorization": "Basic MTIzNDU6czNjcmV0"}),
        ({"header": "X-Api-Key"}, {"x-api-key": "s3cret"}),
    ],
)
async def test_secret_and_tenant_are_sent_as_the_server_wants_them(env, respx_mock, more, sent):
    asked = respx_mock.get("http://prometheus.test/api/v1/query", params={"query": "vector(1)"})
    asked.respond(json={"status": "success", "data": {"resultType": "vector", "result": []}})

    await create(env, options(**more)).check()

    headers = asked.calls.last.request.headers
    assert {
        name: headers.get(name) for name in ("authorization", "x-scope-orgid", "x-api-key") if name in headers
    } == sent


def test_second_instance_is_told_apart(env):
    names = [create(replace(env, instance=name, secret=None), options()).name for name in ("prometheus", "eu")]

    assert names == ["Prometheus", "Prometheus eu"]


def test_unknown_option_is_refused():
    with pytest.raises(ValidationError):
        options(timeout=3)


async def test_names_of_all_metrics_are_listed(env, respx_mock):
    listed = {"status": "success", "data": ["job:errors:ratio", "up"]}
    respx_mock.get("http://prometheus.test/api/v1/label/__name__/values").respond(json=listed)

    assert await create(env, options()).metric_names() == {"job:errors:ratio", "up"}


async def test_figures_are_the_values_of_a_query_as_they_are_now(env, respx_mock):
    samples = [
        {"metric": {"provider": "openai"}, "value": [1795249800, "0.25"]},
        {"metric": {}, "value": [1795249800, "NaN"]},
    ]
    told = {"status": "success", "data": {"resultType": "vector", "result": samples}}
    asked = respx_mock.get("http://prometheus.test/api/v1/query").respond(json=told)

    found = await create(env, options()).figures("sum(rate(x[5m]))")

    assert found == [({"provider": "openai"}, 0.25)]
    assert dict(asked.calls.last.request.url.params) == {"query": "sum(rate(x[5m]))"}
