"""UptimeRobot's webhooks: who may send, and what each becomes, as a form and as JSON."""

from urllib.parse import urlencode

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import uptimerobot
from incident_copilot.ports import QUERY_TOKEN

from .sending import NOW, alert, at, parse, source, told


def test_monitor_is_told_in_the_words_all_sources_share(fixture):
    sent = parse(uptimerobot, fixture("uptimerobot"))
    (found,) = sent.alerts

    assert sent.delivery_id is None
    assert told(found, "source", "name", "status", "severity", "service", "environment", "starts_at", "ends_at") == (
        "it",
        "Shop health",
        AlertStatus.FIRING,
        None,
        "shop.example",
        "prod",
        at(11, 21, 9, 0, 0),
        None,
    )
    assert told(found, "summary", "labels") == (
        "HTTP 503 - Service Unavailable",
        {"env": "prod", "public": "true", "monitor_type": "HTTP(s)"},
    )
    assert found.links == {
        "monitor": "https://dashboard.uptimerobot.com/monitors/790000001",
        "checked": "https://shop.example/health",
    }


def test_form_says_what_json_says(fixture):
    assert parse(uptimerobot, urlencode(fixture("uptimerobot")).encode()) == parse(uptimerobot, fixture("uptimerobot"))


def test_monitor_ends_as_the_problem_that_began(fixture):
    ended = alert(uptimerobot, fixture("uptimerobot") | {"alertType": 2})

    assert told(ended, "status", "ends_at") == (AlertStatus.RESOLVED, at(11, 21, 9, 0, 0))
    assert ended.fingerprint == alert(uptimerobot, fixture("uptimerobot")).fingerprint


def test_body_of_their_older_names_is_understood():
    found = alert(
        uptimerobot,
        {"monitor_url": "mail.example", "monitor_friendly_name": "Mail", "alert_type": "1", "alert_details": "Silence"},
    )

    assert told(found, "name", "service", "summary", "links", "starts_at") == (
        "Mail",
        "mail.example",
        "Silence",
        {},
        NOW,
    )


@pytest.mark.parametrize("kind", [{"alertType": "3"}, {"alertType": "4", "alertTypeFriendlyName": "Domain expiry"}])
def test_certificate_is_a_problem_of_its_own(fixture, kind):
    found = alert(uptimerobot, fixture("uptimerobot") | {"alertDetails": "", "sslExpiryDaysLeft": "7"} | kind)

    assert told(found, "name", "status", "summary") == ("Shop health: certificate", AlertStatus.FIRING, "7 days left")
    assert found.fingerprint != alert(uptimerobot, fixture("uptimerobot")).fingerprint


def test_variables_that_were_not_filled_are_nothing():
    found = alert(
        uptimerobot,
        {
            "monitorFriendlyName": "*monitorFriendlyName*",
            "monitorURL": "a.example",
            "alertType": "1",
            "tags": ["app:a"],
        },
    )

    assert told(found, "name", "service", "summary") == ("a.example", "a", "")


@pytest.mark.parametrize(("kind", "nothing"), [("99", "paused"), ("98", "started"), ("test", "test")])
def test_monitor_that_was_paused_or_started_says_nothing(kind, nothing):
    assert parse(uptimerobot, {"alertType": kind}).ignored == nothing


def test_type_that_is_none_of_theirs_is_kept():
    assert parse(uptimerobot, {"alertType": "12", "alertTypeFriendlyName": "Slow"}).unknown == "alertType 12 slow"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"monitorURL": "a.example"}, "it: alertType is missing"),
        ({"alertType": "1"}, "it: monitorURL is missing"),
    ],
)
def test_body_without_name_or_type_is_refused_by_field(body, problem):
    with pytest.raises(BadPayload) as caught:
        parse(uptimerobot, body)

    assert str(caught.value) == problem


@pytest.mark.parametrize("headers", [{"authorization": "Bearer s3cret"}, {QUERY_TOKEN: "s3cret"}])
def test_bearer_token_or_token_of_the_address_opens(headers):
    source(uptimerobot).authenticate(headers, b"")


def test_request_without_a_secret_is_refused():
    with pytest.raises(Unauthenticated):
        source(uptimerobot).authenticate({}, b"")
