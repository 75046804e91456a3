"""Reports by people: who may send, and what a form, Zendesk and Intercom become."""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import user_reports
from incident_copilot.ports import QUERY_TOKEN

from .sending import NOW, alert, at, parse, source, told

FORM = {
    "topic": "I cannot log in",
    "text": "It says 5 < 7 > 3.",
    "priority": "urgent",
    "service": "login",
    "environment": "prod",
}


def zendesk(kind, **detail):
    """Return an event of Zendesk about a ticket."""
    return {"id": "z1", "type": f"zen:event-type:{kind}", "detail": {"id": "7", "subject": "Slow"} | detail}


def intercom(topic, **item):
    """Return a notification of Intercom about a conversation."""
    usual = {
        "type": "conversation",
        "id": "9",
        "source": {"subject": "<p>Where is my&#32;order?</p>", "body": "<b>Hi</b> you"},
    }
    return {"type": "notification_event", "id": "n1", "topic": topic, "data": {"item": usual | item}}


def test_ticket_of_zendesk_is_an_alert_named_by_its_topic(fixture):
    sent = parse(user_reports, fixture("user_reports"), sender="zendesk")
    (found,) = sent.alerts

    assert sent.delivery_id == "01JD7ZK6V2C8Q4"
    assert told(found, "source", "name", "status", "severity", "service", "summary", "description", "starts_at") == (
        "it",
        "I cannot pay",
        AlertStatus.FIRING,
        "HIGH",
        "checkout",
        "Reported by a person",
        "I press pay and nothing happens.",
        at(11, 21, 9, 0, 0),
    )
    assert found.labels == {"service": "checkout", "web": "true"}


def test_ticket_ends_as_the_report_that_began():
    began = alert(user_reports, zendesk("ticket.created"), sender="zendesk")
    ended = alert(
        user_reports,
        zendesk("ticket.status_changed", status="SOLVED", updated_at="2026-11-21T09:05:00Z"),
        sender="zendesk",
    )

    assert told(ended, "status", "ends_at", "fingerprint") == (
        AlertStatus.RESOLVED,
        at(11, 21, 9, 5, 0),
        began.fingerprint,
    )


def test_ticket_without_a_subject_is_named_by_its_number():
    sent = zendesk("ticket.created", subject=None)
    del sent["id"]

    told_ = parse(user_reports, sent, {"x-zendesk-webhook-invocation-id": "i1"}, sender="zendesk")

    assert (told_.alerts[0].name, told_.delivery_id) == ("Ticket 7", "i1")


@pytest.mark.parametrize(
    ("sent", "ignored", "unknown"),
    [
        (zendesk("ticket.comment_added"), "ticket.comment_added", None),
        (zendesk("user.created"), None, "user.created"),
        ({}, None, "a body without a type"),
    ],
)
def test_other_events_of_zendesk_are_named(sent, ignored, unknown):
    assert told(parse(user_reports, sent, sender="zendesk"), "ignored", "unknown") == (ignored, unknown)


def test_conversation_of_intercom_is_an_alert_in_plain_text():
    sent = parse(
        user_reports,
        intercom(
            "conversation.user.created",
            priority="not_priority",
            created_at=1795251600,
            tags={"tags": [{"name": "app:shop"}]},
            links={"conversation_web": "https://app.intercom.example/9"},
        ),
        sender="intercom",
    )
    (found,) = sent.alerts

    assert sent.delivery_id == "n1"
    assert told(found, "name", "status", "severity", "service", "description", "starts_at", "links") == (
        "Where is my order?",
        AlertStatus.FIRING,
        None,
        "shop",
        "Hi you",
        at(11, 21, 9, 0, 0),
        {"report": "https://app.intercom.example/9"},
    )


@pytest.mark.parametrize(
    ("topic", "item", "status"),
    [
        ("conversation.priority.updated", {"priority": "priority"}, AlertStatus.FIRING),
        ("conversation.admin.closed", {}, AlertStatus.RESOLVED),
        ("ticket.state.updated", {"type": "ticket", "ticket_state": "in_progress"}, AlertStatus.FIRING),
        ("ticket.state.updated", {"type": "ticket", "ticket_state": {"category": "resolved"}}, AlertStatus.RESOLVED),
    ],
)
def test_topic_of_intercom_says_the_state(topic, item, status):
    assert alert(user_reports, intercom(topic, **item), sender="intercom").status is status


def test_conversation_without_words_is_named_by_its_number():
    assert alert(user_reports, intercom("ticket.created", source=None), sender="intercom").name == "Conversation 9"


@pytest.mark.parametrize(
    ("sent", "ignored", "unknown"),
    [
        ({"topic": "ping"}, "ping", None),
        ({"topic": "contact.user.created"}, "contact.user.created", None),
        (intercom("conversation.user.replied"), "conversation.user.replied", None),
        ({"topic": "call.started"}, None, "call.started"),
    ],
)
def test_other_topics_of_intercom_are_named(sent, ignored, unknown):
    assert told(parse(user_reports, sent, sender="intercom"), "ignored", "unknown") == (ignored, unknown)


@pytest.mark.parametrize("body", [urlencode(FORM).encode(), json.dumps(FORM).encode()], ids=["form", "json"])
def test_form_is_an_alert_named_by_its_topic(body):
    found = alert(user_reports, body)

    assert told(found, "name", "status", "severity", "service", "environment", "description", "starts_at") == (
        "I cannot log in",
        AlertStatus.FIRING,
        "urgent",
        "login",
        "prod",
        "It says 5 < 7 > 3.",
        NOW,
    )


def test_reports_of_one_topic_are_one_problem_unless_they_have_an_id():
    first, again, other = (
        alert(user_reports, {"topic": topic, "id": number})
        for topic, number in (("Pay", None), ("PAY", None), ("Pay", 7))
    )

    assert (first.fingerprint == again.fingerprint, first.fingerprint == other.fingerprint) == (True, False)


def test_form_may_say_that_it_is_over():
    assert alert(user_reports, {"title": "Pay", "status": "Resolved"}).status is AlertStatus.RESOLVED


@pytest.mark.parametrize(
    ("sender", "body", "problem"),
    [
        ("form", {}, "it: topic is missing"),
        ("zendesk", {"type": "zen:event-type:ticket.created"}, "it: detail.id is missing"),
        ("intercom", {"topic": "ticket.created"}, "it: data.item.id is missing"),
        ("intercom", {}, "it: topic is missing"),
    ],
)
def test_report_without_a_topic_or_number_is_refused_by_field(sender, body, problem):
    with pytest.raises(BadPayload) as caught:
        parse(user_reports, body, sender=sender)

    assert str(caught.value) == problem


@pytest.mark.parametrize("headers", [{"authorization": "Bearer s3cret"}, {QUERY_TOKEN: "s3cret"}])
def test_form_opens_with_a_bearer_token_or_the_token_of_the_address(headers):
    source(user_reports).authenticate(headers, b"")


def test_zendesk_opens_with_its_signature():
    digest = hmac.new(b"s3cret", b"2026-11-21T09:00:00Z" + b"{}", hashlib.sha256).digest()
    headers = {
        "x-zendesk-webhook-signature": base64.b64encode(digest).decode(),
        "x-zendesk-webhook-signature-timestamp": "2026-11-21T09:00:00Z",
    }

    source(user_reports, sender="zendesk").authenticate(headers, b"{}")
    with pytest.raises(Unauthenticated):
        source(user_reports, sender="zendesk").authenticate(headers, b"[]")


def test_intercom_opens_with_its_signature():
    headers = {"x-hub-signature": f"sha1={hmac.new(b's3cret', b'{}', hashlib.sha1).hexdigest()}"}

    source(user_reports, sender="intercom").authenticate(headers, b"{}")
    with pytest.raises(Unauthenticated):
        source(user_reports, sender="intercom").authenticate(headers, b"[]")


@pytest.mark.parametrize("sender", ["form", "zendesk", "intercom"])
def test_request_without_a_secret_is_refused(sender):
    with pytest.raises(Unauthenticated):
        source(user_reports, sender=sender).authenticate({}, b"")
