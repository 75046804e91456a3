"""Google Cloud Monitoring's incidents: who may send, and what each version becomes."""

import base64

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import gcp_monitoring
from incident_copilot.ports import QUERY_TOKEN
from incident_copilot.vendors.alert_fields import NOTE

from .sending import NOW, alert, at, parse, source, told


def incident(**fields):
    """Return what a body about one incident becomes."""
    usual = {"incident_id": "i1", "state": "open", "condition_name": "Slow", "started_at": 1795251600}
    return alert(gcp_monitoring, {"version": "1.1", "incident": usual | fields})


def test_incident_is_told_in_the_words_all_sources_share(fixture):
    sent = parse(gcp_monitoring, fixture("gcp_monitoring"))
    (found,) = sent.alerts

    assert sent.delivery_id is None
    assert told(found, "source", "name", "status", "severity", "service", "environment", "starts_at", "ends_at") == (
        "it",
        "Request latency over 2 s",
        AlertStatus.FIRING,
        "Warning",
        "basket",
        "prod",
        at(11, 21, 9, 0, 0),
        None,
    )
    assert found.labels == {
        "project": "acme-shop",
        "metric": "run.googleapis.com/request_latencies",
        "project_id": "acme-shop",
        "service_name": "basket",
        "location": "europe-west4",
        "response_code_class": "2xx",
        "env": "prod",
        "team": "shop",
    }
    assert found.annotations == {
        "policy": "Basket is slow",
        "observed": "3.1",
        "threshold": "2",
        "filter": 'metric.type="run.googleapis.com/request_latencies"',
    }
    assert (found.summary[:15], found.description) == ("Request latency", "See the **runbook**.")
    assert found.links == {
        "incident": "https://console.cloud.google.com/monitoring/alerting/alerts/0.n1abcdefghij?project=acme-shop",
        "Runbook": "https://runbooks.example/basket",
    }


def test_incident_ends_as_the_problem_that_began():
    began, ended = incident(), incident(state="CLOSED", ended_at="1795251900")

    assert told(ended, "status", "starts_at", "ends_at") == (
        AlertStatus.RESOLVED,
        at(11, 21, 9, 0, 0),
        at(11, 21, 9, 5, 0),
    )
    assert ended.fingerprint == began.fingerprint


def test_times_that_are_zero_are_none():
    found = incident(started_at=0, ended_at=0)

    assert (found.starts_at, NOTE in found.annotations) == (NOW, True)


@pytest.mark.parametrize(
    ("fields", "service"),
    [
        ({"policy_user_labels": {"app": "a"}, "resource_name": "r"}, "a"),
        ({"resource": {"labels": {"database_id": "d"}}, "resource_name": "r"}, "d"),
        ({"resource_name": "projects/1/instances/web-1"}, "web-1"),
        ({"resource_display_name": "Web 1", "resource_id": "7"}, "Web 1"),
        ({"resource_name": "shop VM labels {zone=a}", "resource_display_name": "web-2"}, "web-2"),
        ({"resource_id": "7"}, "7"),
        ({}, None),
    ],
)
def test_service_is_the_first_that_labels_or_resource_name(fields, service):
    assert incident(**fields).service == service


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"severity": "Critical"}, "Critical"),
        ({"severity": "No severity"}, None),
        ({"metadata": {"system_labels": {"severity": "warning"}}}, "warning"),
        ({"severity": "SEVERITY_UNSPECIFIED", "policy_user_labels": {"severity": "p2"}}, "p2"),
        ({}, None),
    ],
)
def test_severity_is_of_the_policy_or_a_label(fields, severity):
    assert incident(**fields).severity == severity


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"condition_name": "C", "policy_name": "P"}, "C"),
        ({"condition_name": None, "condition": {"displayName": "D"}}, "D"),
        ({"condition_name": "", "policy_name": "P"}, "P"),
        ({"condition_name": "", "summary": "It is slow"}, "It is slow"),
    ],
)
def test_name_is_that_of_the_condition(fields, name):
    assert incident(**fields).name == name


def test_documentation_may_be_a_plain_text():
    assert incident(documentation="Look at it.").description == "Look at it."


def test_query_of_prometheus_is_the_expression():
    assert incident(condition={"conditionPrometheusQueryLanguage": {"query": "up == 0"}}).expression == "up == 0"


def test_test_of_the_connection_says_nothing_unless_it_tells_an_incident():
    told_one = {"version": "test", "incident": {"state": "OPEN", "summary": "Test"}}

    assert parse(gcp_monitoring, {"version": "test", "incident": {}}).ignored == "test"
    assert alert(gcp_monitoring, told_one).name == "Test"


def test_body_without_an_incident_is_kept():
    assert parse(gcp_monitoring, {"version": "2.0"}).unknown == "a body without an incident"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"state": "lost"}, "it: incident.state is lost, not one of open, acknowledged, closed"),
        ({"condition_name": ""}, "it: incident.summary is missing"),
    ],
)
def test_body_without_name_or_state_is_refused_by_field(fields, problem):
    with pytest.raises(BadPayload) as caught:
        incident(**fields)

    assert str(caught.value) == problem


@pytest.mark.parametrize(
    "headers",
    [{"authorization": f"Basic {base64.b64encode(b'gcp:s3cret').decode()}"}, {QUERY_TOKEN: "s3cret"}],
)
def test_password_or_token_opens(headers):
    source(gcp_monitoring).authenticate(headers, b"")


def test_request_without_a_secret_is_refused():
    with pytest.raises(Unauthenticated):
        source(gcp_monitoring).authenticate({}, b"")
