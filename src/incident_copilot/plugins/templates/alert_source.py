"""The texts of a new alert source, for string.Template."""

MODULE = '''"""Takes the webhooks of $Vendor.

API: https://example.com/replace-with-the-page-of-the-vendor
"""

import hmac
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ValidationError

from incident_copilot.domain.alert import Alert, AlertStatus, fingerprint_of
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.errors import BadPayload, ConfigError, Unauthenticated
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import bodies


class Options(Frozen):
    """$Vendor needs no options."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return $Class(env)


class $Class:
    """One $Vendor that sends its secret as a bearer token."""

    def __init__(self, env: PluginEnv) -> None:
        self._source = env.instance or "$name"
        if not env.secret:
            raise ConfigError(f"{self._source}: no secret; name the variable that holds it with `secret_env`")
        self._expected = f"Bearer {env.secret}".encode()

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare the bearer token with the secret."""
        del body
        given = headers.get("authorization", "").encode("latin-1", "backslashreplace")
        if not hmac.compare_digest(given, self._expected):
            raise Unauthenticated(f"{self._source}: missing or wrong secret in the Authorization header")

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the one alert of a body, under the vendor's own delivery id."""
        del headers
        try:
            sent = _Body.model_validate(bodies.load(self._source, body))
        except ValidationError as error:
            problem = error.errors(include_input=False)[0]
            field = ".".join(str(part) for part in problem["loc"])
            raise BadPayload(self._source, f"{field}: {problem['msg']}") from None
        return Delivery(alerts=(sent.alert(self._source),), delivery_id=sent.id)


class _Body(BaseModel):
    """What the vendor sends; fields it adds later are ignored."""

    id: str
    title: str
    state: Literal["firing", "resolved"]
    service: str | None = None
    at: Utc

    def alert(self, source: str) -> Alert:
        labels = {"service": self.service} if self.service else {}
        return Alert(
            source=source,
            fingerprint=fingerprint_of(source, self.title, labels),
            name=bodies.clean(self.title, 200),
            status=AlertStatus(self.state),
            service=self.service,
            labels=labels,
            starts_at=self.at,
        )
'''

TEST = '''"""$Vendor's webhooks: who may send, and what each becomes."""

import json
from dataclasses import replace

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
    assert (delivery.delivery_id, alert.name, alert.status, alert.service) == (
        "d-1",
        "Queue grows",
        AlertStatus.FIRING,
        "mailer",
    )


def test_body_of_another_shape_is_refused_by_field(env):
    with pytest.raises(BadPayload, match=r"^$name: id: Field required$$"):
        create(env, Options()).parse({}, b"{}")


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
  "title": "Queue grows",
  "state": "firing",
  "service": "mailer",
  "at": "2026-11-21T09:00:00Z"
}
"""
