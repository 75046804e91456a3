"""CloudWatch Logs: error lines of a service's log group, forward in time."""

import json
from dataclasses import replace

import httpx
import pytest

from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources.cloudwatch_logs import Options, create

URL = "https://logs.eu-central-1.amazonaws.com/"


@pytest.fixture
def keys(env):
    return replace(env, secret="AKID:secret:token")


def options(**more):
    return Options.model_validate({"region": "eu-central-1"} | more)


class Events:
    """Answers as the service does: forward, a page at a time, some of them empty."""

    def __init__(self, *times_ms, page=2):
        self.times, self.page, self.asked = sorted(times_ms), page, []

    def __call__(self, request):
        body = json.loads(request.content)
        self.asked.append(body)
        within = [at for at in self.times if body["startTime"] <= at <= body["endTime"]]
        begin = int(body.get("nextToken", 0))
        # The first page holds nothing and is not the last: much was searched and nothing fitted.
        events = [] if begin == 0 else within[begin - 1 : begin - 1 + min(self.page, body["limit"])]
        upto = 1 if begin == 0 else begin + len(events)
        answer = {"events": [{"timestamp": at, "message": f"ERROR {at}", "eventId": "e"} for at in events]}
        return httpx.Response(200, json=answer | ({"nextToken": str(upto)} if upto <= len(within) else {}))


async def test_lines_of_a_log_group_are_evidence(keys, question, respx_mock):
    events = Events(1795250000000, 1795251700000, 1795251700001, 1795251700002)
    asked = respx_mock.post(URL).mock(side_effect=events)

    (found,) = await create(keys, options()).gather(question)

    assert {body["logGroupName"] for body in events.asked} == {"/ecs/mailer"}
    assert asked.calls.last.request.headers["x-amz-target"] == "Logs_20140328.FilterLogEvents"
    assert asked.calls.last.request.headers["x-amz-security-token"] == "token"
    assert [at for at, _ in found.data["lines"]] == [1795250000.0, 1795251700.0, 1795251700.001, 1795251700.002]
    assert found.summary == "Lines that match: 3 (0.3 a minute) since 09:00 UTC, 1 (0.02 a minute) before."
    assert found.link == (
        "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#logsV2:log-groups/log-group/"
        "$252Fecs$252Fmailer/log-events$3Fstart$3D1795248600000$26end$3D1795252200000"
    )


async def test_number_of_lines_is_bounded(keys, question, respx_mock):
    respx_mock.post(URL).mock(side_effect=Events(*range(1795251700000, 1795251700020), page=100))

    (found,) = await create(keys, options(lines_during=5)).gather(question)

    assert (len(found.data["lines"]), found.data["truncated"]) == (5, True)


async def test_endless_empty_pages_end(keys, question, respx_mock):
    asked = respx_mock.post(URL).respond(json={"events": [], "nextToken": "more"})

    assert await create(keys, options(groups={"mailer": "/aws/lambda/mail"})).gather(question) == []

    assert asked.call_count == 20
    assert json.loads(asked.calls.last.request.content)["logGroupName"] == "/aws/lambda/mail"


async def test_service_without_a_log_group_has_no_lines(keys, question, fixture, respx_mock):
    respx_mock.post(URL).respond(400, json=fixture("cloudwatch_logs_not_found"))

    assert await create(keys, options()).gather(question) == []


async def test_other_refusals_are_told(keys, question, respx_mock):
    respx_mock.post(URL).respond(400, json={"__type": "InvalidParameterException", "message": "bad pattern"})

    with pytest.raises(VendorRefused, match="InvalidParameterException: bad pattern"):
        await create(keys, options()).gather(question)


@pytest.mark.parametrize(("kind", "passes"), [("AccessDeniedException", True), ("UnrecognizedClientException", False)])
async def test_check_wants_a_key_that_is_right_and_no_further_rights(keys, respx_mock, kind, passes):
    respx_mock.post(URL).respond(400, json={"__type": kind, "message": "no"})
    source = create(keys, options())

    if passes:
        await source.check()
    else:
        with pytest.raises(VendorRefused, match=kind):
            await source.check()
