"""Takes UptimeRobot's webhooks, as a form or as JSON: a monitor that went down or up, a certificate that ends soon.

Set-up: 1. In UptimeRobot, open Integrations, and add a Webhook with the URL
`https://copilot.example.net/webhooks/uptimerobot?token=SECRET&` (with the "&" at its end). 2. Choose "Send as JSON" or
leave the default, POST parameters; do not send as query string. Where your plan has custom headers, send
`Authorization: Bearer SECRET` and leave the token out. 3. Tick the integration in your monitors.

API: https://help.uptimerobot.com/en/articles/14498593-webhook-integration
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_STATES = {
    "1": AlertStatus.FIRING,
    "down": AlertStatus.FIRING,
    "2": AlertStatus.RESOLVED,
    "up": AlertStatus.RESOLVED,
}
_EXPIRY = ("ssl", "expir", "domain")
_SAY_NOTHING = {"98": "started", "99": "paused", "started": "started", "paused": "paused", "test": "test"}


class Options(Frozen):
    """UptimeRobot needs no options; its secret is the token of the address or a bearer token."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return UptimeRobot(env)


class UptimeRobot:
    """One account of UptimeRobot."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "uptimerobot")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept a bearer token, or the token of the address, as some plans can send no header."""
        del body
        self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the one monitor of a body; UptimeRobot names no delivery."""
        del headers
        source = self._secrets.source
        sent = Fields.of(source, body) if body.lstrip().startswith(b"{") else Fields.of_form(source, body)
        kind = _given(sent, "alertType", "alert_type") or _given(sent, "alertTypeFriendlyName")
        word = _given(sent, "alertTypeFriendlyName", "alert_type_friendly_name").lower()
        if nothing := _SAY_NOTHING.get(kind.lower()):
            return Delivery(ignored=nothing)
        if kind.lower() in _STATES:
            return Delivery(alerts=(self._alert(sent, _STATES[kind.lower()]),))
        if kind == "3" or any(part in word for part in _EXPIRY):
            return Delivery(alerts=(self._alert(sent, AlertStatus.FIRING, about="certificate"),))
        if not kind:
            raise sent.bad("alertType", "is missing")
        return Delivery(unknown=f"alertType {kind} {word}".strip())

    def _alert(self, sent: Fields, status: AlertStatus, about: str = "") -> Alert:
        address = _given(sent, "monitorURL", "monitor_url")
        name = _given(sent, "monitorFriendlyName", "monitor_friendly_name") or address or sent.required("monitorURL")
        key = _given(sent, "monitorID", "monitor_id") or f"{name}|{address}"
        at = sent.time("alertDateTime") or sent.time("alert_date_time")
        labels = alert_fields.tagged(_given(sent, "monitorTags", "monitor_tags", "tags").split(","))
        kinds = {"monitor_type": _given(sent, "monitorType", "monitor_type"), "group": _given(sent, "monitorGroup")}
        labels |= {name: text for name, text in kinds.items() if text}
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=f"{key}|{about}" if about else key,
            name=f"{name}: {about}" if about else name,
            status=status,
            service=alert_fields.service_in(labels) or alert_fields.host_of(address),
            summary=_given(sent, "alertDetails", "alert_details") or _left(sent),
            labels=labels,
            links={
                "monitor": _given(sent, "monitorDashboardURL", "dashboardURL", "monitor_dashboard_url"),
                "checked": address,
            },
            starts_at=at if status is AlertStatus.FIRING else None,
            ends_at=at,
        )


def _given(sent: Fields, *names: str) -> str:
    """Return the first text that is there; a variable such as *alertDetails* that was not filled is none."""
    found = (", ".join(sent.listed(name)) if isinstance(sent.raw(name), list) else sent.text(name) for name in names)
    return next((text for text in found if text and not (text.startswith("*") and text.endswith("*"))), "")


def _left(sent: Fields) -> str:
    days = _given(sent, "sslExpiryDaysLeft", "ssl_expiry_days_left")
    return f"{days} days left" if days else ""
