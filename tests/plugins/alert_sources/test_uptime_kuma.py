"""Uptime Kuma's notifications: who may send, and what each becomes."""

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import uptime_kuma
from incident_copilot.ports import QUERY_TOKEN

from .sending import NOW, alert, at, parse, source, told


def test_monitor_is_told_in_the_words_all_sources_share(fixture):
    sent = parse(uptime_kuma, fixture("uptime_kuma"))
    (found,) = sent.alerts

    assert sent.delivery_id is None
    assert told(found, "source", "name", "status", "severity", "service", "environment", "starts_at", "ends_at") == (
        "it",
        "Shop API",
        AlertStatus.FIRING,
        None,
        "api.shop.example",
        "prod",
        at(11, 21, 9, 0, 0).replace(microsecond=250000),
        None,
    )
    assert told(found, "summary", "description") == ("Request failed with status code 502", "The API behind the shop.")
    assert found.labels == {"env": "prod", "public": "true", "type": "http"}
    assert found.links == {"checked": "https://api.shop.example/health"}


def test_monitor_ends_as_the_problem_that_began(fixture):
    body = fixture("uptime_kuma")
    ended = alert(uptime_kuma, body | {"heartbeat": body["heartbeat"] | {"status": 1, "msg": "200 - OK"}})

    assert told(ended, "status", "summary") == (AlertStatus.RESOLVED, "200 - OK")
    assert ended.fingerprint == alert(uptime_kuma, body).fingerprint


def test_monitor_that_is_not_told_is_named_by_the_message():
    found = alert(uptime_kuma, {"heartbeat": {"status": "down"}, "monitor": None, "msg": "[DNS] [Down] no answer"})

    assert told(found, "name", "summary", "service", "starts_at") == ("DNS", "[DNS] [Down] no answer", None, NOW)


@pytest.mark.parametrize(("status", "nothing"), [(2, "pending"), (3, "maintenance")])
def test_monitor_that_waits_says_nothing(status, nothing):
    assert parse(uptime_kuma, {"heartbeat": {"status": status}, "monitor": {"name": "a"}}).ignored == nothing


def test_certificate_that_ends_soon_is_a_problem_of_its_own():
    said = "[Shop][https://shop.example/] server certificate shop.example will be expired in 7 days"

    found = alert(uptime_kuma, {"heartbeat": None, "monitor": None, "msg": said})

    assert told(found, "name", "status", "service", "summary", "links") == (
        "Shop: certificate",
        AlertStatus.FIRING,
        "shop.example",
        said,
        {"checked": "https://shop.example/"},
    )


def test_certificate_without_a_monitor_is_still_told():
    found = alert(uptime_kuma, {"msg": "A certificate will expire soon"})

    assert told(found, "name", "service", "links") == ("certificate: certificate", None, {})


def test_button_for_a_test_says_nothing():
    assert parse(uptime_kuma, {"heartbeat": None, "monitor": None, "msg": "On call Testing"}).ignored == "test"


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"msg": "Docker host is back"}, "Docker host is back"),
        ({"a": [1], "b": [], "c": "d"}, "a body without a heartbeat"),
    ],
)
def test_message_of_something_else_is_kept(body, event):
    assert parse(uptime_kuma, body).unknown == event


def test_list_of_heartbeats_tells_each_monitor_by_its_last_one():
    beats = {
        "monitor_1": [{"monitor_id": 1, "status": 0}, {"monitor_id": 1, "status": 1, "msg": "OK"}],
        "monitor_2": [{"monitor_id": 2, "status": 0, "time": "2026-11-21 09:00:00"}],
        "monitor_3": [{"monitor_id": 3, "status": 2}],
    }

    sent = parse(uptime_kuma, beats)

    assert [told(one, "name", "status", "summary") for one in sent.alerts] == [
        ("monitor_1", AlertStatus.RESOLVED, "OK"),
        ("monitor_2", AlertStatus.FIRING, ""),
    ]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"heartbeat": {"status": 9}}, "it: heartbeat.status is 9, not one of 0, down, 1, up"),
        ({"heartbeat": {"status": 0}}, "it: monitor.name is missing"),
    ],
)
def test_body_without_name_or_state_is_refused_by_field(body, problem):
    with pytest.raises(BadPayload) as caught:
        parse(uptime_kuma, body)

    assert str(caught.value) == problem


@pytest.mark.parametrize("headers", [{"authorization": "Bearer s3cret"}, {QUERY_TOKEN: "s3cret"}])
def test_bearer_token_or_token_of_the_address_opens(headers):
    source(uptime_kuma).authenticate(headers, b"")


def test_request_without_a_secret_is_refused():
    with pytest.raises(Unauthenticated):
        source(uptime_kuma).authenticate({}, b"")
