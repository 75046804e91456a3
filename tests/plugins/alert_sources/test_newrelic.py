"""New Relic's webhooks become alerts and changes."""

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.change import ChangeKind, ChangeStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import newrelic

from .bodies import NOW, SECRET, at, changed, one, parse, read, source

OLD = {
    "account_id": 1,
    "current_state": "open",
    "condition_name": "Apdex",
    "policy_name": "Shop",
    "details": "Apdex < 0.5",
    "event_type": "INCIDENT",
    "incident_id": 42,
    "incident_url": "https://alerts.newrelic.example/incidents/42",
    "severity": "CRITICAL",
    "targets": [
        {"id": "1", "name": "web", "labels": {"env": "prod"}, "type": "application"},
        {"name": "api", "labels": None},
    ],
    "timestamp": 1795251600000,
}


def test_issue_becomes_an_alert(fixture):
    alert = one(newrelic, fixture("newrelic"))

    assert read(alert) == ("Latency", AlertStatus.FIRING, "CRITICAL", "checkout", "prod")
    assert alert.summary == "checkout query result is > 2.0 for 5 minutes on 'Latency'"
    assert alert.starts_at == at(9)
    assert alert.labels == {"policy": "Shop"}
    assert alert.links == {
        "newrelic": "https://radar-api.service.newrelic.example/accounts/1/issues/b1946ac9",
        "runbook": "https://runbooks.example/checkout",
    }


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("CREATED", AlertStatus.FIRING),
        ("ACKNOWLEDGED", AlertStatus.FIRING),
        ("CLOSED", AlertStatus.RESOLVED),
        ("DEACTIVATED", AlertStatus.RESOLVED),
    ],
)
def test_state_is_that_of_the_same_problem(fixture, state, status):
    alert = one(newrelic, fixture("newrelic") | {"state": state})

    assert (alert.status, alert.starts_at) == (status, at(9))
    assert alert.fingerprint == one(newrelic, fixture("newrelic")).fingerprint
    assert alert.ends_at == (at(9, 1) if status is AlertStatus.RESOLVED else None)


def test_older_incident_is_read():
    alert = one(newrelic, OLD)

    assert read(alert) == ("Apdex", AlertStatus.FIRING, "CRITICAL", "web", "prod")
    assert (alert.starts_at, alert.summary) == (at(9), "Apdex < 0.5")
    closed = one(newrelic, OLD | {"current_state": "closed"})
    assert (closed.status, closed.ends_at, closed.fingerprint) == (AlertStatus.RESOLVED, at(9), alert.fingerprint)


def test_issue_with_little_is_taken():
    alert = one(newrelic, {"id": "x", "state": ["activated"], "labels": "none", "impactedEntities": []})

    assert read(alert) == ("alert without a name", AlertStatus.FIRING, None, None, None)
    assert alert.starts_at == NOW


def test_own_words_of_a_template_are_read():
    body = {"id": "x", "status": "RESOLVED", "name": "Slow", "severity": "HIGH", "service": "cart"}

    assert read(one(newrelic, body)) == ("Slow", AlertStatus.RESOLVED, "HIGH", "cart", None)


def test_labels_name_the_service():
    body = {"id": "x", "state": "activated", "labels": {"app": "cart"}, "title": "T"}

    assert read(one(newrelic, body)) == ("T", AlertStatus.FIRING, None, "cart", None)


def test_test_notification_is_ignored_and_an_unknown_state_named():
    assert parse(newrelic, OLD | {"current_state": "test"}).ignored == "test"
    assert parse(newrelic, OLD | {"current_state": "party"}).unknown == "incident in the state party"


@pytest.mark.parametrize("wrapped", [True, False])
def test_deployment_is_a_change(wrapped):
    told = {
        "application_name": "web",
        "deployed_by": "ada",
        "revision": "4.2.0",
        "changelog": "Round totals",
        "deployment_url": "https://rpm.newrelic.example/deployments/5",
        "created_at": "2026-11-21T09:00:00Z",
    }

    change = changed(newrelic, {"deployment": told} if wrapped else told)

    assert (change.kind, change.status, change.title) == (
        ChangeKind.DEPLOYMENT,
        ChangeStatus.SUCCEEDED,
        "Round totals",
    )
    assert (change.service, change.version, change.by, change.at) == ("web", "4.2.0", "ada", at(9))


def test_deployment_with_little_is_a_change():
    assert changed(newrelic, {"deployed_by": "ada", "revision": "5"}).title == "deploy 5 of"


def test_body_without_a_state_is_refused():
    with pytest.raises(BadPayload, match=r"^src: state is missing"):
        parse(newrelic, {"id": "x"})


def test_secret_comes_as_token():
    source(newrelic).authenticate({"authorization": f"Bearer {SECRET}"}, b"")
    with pytest.raises(Unauthenticated):
        source(newrelic).authenticate({}, b"")
