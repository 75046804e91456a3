"""Loki: error lines before the trouble and since, complete within the window that is told."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorRefused, VendorUnavailable
from incident_copilot.plugins.context_sources.loki import Options, create

RANGE = "http://loki.test/loki/api/v1/query_range"
QUERY = '{service="{service}"} |= "x"'


def options(**more):
    return Options(url="http://loki.test", query=QUERY, **more)


class Lines:
    """Answers as Loki does, from lines at whole seconds; counts what it is asked."""

    def __init__(self, *seconds):
        self.seconds, self.asked = sorted(seconds), []

    def __call__(self, request):
        wanted = request.url.params
        start, end = int(wanted["start"]), int(wanted["end"])
        found = [second for second in self.seconds if start <= second * 10**9 < end]
        if wanted["direction"] == "backward":
            found.reverse()
        self.asked.append((wanted["direction"], int(wanted["limit"])))
        values = [[str(second * 10**9), f"line {second}"] for second in found[: int(wanted["limit"])]]
        return httpx.Response(
            200, json={"data": {"resultType": "streams", "result": [{"stream": {}, "values": values}]}}
        )


def seconds(at, *offsets):
    return [int(at.timestamp()) + offset for offset in offsets]


async def test_lines_of_all_streams_come_in_order_of_time(env, question, fixture, respx_mock):
    nothing = {"data": {"result": []}}
    respx_mock.get(RANGE, params={"direction": "backward"}).respond(json=nothing)
    respx_mock.get(RANGE, params={"direction": "forward"}).respond(json=fixture("loki"))

    (found,) = await create(env, options()).gather(question)

    assert found.data == {
        "lines": [
            [1795252200.0, "ERROR smtp timeout after 31 s"],
            [1795252230.0, "WARN giving up: connection refused"],
            [1795252260.0, "ERROR smtp timeout after 30 s"],
        ],
        "truncated": False,
        "service": "mailer",
        "since": question.since.timestamp(),
        "until": question.until.timestamp(),
    }
    assert (found.kind, found.source, found.title) == (EvidenceKind.LOG, "Loki", "Errors in the logs of mailer")
    assert found.summary == "Lines that match: 3 (0.3 a minute) since 09:00 UTC, none before."
    assert found.query == '{service="mailer"} |= "x"'


async def test_healthy_time_ends_five_minutes_before_the_alert(env, question, respx_mock):
    asked = respx_mock.get(RANGE).mock(side_effect=Lines())
    split = question.alerts[0].starts_at - timedelta(minutes=5)

    assert await create(env, options()).gather(question) == []

    windows = {call.request.url.params["direction"]: call.request.url.params for call in asked.calls}
    edges = [(int(windows[way]["start"]), int(windows[way]["end"])) for way in ("backward", "forward")]
    assert edges == [
        (seconds(question.since, 0)[0] * 10**9, seconds(split, 0)[0] * 10**9),
        (seconds(split, 0)[0] * 10**9, seconds(question.until, 0)[0] * 10**9),
    ]


async def test_more_than_a_page_is_read_page_by_page(env, question, respx_mock):
    lines = Lines(*seconds(question.since, *range(5)), *seconds(question.until, *range(-7, 0)))
    respx_mock.get(RANGE).mock(side_effect=lines)

    (found,) = await create(env, options(page_size=3)).gather(question)

    assert [at for at, _ in found.data["lines"]] == lines.seconds
    assert found.data["truncated"] is False
    assert sorted(lines.asked) == [("backward", 3)] * 2 + [("forward", 3)] * 3


async def test_too_many_lines_are_complete_within_the_time_that_is_told(env, question, respx_mock):
    lines = Lines(*seconds(question.since, 0, 60, 120), *seconds(question.until, *range(-500, -400)))
    respx_mock.get(RANGE).mock(side_effect=lines)

    (found,) = await create(env, options(lines_before=2, lines_during=50)).gather(question)

    assert found.data["truncated"] is True
    assert (found.data["since"], found.data["until"]) == tuple(
        seconds(question.since, 60) + seconds(question.until, -451)
    )
    assert [at for at, _ in found.data["lines"]] == lines.seconds[1:53]
    assert (
        found.summary
        == "Lines that match: more than 50 (20 a minute) since 09:00 UTC, more than 2 (0.041 a minute) before."
    )


async def test_page_that_ends_exactly_with_the_lines_is_the_last(env, question, respx_mock):
    lines = Lines(*seconds(question.since, 1, 2), *seconds(question.until, -2, -1))
    respx_mock.get(RANGE).mock(side_effect=lines)

    (found,) = await create(env, options(page_size=2)).gather(question)

    assert (len(found.data["lines"]), found.data["truncated"]) == (4, False)


async def test_text_is_bounded_too(env, question, respx_mock):
    lines = Lines(*seconds(question.until, *range(-200, 0)))
    respx_mock.get(RANGE).mock(side_effect=lines)

    (found,) = await create(env, options(characters=1000, page_size=10)).gather(question)

    assert (len(found.data["lines"]), found.data["truncated"]) == (40, True)


async def test_long_lines_are_cut(env, question, respx_mock):
    stream = {"stream": {}, "values": [["1795252200000000000", "x" * 5000 + "\x00"]]}
    respx_mock.get(RANGE, params={"direction": "backward"}).respond(json={"data": {"result": []}})
    respx_mock.get(RANGE, params={"direction": "forward"}).respond(json={"data": {"result": [stream]}})

    (found,) = await create(env, options()).gather(question)

    assert found.data["lines"] == [[1795252200.0, "x" * 999 + "…"]]


async def test_alert_older_than_the_window_leaves_no_healthy_time(env, question, respx_mock):
    old = question.alerts[0].model_copy(update={"starts_at": question.since - timedelta(days=1)})
    asked = respx_mock.get(RANGE).mock(side_effect=Lines())

    await create(env, options()).gather(question.model_copy(update={"alerts": (old,)}))

    assert [call.request.url.params["direction"] for call in asked.calls] == ["forward"]


async def test_link_leads_to_the_page_that_shows_the_query(env, question, respx_mock):
    respx_mock.get(RANGE).mock(side_effect=Lines(*seconds(question.until, -1)))
    page = "https://grafana.example/explore?expr={query}&from={since_ms}&to={until_ms}"

    (found,) = await create(env, options(page=page)).gather(question)

    assert found.link == (
        "https://grafana.example/explore?expr=%7Bservice%3D%22mailer%22%7D%20%7C%3D%20%22x%22"
        "&from=1795248600000&to=1795252200000"
    )


async def test_secret_and_tenant_are_sent(env, question, respx_mock):
    asked = respx_mock.get(RANGE).mock(side_effect=Lines())

    await create(env, options(tenant="shop")).gather(question)
    await create(replace(env, secret=None), options()).gather(question)

    with_both, without = asked.calls[0].request.headers, asked.calls[-1].request.headers
    assert (with_both["authorization"], with_both["x-scope-orgid"]) == ("Bearer s3cret", "shop")
    assert {"authorization", "x-scope-orgid"} & set(without) == set()


async def test_loki_that_is_away_is_named(env, question, respx_mock):
    respx_mock.get(RANGE).mock(side_effect=httpx.ConnectError("refused"))

    with pytest.raises(VendorUnavailable, match=r"^Loki eu: cannot connect for GET http://loki.test/"):
        await create(replace(env, instance="eu"), options()).gather(question)


async def test_query_that_loki_refuses_is_told_with_its_reason(env, question, respx_mock):
    respx_mock.get(RANGE).respond(400, text="parse error at line 1, col 3")

    with pytest.raises(VendorRefused, match="parse error at line 1, col 3"):
        await create(env, options()).gather(question)


async def test_check_reads_the_labels_with_the_secret(env, respx_mock):
    asked = respx_mock.get("http://loki.test/loki/api/v1/labels").respond(
        json={"status": "success", "data": ["service"]}
    )

    await create(env, options()).check()

    assert asked.calls.last.request.headers["authorization"] == "Bearer s3cret"
