"""Azure Monitor's alerts: who may send, and what each schema becomes."""

import copy

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import azure_monitor
from incident_copilot.ports import QUERY_TOKEN

from .sending import NOW, alert, at, parse, source, told

GROUP = "/subscriptions/s1/resourceGroups/shop-rg"
SITE = f"{GROUP}/providers/Microsoft.Web/sites/shop"


def common(essentials=None, **data):
    """Return what a body of the common schema becomes."""
    usual = {"alertRule": "Up", "monitorCondition": "Fired", "firedDateTime": "2026-11-21T09:00:00Z"}
    return alert(azure_monitor, {"data": {"essentials": usual | (essentials or {}), **data}})


def test_common_schema_is_told_in_the_words_all_sources_share(fixture):
    sent = parse(azure_monitor, fixture("azure_monitor"))
    (found,) = sent.alerts
    target = fixture("azure_monitor")["data"]["essentials"]["alertTargetIDs"][0]

    assert sent.delivery_id is None
    assert told(found, "source", "name", "status", "severity", "service", "environment", "starts_at", "ends_at") == (
        "it",
        "Ledger database is busy",
        AlertStatus.FIRING,
        "Sev2",
        "ledger",
        "prod",
        at(11, 21, 9, 2, 11).replace(microsecond=123456),
        None,
    )
    assert found.labels == {
        "subscription": "11111111-2222-3333-4444-555555555555",
        "resource_group": "ledger-rg",
        "env": "prod",
        "team": "money",
        "metric": "cpu_percent",
        "replica": "primary",
    }
    assert found.description == "CPU of the ledger's database is above 90%."
    assert found.links["resource"] == f"https://portal.azure.com/#resource{target}"
    assert found.links["alert"].endswith("alerts%2F0f5a1c2e-77aa-4d1b-9f00-6a5b4c3d2e1f")


def test_alert_ends_as_the_problem_that_began(fixture):
    body = fixture("azure_monitor")
    ended = copy.deepcopy(body)
    ended["data"]["essentials"] |= {"monitorCondition": "Resolved", "resolvedDateTime": "2026-11-21T09:05:00Z"}

    found = alert(azure_monitor, ended)

    assert told(found, "status", "ends_at") == (AlertStatus.RESOLVED, at(11, 21, 9, 5, 0))
    assert told(found, "fingerprint", "starts_at") == told(alert(azure_monitor, body), "fingerprint", "starts_at")


def test_alert_that_says_little_is_still_one():
    found = common({"alertTargetIDs": None}, alertContext=None, customProperties="none")

    assert told(found, "name", "service", "labels", "links") == ("Up", None, {}, {})


def test_labels_of_the_rule_name_the_service_first():
    assert common({"configurationItems": ["vm1"]}, customProperties={"service": "shop"}).service == "shop"


def test_rule_of_managed_prometheus_has_labels_and_a_query():
    found = common(alertContext={"labels": {"service": "shop"}, "expression": "up == 0"})

    assert told(found, "service", "labels", "expression") == ("shop", {"service": "shop"}, "up == 0")


def test_resource_names_the_service_where_nothing_else_does():
    assert common({"alertTargetIDs": [SITE]}).service == "shop"


@pytest.mark.parametrize(
    ("properties", "status"),
    [
        ({"stage": "Active"}, AlertStatus.FIRING),
        ({"stage": "Resolved"}, AlertStatus.RESOLVED),
        ({"stage": "RCA"}, AlertStatus.RESOLVED),
        ({"currentHealthStatus": "Unavailable"}, AlertStatus.FIRING),
        ({"currentHealthStatus": "Available"}, AlertStatus.RESOLVED),
    ],
)
def test_health_of_azure_itself_says_in_its_stage_whether_it_is_over(properties, status):
    found = common(alertContext={"properties": properties})

    assert told(found, "status", "starts_at") == (status, at(11, 21, 9, 0, 0))


def test_trouble_of_azure_itself_is_known_by_its_tracking_id():
    def at_stage(stage):
        return common({"alertId": stage}, alertContext={"properties": {"trackingId": "T1-X", "stage": stage}})

    assert at_stage("Active").fingerprint == at_stage("Resolved").fingerprint


def test_health_of_a_resource_is_known_by_the_resource():
    def being(health):
        return common(
            {"alertId": health, "alertTargetIDs": [SITE]}, alertContext={"properties": {"currentHealthStatus": health}}
        )

    assert being("Unavailable").fingerprint == being("Available").fingerprint


@pytest.mark.parametrize("envelope", [True, False])
def test_metric_rule_of_the_older_schemas_is_an_alert(envelope):
    said = {
        "status": "Activated",
        "properties": {"app": "shop"},
        "context": {
            "id": "rule1",
            "name": "Slow",
            "timestamp": "2026-11-21T09:00:00Z",
            "severity": 1,
            "condition": {"metricName": "Latency", "threshold": "2"},
            "resourceId": SITE,
            "resourceName": "shop-web",
            "portalLink": "https://portal.azure.example/shop",
        },
    }

    found = alert(azure_monitor, {"schemaId": "AzureMonitorMetricAlert", "data": said} if envelope else said)

    assert told(found, "name", "status", "severity", "service", "starts_at", "links") == (
        "Slow",
        AlertStatus.FIRING,
        "1",
        "shop",
        at(11, 21, 9, 0, 0),
        {"resource": "https://portal.azure.example/shop"},
    )
    assert found.labels == {"subscription": "s1", "resource_group": "shop-rg", "app": "shop", "metric": "Latency"}


def test_metric_rule_ends_without_its_start_being_known():
    found = alert(
        azure_monitor,
        {"status": "Resolved", "context": {"name": "Slow", "timestamp": "2026-11-21T09:00:00Z", "resourceId": SITE}},
    )

    assert told(found, "status", "ends_at", "service") == (AlertStatus.RESOLVED, at(11, 21, 9, 0, 0), "shop")
    assert found.links == {"resource": f"https://portal.azure.com/#resource{SITE}"}


def test_event_of_the_activity_log_is_an_alert():
    event = {
        "operationName": "Microsoft.Web/sites/restart/action",
        "level": "Error",
        "correlationId": "c1",
        "eventTimestamp": "2026-11-21T09:00:00Z",
        "resourceId": SITE,
        "description": "It was restarted.",
    }

    found = alert(
        azure_monitor,
        {
            "schemaId": "Microsoft.Insights/activityLogs",
            "data": {"status": "Activated", "context": {"activityLog": event}},
        },
    )

    assert told(found, "name", "severity", "service", "description", "starts_at") == (
        "Microsoft.Web/sites/restart/action",
        "Error",
        "shop",
        "It was restarted.",
        at(11, 21, 9, 0, 0),
    )


def test_service_health_of_the_activity_log_ends_with_its_stage():
    event = {"properties": {"title": "Storage is slow", "service": "Storage", "stage": "Resolved", "trackingId": "T"}}

    found = alert(azure_monitor, {"data": {"status": "Activated", "context": {"activityLog": event}}})

    assert told(found, "name", "status", "service", "summary") == (
        "Storage is slow",
        AlertStatus.RESOLVED,
        "Storage",
        "Storage is slow",
    )


def test_log_search_is_an_alert_that_fires():
    said = {
        "AlertRuleName": "Many refusals",
        "Severity": "Warning",
        "Description": "Too many 403.",
        "SubscriptionId": "s1",
        "SearchQuery": "requests | where resultCode == 403",
        "SearchIntervalEndtimeUtc": "11/21/2026 9:05:00 AM",
        "LinkToSearchResults": "https://portal.azure.example/search",
    }

    found = alert(azure_monitor, {"schemaId": "Microsoft.Insights/LogAlert", "data": said})

    assert told(found, "name", "status", "severity", "labels", "starts_at", "links") == (
        "Many refusals",
        AlertStatus.FIRING,
        "Warning",
        {"SubscriptionId": "s1"},
        at(11, 21, 9, 5, 0),
        {"search": "https://portal.azure.example/search"},
    )
    assert found.annotations == {"search": "requests | where resultCode == 403"}


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"schemaId": "AIP Budget Notification", "data": {"BudgetName": "b"}}, "AIP Budget Notification"),
        ({}, "a body of no schema of theirs"),
    ],
)
def test_body_of_another_schema_is_named(body, event):
    assert parse(azure_monitor, body).unknown == event


def test_time_that_is_none_is_that_of_arrival():
    assert common({"firedDateTime": "soon"}).starts_at == NOW


@pytest.mark.parametrize(
    ("essentials", "problem"),
    [
        ({"alertRule": None}, "it: data.essentials.monitoringService is missing"),
        ({"monitorCondition": None}, "it: data.essentials.monitorCondition is missing"),
    ],
)
def test_body_without_name_or_state_is_refused_by_field(essentials, problem):
    with pytest.raises(BadPayload) as caught:
        common(essentials)

    assert str(caught.value) == problem


def test_token_of_the_address_opens():
    source(azure_monitor).authenticate({QUERY_TOKEN: "s3cret"}, b"")


def test_wrong_token_is_refused():
    with pytest.raises(Unauthenticated):
        source(azure_monitor).authenticate({QUERY_TOKEN: "other"}, b"")
