"""Takes Grafana's webhooks: those of unified alerting, and those of the legacy alerting that ended with version 10.

Set-up: 1. In Grafana open Alerting > Contact points > Add contact point and choose the integration Webhook.
2. URL: `https://copilot.example.net/webhooks/grafana`; HTTP method: POST.
3. Optional settings > Authorization header: scheme `Bearer`, credentials: the secret. Where you sign instead, put the
secret into HMAC signature > secret, and leave the header names as they are.
4. Leave the payload as it is, press Test, save, and choose the contact point in a notification policy.

API: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, signatures
from incident_copilot.vendors.alert_group import AlertGroup
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_SIGNATURE = "x-grafana-alerting-signature"
_LINKS = {"panel": "panelURL", "dashboard": "dashboardURL", "silence": "silenceURL", "image": "imageURL"}
_LEGACY = ("ruleName", "ruleId", "evalMatches")
_STATES = {"alerting": AlertStatus.FIRING, "no_data": AlertStatus.FIRING, "ok": AlertStatus.RESOLVED}
# The rule is switched off, waits for its `for`, or was never evaluated.
_SAY_NOTHING = {"paused", "pending", "unknown"}


class Options(Frozen):
    """Grafana needs no options; its secret is the bearer token, password or signing key of the contact point."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Grafana(env)


class Grafana:
    """One Grafana that sends the secret along or signs with it."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "grafana")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check the signature where there is one, else the bearer token or password."""
        if _SIGNATURE in headers:
            signatures.require_sha256(self._secrets.source, headers[_SIGNATURE], body, self._secrets.texts)
        else:
            self._secrets.require_authorization(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the alerts, each with its own status; Grafana sends no delivery id."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        if "alerts" not in sent and any(name in sent for name in _LEGACY):
            return self._legacy(sent)
        return Delivery(alerts=AlertGroup(sent.source, sent.data, self._now(), home="grafana", links=_LINKS).alerts())

    def _legacy(self, sent: Fields) -> Delivery:
        state = sent.required("state")
        if state in _SAY_NOTHING:
            return Delivery(ignored=state)
        labels = sent.texts("tags")
        for match in sent.each("evalMatches"):
            labels = match.texts("tags") | labels
        alert = alert_fields.alert(
            sent.source,
            self._now(),
            # What matched is left out when the rule is fine again, so it may not be part of the key.
            key=f"{sent.text('orgId')}:{sent.first('ruleId', 'ruleName')}",
            name=sent.first("ruleName", "title"),
            status=sent.choice("state", _STATES),
            summary=sent.text("title"),
            description=sent.text("message"),
            labels=labels,
            links=sent.picked(rule="ruleUrl", image="imageUrl"),
        )
        return Delivery(alerts=(alert,))
