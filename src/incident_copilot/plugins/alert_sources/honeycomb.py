"""Takes Honeycomb's webhooks: triggers, and burn alerts of SLOs.

Set-up: 1. In Honeycomb open Integration Center (Team Settings > Integrations) > Add integration > Webhook.
2. Webhook URL: `https://copilot.example.net/webhooks/honeycomb`; shared secret: the secret. Keep the payload.
3. Choose the integration as recipient of each trigger and burn alert that matters.

API: https://docs.honeycomb.io/notify/webhooks/
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_STATES = {
    "triggered": AlertStatus.FIRING,
    "firing": AlertStatus.FIRING,
    "alert": AlertStatus.FIRING,
    "ok": AlertStatus.RESOLVED,
    "resolved": AlertStatus.RESOLVED,
    "recovered": AlertStatus.RESOLVED,
}


class Options(Frozen):
    """Honeycomb needs no options; its secret is the integration's shared secret."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Honeycomb(env)


class Honeycomb:
    """One webhook integration of one team."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "honeycomb")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare the header that Honeycomb puts the shared secret into."""
        del body
        self._secrets.require_header(headers, "x-honeycomb-webhook-token")

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the trigger or burn alert, whose id is the same each time it fires."""
        sent = Fields.of(self._secrets.source, body)
        state = sent.required("status")
        if state.lower() == "test" or sent.text("is_test") == "true":
            return Delivery(ignored="test")
        if state.lower() not in _STATES:
            return Delivery(unknown=f"status {state}")
        labels = sent.picked(
            dataset="dataset",
            environment="environment",
            severity="severity",
            operator="operator",
            threshold="threshold",
        )
        groups = sent.each("result_groups_triggered")
        # One group can be named; of several, only the link shows which they are.
        labels |= groups[0].texts("Group") if len(groups) == 1 else {}
        name = sent.required("name")
        alert = alert_fields.alert(
            sent.source,
            self._now(),
            key=sent.first("id", "trigger_url", "slo_id") or name,
            name=name,
            status=_STATES[state.lower()],
            service=alert_fields.service_in(labels)
            or alert_fields.first(labels, "service.name", "dataset")
            or next(iter(sent.listed("datasets")), None),
            summary=sent.text("summary"),
            description=sent.first("description", "trigger_description"),
            labels=labels,
            links=sent.picked(honeycomb="result_url", trigger="trigger_url", slo="slo_url"),
            starts_at=sent.time("alert_timestamp") or sent.time("timestamp"),
        )
        return Delivery(alerts=(alert,), delivery_id=headers.get("x-honeycomb-webhook-delivery-id") or None)
