"""Sentry's webhooks become alerts: issue alerts, issues, metric alerts, errors, and the old plugin's."""

import hashlib
import hmac

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import sentry
from incident_copilot.ports import QUERY_TOKEN

from .bodies import NOW, SECRET, at, one, parse, read, source

ISSUE = {
    "id": "9001",
    "shortId": "CHECKOUT-1",
    "title": "KeyError: 'currency'",
    "culprit": "checkout.cart in total",
    "level": "error",
    "firstSeen": "2026-11-21T09:00:00Z",
    "permalink": None,
    "web_url": "https://sentry.example/organizations/acme/issues/9001/",
    "project": {"id": "77", "slug": "checkout", "name": "Checkout"},
}
METRIC = {
    "metric_alert": {
        "id": "5",
        "projects": ["shop"],
        "date_started": "2026-11-21T09:01:00Z",
        "date_closed": "2026-11-21T09:06:00Z",
        "alert_rule": {
            "id": "12",
            "name": "Errors",
            "environment": "prod",
            "aggregate": "count()",
            "query": "level:error",
            "projects": [],
            "dataset": "events",
        },
    },
    "description_title": "Critical: Errors",
    "description_text": "500 events in the last 5 minutes",
    "web_url": "https://sentry.example/organizations/acme/alerts/rules/details/12/",
}
PLUGIN = {
    "id": "9001",
    "project": "checkout",
    "level": "warning",
    "message": "Cart is empty: 7",
    "url": "https://sentry.example/issues/9001/",
    "culprit": "cart",
    "event": {"title": "Cart is empty", "timestamp": 1795251600.0, "tags": [["environment", "prod"], ["odd"], "odder"]},
}


def issue(action, **fields):
    return {"action": action, "data": {"issue": ISSUE | fields}}


def test_issue_alert_is_an_alert_about_its_issue(fixture):
    alert = one(sentry, fixture("sentry"))

    assert read(alert) == ("KeyError: 'currency'", AlertStatus.FIRING, "error", "checkout", "prod")
    assert (alert.starts_at, alert.description) == (at(9, 3, 20, 500000), "'currency'")
    assert alert.labels == {"environment": "prod", "level": "error", "server_name": "web-3"}
    assert alert.annotations == {
        "rule": "More than 50 in a minute",
        "culprit": "checkout.cart in total",
        "release": "checkout@4.2.0",
    }
    assert [*alert.links] == ["sentry"]


def test_issue_alert_without_issue_id_takes_it_from_the_link(fixture):
    sent = fixture("sentry")
    sent["data"]["event"].pop("issue_id")

    assert one(sentry, sent).fingerprint == one(sentry, fixture("sentry")).fingerprint


def test_event_with_little_is_taken():
    alert = one(sentry, {"data": {"event": {"title": "x", "project": 77, "tags": {"service": "cart"}}}})
    bare = one(sentry, {"data": {"event": {"title": "x", "project": 77, "tags": None}}})

    assert read(alert) == ("x", AlertStatus.FIRING, None, "cart", None)
    assert (bare.service, bare.starts_at) == ("77", NOW)


def test_error_is_an_alert(fixture):
    event = fixture("sentry")["data"]["event"]

    delivery = parse(sentry, {"action": "created", "data": {"error": event}}, {"sentry-hook-resource": "error"})

    assert delivery.alerts[0].name == "KeyError: 'currency'"


@pytest.mark.parametrize(
    ("action", "status"),
    [("created", AlertStatus.FIRING), ("unresolved", AlertStatus.FIRING), ("resolved", AlertStatus.RESOLVED)],
)
def test_issue_is_an_alert_by_what_happened_to_it(fixture, action, status):
    delivery = parse(sentry, issue(action), {"sentry-hook-resource": "issue", "request-id": "r-1"})
    (alert,) = delivery.alerts

    assert read(alert) == ("KeyError: 'currency'", status, "error", "checkout", None)
    assert (alert.starts_at, delivery.delivery_id) == (at(9), "r-1")
    assert alert.fingerprint == one(sentry, fixture("sentry")).fingerprint
    assert alert.links == {"sentry": "https://sentry.example/organizations/acme/issues/9001/"}


@pytest.mark.parametrize(
    ("action", "status", "severity"),
    [
        ("critical", AlertStatus.FIRING, "critical"),
        ("warning", AlertStatus.FIRING, "warning"),
        ("resolved", AlertStatus.RESOLVED, None),
    ],
)
def test_metric_alert_is_an_alert_of_its_rule(action, status, severity):
    alert = one(sentry, {"action": action, "data": METRIC})

    assert read(alert) == ("Errors", status, severity, "shop", "prod")
    assert (alert.expression, alert.starts_at) == ("count() where level:error", at(9, 1))
    assert (alert.summary, alert.description) == ("Critical: Errors", "500 events in the last 5 minutes")


def test_metric_alert_without_projects_has_no_service():
    body = {"action": "open", "data": {"metric_alert": {"title": "Errors", "alert_rule": None}}}

    assert read(one(sentry, body)) == ("Errors", AlertStatus.FIRING, None, None, None)


def test_old_plugin_is_read():
    alert = one(sentry, PLUGIN)

    assert read(alert) == ("Cart is empty", AlertStatus.FIRING, "warning", "checkout", "prod")
    assert (alert.summary, alert.starts_at) == ("Cart is empty: 7", at(9))
    assert alert.labels == {"environment": "prod"}
    assert one(sentry, {"message": "x", "level": "info"}).name == "x"


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (issue("assigned"), "issue.assigned"),
        (issue("ignored"), "issue.ignored"),
        ({"action": "created", "data": {"comment": "x"}}, "comment.created"),
        ({"action": "created", "data": {"installation": {}}}, "installation.created"),
    ],
)
def test_event_that_says_nothing_of_the_state_is_ignored(body, event):
    assert parse(sentry, body).ignored == event


def test_event_that_nobody_knows_is_named():
    assert parse(sentry, issue("painted")).unknown == "issue.painted"
    assert parse(sentry, {"action": "ended", "data": METRIC}).unknown == "metric_alert.ended"
    assert parse(sentry, {"action": "x"}, {"sentry-hook-resource": "party"}).unknown == "party.x"
    assert parse(sentry, {"action": "x"}).unknown == "an event without Sentry-Hook-Resource"


def test_strange_tags_are_refused():
    with pytest.raises(BadPayload, match=r"^src: data\.event\.tags is not an object"):
        parse(sentry, {"data": {"event": {"title": "x", "tags": "a,b"}}})


def test_signature_or_token_is_checked():
    signature = hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest()

    source(sentry).authenticate({"sentry-hook-signature": signature}, b"{}")
    source(sentry).authenticate({QUERY_TOKEN: SECRET}, b"{}")


@pytest.mark.parametrize("headers", [{}, {"sentry-hook-signature": "00", QUERY_TOKEN: SECRET}])
def test_wrong_secret_is_refused(headers):
    with pytest.raises(Unauthenticated):
        source(sentry).authenticate(headers, b"{}")
