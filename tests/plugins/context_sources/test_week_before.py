"""What is usual at this hour of the week, from the sources whose metrics the operators name."""

import json
from dataclasses import replace
from datetime import datetime

import httpx
import pytest

from incident_copilot.plugins.context_sources import azure_monitor, cloudwatch, datadog

WEEK_S = 7 * 86_400
RESOURCE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/mailer"


def of_datadog(request, value):
    since = float(request.url.params["from"])
    series = [{"scope": "service:mailer", "pointlist": [[since * 1000, value]]}]
    return since, {"status": "ok", "series": series}


def of_cloudwatch(request, value):
    since = json.loads(request.content)["StartTime"]
    return since, {"MetricDataResults": [{"Id": "m0", "Timestamps": [since], "Values": [value]}]}


def of_azure(request, value):
    if "timespan" not in request.url.params:
        return None, {"token_type": "Bearer", "expires_in": 3599, "access_token": "tok"}
    text = request.url.params["timespan"].partition("/")[0]
    since = datetime.fromisoformat(text).timestamp()
    lines = [{"data": [{"timeStamp": text, "average": value}]}]
    return since, {"value": [{"name": {"value": "Http5xx"}, "unit": "Count", "timeseries": lines}]}


every_source = pytest.mark.parametrize(
    ("plugin", "options", "body"),
    [
        (
            datadog,
            {"queries": [{"title": "Errors of {service}", "query": "sum:errors{service:{service}}"}]},
            of_datadog,
        ),
        (
            cloudwatch,
            {"region": "eu-central-1", "metrics": [{"title": "CPU", "namespace": "AWS/ECS", "metric": "CPU"}]},
            of_cloudwatch,
        ),
        (
            azure_monitor,
            {"directory": "d", "client": "c", "resources": {"mailer": {"id": RESOURCE, "metrics": ["Http5xx"]}}},
            of_azure,
        ),
    ],
    ids=["datadog", "cloudwatch", "azure_monitor"],
)


def answers(body, question, earlier):
    """Answer 5 of now, and of the week before what `earlier` makes of the body."""

    def answer(request):
        since, _ = body(request, 0)
        is_now = since is None or since == question.since.timestamp()
        return httpx.Response(200, json=body(request, 5)[1]) if is_now else earlier(body(request, 3)[1])

    return answer


@every_source
async def test_same_hours_of_the_week_before_are_at_the_times_of_now(env, question, respx_mock, plugin, options, body):
    respx_mock.route().mock(side_effect=answers(body, question, lambda told: httpx.Response(200, json=told)))
    source = plugin.create(
        replace(env, secret="id:key"), plugin.Options.model_validate(options | {"week_before": True})
    )

    (found,) = await source.gather(question)

    since = question.since.timestamp()
    assert (found.data["points"], found.data["week_before"]) == ([[since, 5.0]], [[since, 3.0]])


@every_source
async def test_week_before_that_cannot_be_read_is_left_out(env, question, respx_mock, plugin, options, body):
    respx_mock.route().mock(side_effect=answers(body, question, lambda _: httpx.Response(400)))
    source = plugin.create(
        replace(env, secret="id:key"), plugin.Options.model_validate(options | {"week_before": True})
    )

    (found,) = await source.gather(question)

    assert "week_before" not in found.data
