"""RDS: what a database is busy with, by statement, wait and user, and what happened to it."""

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources.rds import Options, create

LOAD = "https://pi.eu-central-1.amazonaws.com/"
RDS = "https://rds.eu-central-1.amazonaws.com/"
EVENTS = """<DescribeEventsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeEventsResult><Events>{}
</Events></DescribeEventsResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeEventsResponse>"""
EVENT = """<Event><SourceIdentifier>mail-db</SourceIdentifier><SourceType>db-instance</SourceType>
<EventCategories><EventCategory>failover</EventCategory></EventCategories>
<Message>{}</Message><Date>{}</Date></Event>"""


@pytest.fixture
def source(env):
    databases = {"mailer": {"id": "mail-db", "resource": "db-ABCDEFGHIJKL"}}
    options = {"region": "eu-central-1", "databases": databases, "top": 3}
    return create(replace(env, secret="AKID:secret"), Options.model_validate(options))


class PerformanceInsights:
    """Answers as the service does: points of the load, and its keys by group."""

    def __init__(self, by_statement):
        self.by_statement, self.asked = by_statement, []

    def __call__(self, request):
        body = json.loads(request.content)
        self.asked.append(body)
        if request.headers["x-amz-target"] == "PerformanceInsightsv20180227.GetResourceMetrics":
            points = [{"Timestamp": 1795249800.0, "Value": 0.5}, {"Timestamp": 1795251900.0, "Value": 8.0}]
            return httpx.Response(200, json={"MetricList": [{"Key": {"Metric": "db.load.avg"}, "DataPoints": points}]})
        group = body["GroupBy"]["Group"]
        if group == "db.sql_tokenized":
            return httpx.Response(200, json=self.by_statement)
        return httpx.Response(200, json={"Keys": [{"Dimensions": {f"{group}.name": f"a {group}"}, "Total": 6.5}]})


def events(*told):
    return EVENTS.format("".join(EVENT.format(message, date) for message, date in told))


async def test_load_says_what_it_consists_of(source, question, fixture, respx_mock):
    asked = PerformanceInsights(fixture("rds_dimension_keys"))
    respx_mock.post(LOAD).mock(side_effect=asked)
    respx_mock.post(RDS).respond(text=events())

    (found,) = await source.gather(question)

    assert (found.source, found.title, found.kind) == ("Amazon RDS", "database load of mailer", EvidenceKind.METRIC)
    assert (found.data["unit"], found.data["points"]) == ("sessions", [[1795249800.0, 0.5], [1795251900.0, 8.0]])
    assert found.data["parts"] == [
        {
            "by": "statement",
            "name": "SELECT * FROM mails WHERE state = ?",
            "value": 7.25,
            "waits": {"IO:DataFileRead": 6.5},
        },
        {"by": "wait", "name": "a db.wait_event", "value": 6.5},
        {"by": "user", "name": "a db.user", "value": 6.5},
    ]
    began = question.alerts[0].starts_at - timedelta(minutes=5)
    window = {"StartTime": int(began.timestamp()), "EndTime": int(question.until.timestamp())}
    assert next(one for one in asked.asked if "PartitionBy" in one) == window | {
        "ServiceType": "RDS",
        "Identifier": "db-ABCDEFGHIJKL",
        "Metric": "db.load.avg",
        "GroupBy": {"Group": "db.sql_tokenized", "Limit": 3},
        "PartitionBy": {"Group": "db.wait_event", "Limit": 3},
    }


async def test_events_are_told_in_the_order_they_happened(source, question, respx_mock):
    respx_mock.post(LOAD).mock(
        side_effect=lambda request: httpx.Response(
            200, json={"MetricList": []} if b"MetricQueries" in request.content else {"Keys": []}
        )
    )
    told = [
        ("Multi-AZ instance failover completed", "2026-11-21T09:06:02.123Z"),
        ("Multi-AZ instance failover started.", "2026-11-21T09:05:00Z"),
        ("whenever", "soon"),
    ]
    asked = respx_mock.post(RDS).respond(text=events(*told))

    (found,) = await source.gather(question)

    assert found.kind is EvidenceKind.LOG
    assert (found.data["events"], [text for _, text in found.data["lines"]]) == (
        True,
        ["Multi-AZ instance failover started.", "Multi-AZ instance failover completed"],
    )
    assert found.summary == "2 events, the newest: Multi-AZ instance failover completed"
    assert parse_qs(asked.calls.last.request.content.decode()) == {
        "Action": ["DescribeEvents"],
        "Version": ["2014-10-31"],
        "SourceType": ["db-instance"],
        "SourceIdentifier": ["mail-db"],
        "MaxRecords": ["100"],
        "StartTime": ["2026-11-21T08:10:00Z"],
        "EndTime": ["2026-11-21T09:10:00Z"],
    }
    assert "/eu-central-1/rds/aws4_request" in asked.calls.last.request.headers["authorization"]


async def test_service_without_a_database_is_not_asked_about(source, question):
    assert await source.gather(question.model_copy(update={"services": ("search",)})) == []


async def test_check_reads_load_and_events(source, respx_mock):
    load = respx_mock.post(LOAD).respond(json={"MetricList": []})
    told = respx_mock.post(RDS).respond(text=events())

    await source.check()

    assert (load.call_count, told.call_count) == (1, 1)


@pytest.mark.parametrize("body", ["<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "so long", "<open>"])
async def test_answer_that_is_no_plain_xml_is_refused(source, respx_mock, body):
    respx_mock.post(LOAD).respond(json={"MetricList": []})
    respx_mock.post(RDS).respond(text=body)

    with pytest.raises(VendorRefused, match=r"^Amazon RDS: .* not XML without a document type$"):
        await source.check()
