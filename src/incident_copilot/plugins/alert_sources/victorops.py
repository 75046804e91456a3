"""Takes the outgoing webhooks of Splunk On-Call, which was VictorOps.

Set-up: 1. In Splunk On-Call open Integrations > Outgoing Webhooks > Add Webhook.
2. Event: Any-Incident; method: POST; content type: application/json.
3. Custom headers: `Authorization: Bearer ` and the secret.
4. To: `https://copilot.example.net/webhooks/victorops`; payload: `{"incident": ${{INCIDENT}}, "alert": ${{ALERT}},
"state": ${{STATE}}}`.

API: https://help.victorops.com/knowledge-base/custom-outbound-webhooks/
"""

from collections.abc import Iterator, Mapping
from typing import Any

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_STATES = {
    "critical": AlertStatus.FIRING,
    "warning": AlertStatus.FIRING,
    "acknowledgement": AlertStatus.FIRING,
    "unacked": AlertStatus.FIRING,
    "acked": AlertStatus.FIRING,
    "triggered": AlertStatus.FIRING,
    "recovery": AlertStatus.RESOLVED,
    "resolved": AlertStatus.RESOLVED,
    "ok": AlertStatus.RESOLVED,
}
# In this order: the incident's own phase is sometimes that of before the event.
_STATE_FIELDS = ("message_type", "current_alert_phase", "current_phase", "current_state", "entity_state")
_WELL = {"ok", "up", "recovery", "resolved"}


class Options(Frozen):
    """Splunk On-Call needs no options; its secret is the bearer token among the custom headers."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return SplunkOnCall(env)


class SplunkOnCall:
    """One organisation's outgoing webhook; it sends no delivery id."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "victorops")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare the bearer token or password with the secret."""
        del body
        self._secrets.require_authorization(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the incident, whatever shape the template gave it: nested, or flat with dotted names."""
        del headers
        sent = Fields(self._secrets.source, _flat(Fields.of(self._secrets.source, body).data))
        told = next((word for name in _STATE_FIELDS if (word := _either(sent, name).lower())), "")
        if told == "info":
            return Delivery(ignored="info")
        if told not in _STATES:
            return Delivery(unknown=f"state {told}" if told else "an event without a state")
        # Fields of the monitoring tool come along as they are, by names of their own.
        labels = _texts_of_alert(sent)
        severity = next((word for name in ("current_state", "entity_state") if (word := _either(sent, name))), "")
        name = _either(sent, "entity_display_name") or _either(sent, "service") or _either(sent, "entity_id")
        alert = alert_fields.alert(
            sent.source,
            self._now(),
            key=_either(sent, "entity_id") or _either(sent, "incident_id"),
            name=name,
            status=_STATES[told],
            severity=severity if severity.lower() not in _WELL else None,
            service=alert_fields.service_in(labels) or _either(sent, "service"),
            summary=name,
            description=_either(sent, "state_message"),
            labels={one: text for one, text in labels.items() if not one.startswith("vo_")},
            links={"monitor": _either(sent, "info_url"), "incident": _either(sent, "incident_link")},
            starts_at=sent.time("incident.incident_timestamp") or sent.time("state.incident_timestamp"),
            ends_at=sent.time("state.resolved_at") or sent.time("alert.timet"),
        )
        return Delivery(alerts=(alert,))


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return all fields under dotted names in small letters; templates write them in either way."""
    return dict(_walk(data, ""))


def _walk(data: Mapping[str, Any], place: str) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        where = f"{place}{name.lower()}"
        if isinstance(value, Mapping):
            yield from _walk(value, f"{where}.")
        else:
            yield where, value


def _texts_of_alert(sent: Fields) -> dict[str, str]:
    texts = sent.texts().items()
    return {name.removeprefix("alert."): text for name, text in texts if name.startswith("alert.") and text}


def _either(sent: Fields, name: str) -> str:
    return sent.first(f"alert.{name}", f"state.{name}", f"incident.{name}", name)
