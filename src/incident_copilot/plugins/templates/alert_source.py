"""The texts of a new alert source, for string.Template."""

MODULE = '''"""Takes the webhooks of $Vendor.

API: https://example.com/replace-with-the-page-of-the-vendor
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_STATES = {"firing": AlertStatus.FIRING, "resolved": AlertStatus.RESOLVED}
_SAY_NOTHING = {"ping"}


class Options(Frozen):
    """$Vendor needs no options."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return $Class(env)


class $Class:
    """One $Vendor that sends its secret as a bearer token."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "$name")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare the bearer token with the secret."""
        del body
        self._secrets.require_authorization(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the one alert of a body, under the vendor's own delivery id."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        event = sent.required("event")
        if event in _SAY_NOTHING:
            return Delivery(ignored=event)
        if event != "alert":
            return Delivery(unknown=event)
        alert = alert_fields.alert(
            sent.source,
            self._now(),
            key=sent.text("problem.id"),
            name=sent.required("problem.title"),
            status=sent.choice("problem.state", _STATES),
            severity=sent.text("problem.priority"),
            labels=sent.texts("problem.labels"),
            links={"problem": sent.text("problem.url")},
            starts_at=sent.time("problem.since"),
            ends_at=sent.time("problem.until"),
        )
        return Delivery(alerts=(alert,), delivery_id=sent.text("id") or None)
'''

TEST = '''"""$Vendor's webhooks: who may send, and what each becomes."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, ConfigError, Unauthenticated
from incident_copilot.plugins import discover
from incident_copilot.plugins.alert_sources.$name import Options, create


def test_module_is_found_by_its_folder():
    assert "$name" in discover("$kind")


def test_alert_is_told_in_the_words_all_sources_share(env, fixture):
    body = json.dumps(fixture("$name")).encode()

    delivery = create(env, Options()).parse({}, body)

    (alert,) = delivery.alerts
    assert (delivery.delivery_id, alert.name, alert.status, alert.severity, alert.service, alert.links) == (
        "d-1",
        "Queue grows",
        AlertStatus.FIRING,
        "high",
        "mailer",
        {"problem": "https://vendor.example/problems/7"},
    )
    assert alert.starts_at == datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "ignored", "unknown"), [("ping", "ping", None), ("invoice.paid", None, "invoice.paid")]
)
def test_event_that_is_no_alert_is_named(env, event, ignored, unknown):
    delivery = create(env, Options()).parse({}, json.dumps({"event": event}).encode())

    assert (delivery.alerts, delivery.ignored, delivery.unknown) == ((), ignored, unknown)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "event is missing"),
        ({"event": "alert", "problem": {"title": "x", "state": "odd"}}, "problem.state is odd"),
    ],
)
def test_body_of_another_shape_is_refused_by_field(env, body, problem):
    with pytest.raises(BadPayload, match=f"^$name: {problem}"):
        create(env, Options()).parse({}, json.dumps(body).encode())


def test_secret_opens(env):
    create(env, Options()).authenticate({"authorization": "Bearer s3cret"}, b"")


@pytest.mark.parametrize("header", ["", "Bearer wrong"])
def test_anything_else_is_refused(env, header):
    with pytest.raises(Unauthenticated):
        create(env, Options()).authenticate({"authorization": header}, b"")


def test_source_without_a_secret_is_not_set_up(env):
    with pytest.raises(ConfigError, match="secret_env"):
        create(replace(env, secret=None), Options())
'''

FIXTURE = """{
  "id": "d-1",
  "event": "alert",
  "problem": {
    "id": 7,
    "title": "Queue grows",
    "state": "firing",
    "priority": "high",
    "labels": {"service": "mailer", "env": "prod"},
    "url": "https://vendor.example/problems/7",
    "since": "2026-11-21T09:00:00Z"
  }
}
"""
