"""Checkly's alerts: who may send, and what each becomes."""

import hashlib
import hmac
import json
import re

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import checkly

from .sending import NOW, alert, at, parse, source, told


def test_check_is_told_in_the_words_all_sources_share(fixture):
    sent = parse(checkly, fixture("checkly"))
    (found,) = sent.alerts

    assert sent.delivery_id is None
    assert told(found, "source", "name", "status", "severity", "service", "environment", "starts_at", "ends_at") == (
        "it",
        "Basket API",
        AlertStatus.FIRING,
        "failure",
        "Shop",
        "prod",
        at(11, 21, 9, 0, 0),
        None,
    )
    assert told(found, "summary", "description") == ('Check "Basket API" has failed', "expected 200, got 503")
    assert found.labels == {"env": "prod", "basket": "true", "check_type": "API", "run_location": "Frankfurt"}
    assert found.links == {"result": "https://app.checklyhq.com/checks/2f1f5f8e/results/7c7e"}


def test_our_template_sends_what_is_read(fixture):
    assert re.findall(r'^  "(\w+)":', checkly.TEMPLATE, re.MULTILINE) == [*fixture("checkly")]


@pytest.mark.parametrize(
    ("kind", "status", "severity"),
    [
        ("ALERT_FAILURE_REMAIN", AlertStatus.FIRING, "failure"),
        ("ALERT_DEGRADED", AlertStatus.FIRING, "degraded"),
        ("ALERT_FAILURE_DEGRADED", AlertStatus.FIRING, "degraded"),
        ("ALERT_RECOVERY", AlertStatus.RESOLVED, None),
        ("ALERT_DEGRADED_RECOVERY", AlertStatus.RESOLVED, None),
    ],
)
def test_type_says_state_and_severity_of_one_problem(fixture, kind, status, severity):
    found = alert(checkly, fixture("checkly") | {"alert_type": kind})

    assert told(found, "status", "severity") == (status, severity)
    assert found.fingerprint == alert(checkly, fixture("checkly")).fingerprint


def test_certificate_is_a_problem_of_its_own(fixture):
    body = {"alert_type": "ALERT_SSL", "check_error_message": "", "ssl_check_domain": "shop.example"}

    found = alert(checkly, fixture("checkly") | body)

    assert told(found, "name", "severity", "description") == ("Basket API: certificate", None, "shop.example")
    assert found.fingerprint != alert(checkly, fixture("checkly")).fingerprint


@pytest.mark.parametrize(
    ("title", "status"),
    [("Check Up has failed", AlertStatus.FIRING), ("Check Up has recovered", AlertStatus.RESOLVED)],
)
def test_title_says_the_state_where_the_type_is_left_out(title, status):
    found = alert(checkly, {"ALERT_TITLE": title, "TAGS": ["service:shop"]})

    assert told(found, "name", "status", "severity", "service", "starts_at") == (title, status, None, "shop", NOW)


def test_alert_that_is_none_says_nothing():
    assert parse(checkly, {"alert_type": "NO_ALERT"}).ignored == "no_alert"


def test_type_that_is_none_of_theirs_is_kept():
    assert parse(checkly, {"alert_type": "ALERT_ODD"}).unknown == "alert_odd"


def test_body_without_a_name_is_refused_by_field():
    with pytest.raises(BadPayload) as caught:
        parse(checkly, {"alert_type": "ALERT_FAILURE"})

    assert str(caught.value) == "it: check_name is missing"


def test_signature_over_the_body_opens(fixture):
    body = json.dumps(fixture("checkly")).encode()
    signature = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()

    source(checkly).authenticate({"x-checkly-signature": signature}, body)
    with pytest.raises(Unauthenticated):
        source(checkly).authenticate({"x-checkly-signature": signature}, body + b" ")


def test_request_without_a_signature_is_refused():
    with pytest.raises(Unauthenticated):
        source(checkly).authenticate({}, b"")
