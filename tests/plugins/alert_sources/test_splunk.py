"""Splunk's webhook alert action becomes an alert."""

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import splunk
from incident_copilot.ports import QUERY_TOKEN

from .bodies import NOW, SECRET, at, one, parse, read, source


def test_saved_search_becomes_an_alert(fixture):
    alert = one(splunk, fixture("splunk"))

    assert read(alert) == ("Failed logins above 50", AlertStatus.FIRING, "high", "auth", "prod")
    assert alert.starts_at == at(9, 9)
    assert alert.description == "2026-11-21T09:09:00Z auth login failed user=mallory"
    assert alert.labels == {
        "service": "auth",
        "environment": "prod",
        "severity": "high",
        "host": "auth-2",
        "count": "73",
        "sourcetype": "auth",
        "tags": '["a","b"]',
        "splunk_app": "search",
        "splunk_owner": "ops",
    }
    assert [*alert.links] == ["results"]


def test_problem_is_that_of_the_search_and_host(fixture):
    sent = fixture("splunk")
    later = sent | {"sid": "other", "result": sent["result"] | {"_time": "1795252150", "count": "80"}}
    elsewhere = sent | {"result": sent["result"] | {"host": "auth-3"}}

    assert one(splunk, later).fingerprint == one(splunk, sent).fingerprint
    assert one(splunk, elsewhere).fingerprint != one(splunk, sent).fingerprint


@pytest.mark.parametrize("body", [{"search_name": "s"}, {"search_name": "s", "result": None, "results_link": None}])
def test_search_without_a_result_is_an_alert_of_now(body):
    alert = one(splunk, body)

    assert (alert.name, alert.starts_at, alert.links) == ("s", NOW, {})


def test_search_without_a_name_is_an_alert():
    assert one(splunk, {"result": {"host": "h"}}).name == "alert without a name"


def test_body_of_something_else_is_refused():
    with pytest.raises(BadPayload, match=r"^src: search_name is missing"):
        parse(splunk, {"hello": "world"})


def test_secret_comes_in_the_address():
    source(splunk).authenticate({QUERY_TOKEN: SECRET}, b"")
    with pytest.raises(Unauthenticated):
        source(splunk).authenticate({}, b"")
