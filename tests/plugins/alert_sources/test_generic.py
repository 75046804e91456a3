"""A source that the operator describes with JMESPath: who may send, and what the expressions find."""

import hashlib
import hmac

import pytest
from pydantic import ValidationError

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import generic
from incident_copilot.ports import QUERY_TOKEN

from .sending import NOW, alert, at, parse, source, told

OPTIONS = {
    "each": "alarms",
    "delivery_id": "batch",
    "name": "rule.title",
    "status": "state",
    "firing": ["raised"],
    "resolved": ["cleared"],
    "key": "id",
    "severity": "rule.level",
    "service": "what.service",
    "environment": "what.env || 'prod'",
    "summary": "join(' in ', [what.service, what.zone])",
    "labels": "what",
    "links": {"alarm": "page"},
    "starts_at": "since",
    "ends_at": "until",
}


def test_expressions_find_what_all_sources_tell(fixture):
    sent = parse(generic, fixture("generic"), **OPTIONS)
    firing, resolved = sent.alerts

    assert sent.delivery_id == "b-77"
    assert told(firing, "source", "name", "status", "severity", "service", "environment", "summary", "starts_at") == (
        "it",
        "Queue is long",
        AlertStatus.FIRING,
        "major",
        "orders",
        "prod",
        "orders in eu-1",
        at(11, 21, 9, 0, 0),
    )
    assert told(firing, "labels", "links") == (
        {"service": "orders", "zone": "eu-1"},
        {"alarm": "https://monitor.example/a1"},
    )
    assert told(resolved, "name", "status", "ends_at") == ("Disk is full", AlertStatus.RESOLVED, at(11, 21, 9, 5, 0))


def test_body_without_a_state_fires():
    found = alert(generic, {"title": "Up"}, name="title")

    assert told(found, "name", "status", "severity", "labels", "starts_at") == ("Up", AlertStatus.FIRING, None, {}, NOW)


@pytest.mark.parametrize(
    ("word", "status"), [("OPEN", AlertStatus.FIRING), (True, AlertStatus.FIRING), (0, AlertStatus.RESOLVED)]
)
def test_usual_words_need_no_options(word, status):
    assert alert(generic, {"title": "Up", "state": word}, name="title", status="state").status is status


def test_list_of_alerts_needs_no_expression():
    sent = parse(generic, [{"t": "a"}, {"t": "b"}], name="t")

    assert [one.name for one in sent.alerts] == ["a", "b"]


def test_service_tells_one_problem_from_another_where_there_is_no_key():
    a, b = (alert(generic, {"t": "Up", "s": name}, name="t", service="s") for name in ("a", "b"))

    assert a.fingerprint != b.fingerprint


def test_event_that_says_nothing_is_named():
    assert parse(generic, {"event": "Ping"}, name="t", status="event").ignored == "ping"


@pytest.mark.parametrize(("body", "event"), [({"s": "odd"}, "status odd"), ({}, "status is missing")])
def test_status_of_no_list_is_kept(body, event):
    assert parse(generic, body, name="t", status="s").unknown == event


def test_expression_that_cannot_be_asked_of_a_body_finds_nothing():
    assert alert(generic, {"t": "Up", "n": 7}, name="t", summary="join(' ', n)").summary == ""


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "it: name is missing"),
        ({"t": {"a": 1}}, "it: name is not a text"),
        ({"t": "a", "l": "b"}, "it: labels is not an object"),
    ],
)
def test_what_expressions_find_is_checked_by_field(body, problem):
    with pytest.raises(BadPayload) as caught:
        parse(generic, body, name="t", labels="l")

    assert str(caught.value) == problem


def test_expression_that_is_none_is_refused_at_the_start():
    with pytest.raises(ValidationError, match="is not a JMESPath expression"):
        source(generic, name="a[")


@pytest.mark.parametrize("headers", [{"authorization": "Bearer s3cret"}, {QUERY_TOKEN: "s3cret"}])
def test_bearer_token_or_token_of_the_address_opens(headers):
    source(generic, name="t").authenticate(headers, b"")


def test_header_of_ones_own_opens_and_nothing_else():
    mine = source(generic, name="t", header="X-Api-Key")

    mine.authenticate({"x-api-key": "s3cret"}, b"")
    with pytest.raises(Unauthenticated):
        mine.authenticate({"authorization": "Bearer s3cret"}, b"")


def test_signature_opens_and_nothing_else():
    mine = source(generic, name="t", signature_header="X-Signature", signature_prefix="sha256=")
    signature = hmac.new(b"s3cret", b"{}", hashlib.sha256).hexdigest()

    mine.authenticate({"x-signature": f"sha256={signature}"}, b"{}")
    with pytest.raises(Unauthenticated):
        mine.authenticate({"authorization": "Bearer s3cret"}, b"{}")
