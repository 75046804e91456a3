"""PagerDuty's webhooks become alerts, one for each incident."""

import hashlib
import hmac

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import pagerduty

from .bodies import SECRET, at, one, parse, read, source

OLD = {"id": "P1", "status": "triggered", "incident_number": 3, "created_on": "2026-11-21T08:00:00Z"}
_NO_STATUS = "src: messages[0].incident.status is x, not one of triggered, acknowledged, resolved"


def event(fixture, kind="incident.triggered", **incident):
    """Return the fixture's body with another event type and other fields of the incident."""
    sent = fixture("pagerduty")["event"]
    return {"event": sent | {"event_type": kind, "data": sent["data"] | incident}}


def messages(*told):
    return {"messages": [{"id": str(n), **message} for n, message in enumerate(told)]}


def test_incident_becomes_an_alert_under_the_id_of_the_event(fixture):
    delivery = parse(pagerduty, fixture("pagerduty"))
    (alert,) = delivery.alerts

    assert read(alert) == ("Payments answers 5 % errors", AlertStatus.FIRING, "P1", "Payments API", None)
    assert alert.starts_at == at(9, 4, 59)
    assert alert.labels == {
        "urgency": "high",
        "priority": "P1",
        "escalation_policy": "Payments on-call",
        "incident_key": "payments/errors",
    }
    assert alert.links == {
        "pagerduty": "https://acme.pagerduty.example/incidents/PINC042",
        "bridge": "https://meet.example/payments",
    }
    assert delivery.delivery_id == "01EXAMPLE7Q2V5"


def test_resolved_incident_is_the_same_problem_and_has_its_end(fixture):
    firing = one(pagerduty, fixture("pagerduty"))
    resolved = one(pagerduty, event(fixture, "incident.resolved", status="resolved"))

    assert (resolved.status, resolved.fingerprint) == (AlertStatus.RESOLVED, firing.fingerprint)
    assert (resolved.starts_at, resolved.ends_at) == (at(9, 4, 59), at(9, 5, 0, 394000))


@pytest.mark.parametrize(
    "kind",
    ["acknowledged", "unacknowledged", "delegated", "escalated", "reassigned", "reopened", "priority_updated"],
)
def test_incident_that_goes_on_fires(fixture, kind):
    alert = one(pagerduty, event(fixture, f"incident.{kind}", priority=None))

    assert (alert.status, alert.severity) == (AlertStatus.FIRING, "high")


@pytest.mark.parametrize("kind", ["incident.annotated", "incident.responder.added", "service.updated", "pagey.ping"])
def test_event_that_says_nothing_of_the_state_is_ignored(kind):
    assert parse(pagerduty, {"event": {"event_type": kind, "data": {"message": "x"}}}).ignored == kind


def test_event_that_nobody_knows_is_named(fixture):
    assert parse(pagerduty, event(fixture, "incident.juggled")).unknown == "incident.juggled"


def test_event_without_an_id_takes_that_of_the_header():
    body = {"event": {"event_type": "incident.triggered", "data": {"id": "P1", "status": "triggered", "number": 5}}}

    assert parse(pagerduty, body, {"x-webhook-id": "w-1"}).delivery_id == "w-1"
    assert parse(pagerduty, body).delivery_id is None
    assert one(pagerduty, body).name == "PagerDuty incident 5"


@pytest.mark.parametrize(
    ("kind", "status"), [("incident.escalated", AlertStatus.FIRING), ("incident.resolved", AlertStatus.RESOLVED)]
)
def test_event_speaks_for_an_incident_without_a_status(kind, status):
    assert one(pagerduty, {"event": {"event_type": kind, "data": {"id": "P1", "title": "x"}}}).status is status


def test_version_2_is_read():
    incident = {
        "id": "P9", "status": "acknowledged", "title": "Disk", "urgency": "low", "service": {"name": "db"},
        "created_at": "2026-11-21T08:30:00Z", "html_url": "https://acme.pagerduty.example/incidents/P9",
    }  # fmt: skip

    alert = one(pagerduty, messages({"event": "incident.acknowledge", "incident": incident}))

    assert read(alert) == ("Disk", AlertStatus.FIRING, "low", "db", None)
    assert alert.starts_at == at(8, 30)


def test_version_1_is_read_and_the_last_message_about_an_incident_counts():
    told = [
        {"type": "incident.trigger", "data": {"incident": OLD | {"trigger_summary_data": {"subject": "Mail"}}}},
        {"type": "incident.annotate", "data": {}},
        {
            "type": "incident.resolve",
            "created_on": "2026-11-21T09:00:00Z",
            "data": {"incident": OLD | {"status": "resolved", "trigger_summary_data": {"description": "Mail"}}},
        },
    ]

    alert = one(pagerduty, messages(*told))

    assert read(alert) == ("Mail", AlertStatus.RESOLVED, None, None, None)
    assert (alert.starts_at, alert.ends_at) == (at(8), at(9))


def test_messages_without_an_alert_are_ignored_or_named():
    note = {"event": "incident.annotate"}

    assert parse(pagerduty, messages(note)).ignored == "incident.annotate"
    assert parse(pagerduty, messages(note, {"event": "incident.x"})).unknown == "incident.x"
    assert parse(pagerduty, messages()).unknown == "a body without messages"


def test_message_that_nobody_knows_is_named_beside_the_alerts():
    delivery = parse(pagerduty, messages({"event": "incident.trigger", "incident": OLD}, {"event": "incident.x"}))

    assert ([alert.name for alert in delivery.alerts], delivery.unknown) == (["PagerDuty incident 3"], "incident.x")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "src: event.event_type is missing"),
        ({"event": {"event_type": "incident.triggered", "data": {}}}, "src: event.data.id is missing"),
        (messages({"event": "incident.trigger"}), "src: messages[0].data.incident.id is missing"),
        (messages({"event": "incident.trigger", "incident": {"status": "x"}}), _NO_STATUS),
    ],
)
def test_body_of_another_shape_is_refused_by_field(body, problem):
    with pytest.raises(BadPayload) as caught:
        parse(pagerduty, body)

    assert str(caught.value) == problem


def test_signature_is_checked():
    signature = hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest()

    source(pagerduty).authenticate({"x-pagerduty-signature": f"v1=00,v1={signature}"}, b"{}")
    with pytest.raises(Unauthenticated):
        source(pagerduty).authenticate({"x-pagerduty-signature": f"v1={signature}"}, b"{ }")


OURS = "incident-copilot:w:00000000000000000000000000000001:pagerduty"
USER = {"type": "user_reference", "summary": "Ada Example", "id": "PUSR001"}


@pytest.mark.parametrize(
    ("kind", "agent", "heard"),
    [
        ("acknowledged", USER, ("acknowledge", "Ada Example")),
        ("resolved", USER, ("resolve", "Ada Example")),
        ("acknowledged", {"type": "service_reference", "summary": "Payments"}, ("acknowledge", None)),
        ("triggered", USER, (None, "Ada Example")),
    ],
)
def test_what_is_done_to_our_own_page_is_no_alert(fixture, kind, agent, heard):
    body = event(fixture, f"incident.{kind}", incident_key=OURS)
    body["event"]["agent"] = agent

    delivery = parse(pagerduty, body)

    [page] = delivery.pages
    assert (delivery.alerts, page.key, (page.event, page.by)) == ((), OURS, heard)
    assert delivery.delivery_id == "01EXAMPLE7Q2V5"
