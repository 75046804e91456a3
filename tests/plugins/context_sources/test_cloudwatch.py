"""CloudWatch: all metrics of all services in one signed request."""

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from incident_copilot.errors import ConfigError, VendorRefused
from incident_copilot.plugins.context_sources.cloudwatch import Options, create

URL = "https://monitoring.eu-central-1.amazonaws.com/"
CPU = {
    "title": "CPU of {service}",
    "namespace": "AWS/ECS",
    "metric": "CPUUtilization",
    "dimensions": {"ServiceName": "{service}", "ClusterName": "prod"},
    "unit": "%",
}
SEARCH = {"title": "Latency", "expression": "SEARCH('{AWS/ApplicationELB,TargetGroup} {service}', 'p99')", "unit": "s"}


@pytest.fixture
def keys(env):
    return replace(env, secret="AKID:secret")


def options(*metrics, **more):
    return Options.model_validate({"region": "eu-central-1", "metrics": metrics or [CPU]} | more)


def result(number=0, values=(4.0, 96.5), **more):
    times = [1795249800 + 60 * place for place in range(len(values))]
    return {
        "Id": f"m{number}",
        "Label": "mailer",
        "Timestamps": times,
        "Values": values,
        "StatusCode": "Complete",
    } | more


async def test_metric_is_asked_for_with_its_dimensions_and_becomes_evidence(keys, question, fixture, respx_mock):
    asked = respx_mock.post(URL).respond(json=fixture("cloudwatch_metric_data"))

    (found,) = await create(keys, options()).gather(question)

    request = asked.calls.last.request
    assert json.loads(request.content) == {
        "StartTime": int(question.since.timestamp()),
        "EndTime": int(question.until.timestamp()),
        "ScanBy": "TimestampAscending",
        "MetricDataQueries": [
            {
                "Id": "m0",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/ECS",
                        "MetricName": "CPUUtilization",
                        "Dimensions": [
                            {"Name": "ServiceName", "Value": "mailer"},
                            {"Name": "ClusterName", "Value": "prod"},
                        ],
                    },
                    "Period": 60,
                    "Stat": "Average",
                },
            }
        ],
    }
    assert request.headers["x-amz-target"] == "GraniteServiceVersion20100801.GetMetricData"
    assert request.headers["authorization"].startswith(
        "AWS4-HMAC-SHA256 Credential=AKID/20261121/eu-central-1/monitoring/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature="
    )
    assert (found.source, found.title, found.query) == (
        "CloudWatch",
        "CPU of mailer",
        "Average of AWS/ECS CPUUtilization",
    )
    assert found.summary == "96.5 % at 08:31 UTC, 50.2 % before 08:40, highest 96.5 %."
    assert found.data["labels"] == {"ServiceName": "mailer", "ClusterName": "prod"}


async def test_expression_finds_several_series(keys, question, respx_mock):
    results = [result(Label="tg-1"), result(Label="tg-2", values=()), result(Label="tg-3")]
    asked = respx_mock.post(URL).respond(json={"MetricDataResults": results})

    found = await create(keys, options(SEARCH)).gather(question)

    (query,) = json.loads(asked.calls.last.request.content)["MetricDataQueries"]
    assert query["Expression"] == "SEARCH('{AWS/ApplicationELB,TargetGroup} mailer', 'p99')"
    assert [item.title for item in found] == ["Latency on mailer (tg-1)", "Latency on mailer (tg-3)"]


async def test_metric_that_may_not_be_read_is_named(keys, question, respx_mock):
    respx_mock.post(URL).respond(json={"MetricDataResults": [result(StatusCode="Forbidden")]})

    with pytest.raises(VendorRefused, match="CloudWatch: mailer: Forbidden"):
        await create(keys, options()).gather(question)


async def test_refusal_is_told_as_amazon_names_it(keys, respx_mock):
    said = {"__type": "com.amazon.coral.service#UnrecognizedClientException", "message": "The token is invalid."}
    respx_mock.post(URL).respond(400, json=said)

    with pytest.raises(VendorRefused, match=r"UnrecognizedClientException: The token is invalid\.$"):
        await create(keys, options()).check()


async def test_without_services_nothing_is_asked(keys, question):
    assert await create(keys, options()).gather(question.model_copy(update={"services": ()})) == []


@pytest.mark.parametrize("wrong", [{"title": "x"}, SEARCH | {"namespace": "n", "metric": "m"}])
def test_metric_is_named_or_an_expression(wrong):
    with pytest.raises(ValidationError, match="write namespace and metric, or an expression"):
        options(wrong)


def test_secret_has_to_be_a_key(env):
    with pytest.raises(ConfigError, match="ACCESS_KEY_ID"):
        create(env, options())
