"""Splunk On-Call's outgoing webhooks become alerts, nested or flat."""

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import Unauthenticated
from incident_copilot.plugins.alert_sources import victorops

from .bodies import SECRET, at, one, parse, read, source


def flat(body):
    return {f"{part.upper()}.{name.upper()}": value for part, fields in body.items() for name, value in fields.items()}


def test_incident_becomes_an_alert(fixture):
    alert = one(victorops, fixture("victorops"))

    assert read(alert) == ("HTTP on web-1", AlertStatus.FIRING, "CRITICAL", "HTTP", "prod")
    assert (alert.description, alert.starts_at) == ("Connection refused", at(9))
    assert alert.links == {
        "monitor": "https://nagios.example/web-1/http",
        "incident": "https://portal.victorops.example/client/acme#/incident/57",
    }
    assert alert.labels["monitoring_tool"] == "nagios"
    assert "vo_uuid" not in alert.labels


def test_flat_names_say_the_same(fixture):
    nested = fixture("victorops")

    assert read(one(victorops, flat(nested))) == read(one(victorops, nested))


def test_recovery_resolves_the_same_problem(fixture):
    sent = fixture("victorops")
    over = sent | {
        "alert": sent["alert"] | {"message_type": "RECOVERY", "entity_state": "UP"},
        "state": sent["state"] | {"current_state": "OK", "resolved_at": 1795252140000},
    }

    alert = one(victorops, over)

    assert read(alert) == ("HTTP on web-1", AlertStatus.RESOLVED, None, "HTTP", "prod")
    assert (alert.fingerprint, alert.ends_at) == (one(victorops, sent).fingerprint, at(9, 9))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"current_phase": "ACKED", "incident_id": "3", "service": "x"}, AlertStatus.FIRING),
        ({"current_phase": "RESOLVED", "incident_id": "3", "service": "x"}, AlertStatus.RESOLVED),
    ],
)
def test_own_template_is_taken(body, status):
    assert read(one(victorops, body)) == ("x", status, None, "x", None)


def test_information_is_ignored_and_an_unknown_state_is_named():
    assert parse(victorops, {"alert": {"message_type": "INFO"}}).ignored == "info"
    assert parse(victorops, {"alert": {"message_type": "PARTY"}}).unknown == "state party"
    assert parse(victorops, {"hello": {}}).unknown == "an event without a state"


def test_secret_comes_as_token():
    source(victorops).authenticate({"authorization": f"Bearer {SECRET}"}, b"")
    with pytest.raises(Unauthenticated):
        source(victorops).authenticate({}, b"")
