"""Opsgenie's webhooks become alerts by the action that was done."""

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import opsgenie
from incident_copilot.ports import QUERY_TOKEN

from .bodies import SECRET, at, one, parse, read, source


def done(fixture, action, **alert):
    sent = fixture("opsgenie")
    return sent | {"action": action, "alert": sent["alert"] | alert}


def test_new_alert_is_told_in_the_words_all_sources_share(fixture):
    alert = one(opsgenie, fixture("opsgenie"))

    assert read(alert) == ("Disk of orders-db is 91 % full", AlertStatus.FIRING, "P2", "orders-db", "prod")
    assert alert.description == "It grows by 2 % an hour."
    assert alert.starts_at == at(9)
    assert alert.labels == {
        "entity": "orders-db-1",
        "service": "orders-db",
        "env": "prod",
        "database": "true",
        "region": "eu-1",
        "volume": "/var/lib/postgres",
    }
    assert alert.links == {
        "opsgenie": "https://app.opsgenie.com/alert/detail/7c0e6f0a-1111-4222-8333-abcdefabcdef-1795251600000/details"
    }


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("Acknowledge", AlertStatus.FIRING),
        ("UnAcknowledge", AlertStatus.FIRING),
        ("UpdatePriority", AlertStatus.FIRING),
        ("Close", AlertStatus.RESOLVED),
        ("Delete", AlertStatus.RESOLVED),
    ],
)
def test_action_tells_the_state_of_the_same_problem(fixture, action, status):
    alert = one(opsgenie, done(fixture, action, tags=[]))

    assert (alert.status, alert.fingerprint) == (status, one(opsgenie, fixture("opsgenie")).fingerprint)


def test_closed_alert_has_its_end(fixture):
    assert one(opsgenie, done(fixture, "Close")).ends_at == at(9, 0, 0, 123000)


@pytest.mark.parametrize("action", ["AddNote", "AddTags", "AssignOwnership", "Escalate", "EscalateNext"])
def test_action_that_says_nothing_of_the_state_is_ignored(action):
    assert parse(opsgenie, {"action": action, "alert": {"alertId": "a"}}).ignored == action


def test_custom_action_is_unknown(fixture):
    assert parse(opsgenie, done(fixture, "Restart it")).unknown == "Restart it"


def test_alert_with_little_is_taken():
    alert = one(
        opsgenie, {"action": "create", "alert": {"message": "x", "entity": "db", "details": "none", "tags": None}}
    )

    assert read(alert) == ("x", AlertStatus.FIRING, None, "db", None)
    assert alert.links == {}


def test_link_may_lead_elsewhere(fixture):
    link = "https://acme.atlassian.example/jira/ops/alerts/{id}"

    alert = one(opsgenie, done(fixture, "Create", alertId="a/b"), alert_link=link)

    assert alert.links == {"opsgenie": "https://acme.atlassian.example/jira/ops/alerts/a%2Fb"}


def test_alert_that_another_tool_passed_on_is_taken():
    body = {
        "alert_source": "opsgenie",
        "alert_name": "High load",
        "status": "firing",
        "severity": "critical",
        "startsAt": "2026-11-21T08:00:00Z",
        "labels": {"service": "gateway", "environment": "prod"},
        "annotations": {"opsgenie_alert_id": "d5", "summary": "Load is 95 %"},
    }

    alert = one(opsgenie, body)

    assert read(alert) == ("High load", AlertStatus.FIRING, "critical", "gateway", "prod")
    assert (alert.summary, alert.starts_at) == ("Load is 95 %", at(8))


def test_alert_goes_by_its_alias_or_id_where_it_has_no_message():
    assert one(opsgenie, {"action": "Close", "alert": {"alias": "disk"}}).name == "disk"
    assert one(opsgenie, {"action": "Close", "alert": {"alertId": "a"}}).name == "alert without a name"
    with pytest.raises(BadPayload, match=r"^src: alert\.message is missing"):
        parse(opsgenie, {"action": "Create", "alert": {}})


def test_secret_comes_as_token():
    source(opsgenie).authenticate({"authorization": f"Bearer {SECRET}"}, b"")
    source(opsgenie).authenticate({QUERY_TOKEN: SECRET}, b"")
    with pytest.raises(Unauthenticated):
        source(opsgenie).authenticate({QUERY_TOKEN: "wrong"}, b"")


OURS = "incident-copilot:w:00000000000000000000000000000001:opsgenie"


@pytest.mark.parametrize(
    ("action", "username", "heard"),
    [
        ("Acknowledge", "ana@acme.test", ("acknowledge", "ana@acme.test")),
        ("Close", "System", ("resolve", None)),
        ("Create", "System", (None, None)),
    ],
)
def test_what_is_done_to_our_own_page_is_no_alert(fixture, action, username, heard):
    delivery = parse(opsgenie, done(fixture, action, alias=OURS, username=username))

    [page] = delivery.pages
    assert (delivery.alerts, page.key, (page.event, page.by)) == ((), OURS, heard)
