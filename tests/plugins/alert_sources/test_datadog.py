"""Datadog's webhooks become alerts, with our payload and with others."""

import json
import re

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import datadog

from .bodies import NOW, SECRET, at, one, parse, read, source


def test_monitor_becomes_an_alert_under_the_id_of_the_event(fixture):
    delivery = parse(datadog, fixture("datadog"))
    (alert,) = delivery.alerts

    assert read(alert) == ("Queue of mailer is long", AlertStatus.FIRING, "P2", "mailer", "prod")
    assert (alert.summary, alert.description) == (
        "[P2] [Warn on {host:web-1}] Queue of mailer is long",
        "Mail waits for minutes.",
    )
    assert alert.starts_at == at(9)
    assert alert.expression == "avg(last_5m):avg:mailer.queue{env:prod} by {host} > 1000"
    assert alert.labels == {"host": "web-1", "env": "prod", "service": "mailer", "team": "post", "monitor": "true"}
    assert alert.links == {"datadog": "https://app.datadoghq.example/monitors/4711"}
    assert delivery.delivery_id == "6512345678901234567"


def test_payload_of_the_docstring_has_the_fields_of_the_fixture(fixture):
    payload = re.search(r"\{\"alert_id\".*?\}", datadog.__doc__, re.DOTALL)

    assert json.loads(payload[0]).keys() == fixture("datadog").keys()


@pytest.mark.parametrize(
    ("transition", "status"),
    [
        ("Triggered", AlertStatus.FIRING),
        ("Re-Triggered", AlertStatus.FIRING),
        ("No Data", AlertStatus.FIRING),
        ("Re-Warn", AlertStatus.FIRING),
        ("Renotify", AlertStatus.FIRING),
        ("Recovered", AlertStatus.RESOLVED),
    ],
)
def test_transition_tells_the_state_of_the_same_problem(fixture, transition, status):
    sent = fixture("datadog")
    alert = one(datadog, sent | {"alert_transition": transition, "event_id": "2"})

    assert (alert.status, alert.fingerprint) == (status, one(datadog, sent).fingerprint)


def test_recovered_monitor_has_its_end(fixture):
    alert = one(datadog, fixture("datadog") | {"alert_transition": "Recovered"})

    assert (alert.starts_at, alert.ends_at) == (at(9), at(9))


@pytest.mark.parametrize(
    ("body", "name", "status"),
    [
        ({"title": "[Triggered] CPU"}, "CPU", AlertStatus.FIRING),
        ({"title": "[Recovered on {host:a}] CPU"}, "CPU", AlertStatus.RESOLVED),
        ({"title": "[TEST] [P1] [No Data] CPU"}, "CPU", AlertStatus.FIRING),
        ({"title": "[shop] CPU"}, "[shop] CPU", AlertStatus.FIRING),
        ({"title": "[Triggered]"}, "[Triggered]", AlertStatus.FIRING),
        ({"title": "CPU", "alert_type": "success"}, "CPU", AlertStatus.RESOLVED),
        ({"title": "CPU", "alert_transition": "$ALERT_TRANSITION", "alert_type": "null"}, "CPU", AlertStatus.FIRING),
    ],
)
def test_title_and_type_tell_it_where_there_is_no_transition(body, name, status):
    alert = one(datadog, body)

    assert (alert.name, alert.status) == (name, status)


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ({"priority": 4}, "P4"),
        ({"priority": "P1", "alert_type": "error"}, "P1"),
        ({"priority": "normal", "alert_type": "error"}, "error"),
        ({"tags": "severity:high", "alert_type": "error"}, "high"),
        ({"alert_type": "success"}, None),
        ({}, None),
    ],
)
def test_severity_is_the_priority_or_the_next_best(body, severity):
    assert one(datadog, {"title": "x", **body}).severity == severity


def test_default_payload_is_read():
    body = {
        "id": "7",
        "last_updated": 1795251600000,
        "event_type": "metric_alert_monitor",
        "title": "[Triggered] Disk",
        "date": 1795251600000,
        "org": {"id": "1", "name": "acme"},
        "body": "Disk is full",
    }

    alert = one(datadog, body)

    assert read(alert) == ("Disk", AlertStatus.FIRING, None, None, None)
    assert (alert.description, alert.starts_at) == ("Disk is full", at(9))


def test_tags_may_be_a_list_and_monitor_and_scope_make_the_problem():
    first = {"title": "x", "monitor_id": 9, "scopes": ["host:b", "kube_deployment:cart"], "tags": None}
    second = first | {"scopes": ["kube_deployment:cart", "host:b"], "tags": ["x:y", "$TAGS", "null"]}

    alert = one(datadog, second)

    assert (alert.service, alert.fingerprint) == ("cart", one(datadog, first).fingerprint)
    assert alert.labels == {"host": "b", "kube_deployment": "cart", "x": "y"}


def test_alert_inside_of_an_object_is_read():
    body = {"alert": {"title": "Errors", "state": "ok", "commonLabels": {"severity": "critical", "service": "etl"}}}

    assert read(one(datadog, body)) == ("Errors", AlertStatus.RESOLVED, "critical", "etl", None)
    assert one(datadog, body).starts_at == NOW


def test_body_without_a_title_is_refused():
    with pytest.raises(BadPayload, match=r"^src: alert_title is missing"):
        parse(datadog, {"alert_title": "$ALERT_TITLE", "title": {}})


def test_secret_comes_as_token():
    source(datadog).authenticate({"authorization": f"Bearer {SECRET}"}, b"")
    with pytest.raises(Unauthenticated):
        source(datadog).authenticate({}, b"")
