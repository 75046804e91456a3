"""Takes Uptime Kuma's notifications of type Webhook: a monitor that went down or came up, a certificate that ends soon.

Set-up: 1. In Uptime Kuma, open Settings, Notifications, Set up notification, type Webhook. 2. Paste
`https://copilot.example.net/webhooks/uptime_kuma` as Post URL and leave the request body at "Preset -
application/json". 3. Switch "Additional Headers" on and write {"Authorization": "Bearer SECRET"}. 4. Choose the
notification in your monitors. A tag "service" with a value names the service.

API: https://github.com/louislam/uptime-kuma/wiki/Notification-Methods
"""

import re
from collections.abc import Mapping

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_STATES = {
    "0": AlertStatus.FIRING,
    "down": AlertStatus.FIRING,
    "1": AlertStatus.RESOLVED,
    "up": AlertStatus.RESOLVED,
}
_SAY_NOTHING = {"2": "pending", "pending": "pending", "3": "maintenance", "maintenance": "maintenance"}
_NAMED = re.compile(r"\[(?P<name>[^\]]+)\]")
_CERTIFICATE = re.compile(r"\bcertificate\b.*\bexpire", re.IGNORECASE)


class Options(Frozen):
    """Uptime Kuma needs no options; its secret is the bearer token of the additional headers."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return UptimeKuma(env)


class UptimeKuma:
    """One Uptime Kuma."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "uptime_kuma")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept a bearer token, basic auth, or the token of the address for versions without additional headers."""
        del body
        self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the monitor of a notification, or those of a list of heartbeats; Kuma names no delivery."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        if "heartbeat" in sent:
            return self._heard(sent.at("heartbeat"), sent.at("monitor"), sent.text("msg"))
        if "msg" in sent:
            return self._said(sent.required("msg"))
        # Kuma's list of heartbeats by monitor, oldest first, as scripts pass it on.
        latest = {name: beats[-1] for name in sent.data if (beats := _beats(sent, name))}
        if not latest:
            return Delivery(unknown="a body without a heartbeat")
        heard = [self._heard(beat, Fields(sent.source, {"name": name}), "") for name, beat in latest.items()]
        return Delivery(alerts=tuple(found for one in heard for found in one.alerts))

    def _heard(self, beat: Fields, monitor: Fields, said: str) -> Delivery:
        if nothing := _SAY_NOTHING.get(beat.text("status").lower()):
            return Delivery(ignored=nothing)
        status, at = beat.choice("status", _STATES), beat.time("time")
        labels = {tag.text("name"): tag.text("value") or "true" for tag in monitor.each("tags") if "name" in tag}
        address = monitor.text("url")
        named = _NAMED.match(said)
        found = alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=beat.first("monitorID", "monitor_id") or monitor.text("id"),
            name=monitor.first("name", "pathName") or (named["name"] if named else monitor.required("name")),
            status=status,
            service=alert_fields.service_in(labels) or monitor.text("hostname") or alert_fields.host_of(address),
            summary=beat.text("msg") or said,
            description=monitor.text("description"),
            labels=labels | ({"type": monitor.text("type")} if "type" in monitor else {}),
            links={"checked": address},
            starts_at=at if status is AlertStatus.FIRING else None,
            ends_at=at,
        )
        return Delivery(alerts=(found,))

    def _said(self, said: str) -> Delivery:
        """Return what a notification without a heartbeat says: a certificate, or a test of the button."""
        if not _CERTIFICATE.search(said):
            return Delivery(ignored="test") if "testing" in said.lower() else Delivery(unknown=said[:200])
        found = _NAMED.match(said)
        return Delivery(alerts=(self._certificate(found["name"] if found else "certificate", said),))

    def _certificate(self, name: str, said: str) -> Alert:
        addresses = [text for text in _NAMED.findall(said)[1:] if alert_fields.is_web(text)]
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=f"{name}|certificate",
            name=f"{name}: certificate",
            status=AlertStatus.FIRING,
            service=alert_fields.host_of(addresses[0]) if addresses else None,
            summary=said,
            links={"checked": addresses[0]} if addresses else {},
        )


def _beats(sent: Fields, name: str) -> tuple[Fields, ...]:
    listed = sent.raw(name)
    is_beats = isinstance(listed, list) and all(isinstance(one, Mapping) and "status" in one for one in listed)
    return tuple(Fields(sent.source, one, name) for one in listed) if is_beats else ()
