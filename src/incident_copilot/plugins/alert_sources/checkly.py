"""Takes Checkly's webhook alerts, with the template that Checkly offers first or with ours.

Set-up: 1. In Checkly, open Alert settings, Add more channels, Webhook. 2. Choose POST, paste
`https://copilot.example.net/webhooks/checkly` as URL, and the secret as "Webhook secret". 3. Leave the payload as it
is, or paste `TEMPLATE` of this module, which tells more. 4. Subscribe your checks to the channel. A tag such as
"service:shop" names the service.

API: https://www.checklyhq.com/docs/integrations/alerts/webhooks
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, signatures
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

TEMPLATE = """{
  "event": "{{ALERT_TITLE}}",
  "alert_type": "{{ALERT_TYPE}}",
  "check_name": "{{CHECK_NAME}}",
  "group_name": "{{GROUP_NAME}}",
  "check_id": "{{CHECK_ID}}",
  "check_type": "{{CHECK_TYPE}}",
  "check_result_id": "{{CHECK_RESULT_ID}}",
  "check_error_message": "{{CHECK_ERROR_MESSAGE}}",
  "run_location": "{{RUN_LOCATION}}",
  "result_link": "{{RESULT_LINK}}",
  "ssl_days_remaining": "{{SSL_DAYS_REMAINING}}",
  "ssl_check_domain": "{{SSL_CHECK_DOMAIN}}",
  "started_at": "{{STARTED_AT}}",
  "tags": "{{#each TAGS}}{{this}},{{/each}}"
}"""

_STATES = {
    "alert_failure": AlertStatus.FIRING,
    "alert_failure_remain": AlertStatus.FIRING,
    "alert_failure_degraded": AlertStatus.FIRING,
    "alert_degraded": AlertStatus.FIRING,
    "alert_degraded_remain": AlertStatus.FIRING,
    "alert_degraded_failure": AlertStatus.FIRING,
    "alert_fail": AlertStatus.FIRING,
    "alert_ssl": AlertStatus.FIRING,
    "alert_recovery": AlertStatus.RESOLVED,
    "alert_degraded_recovery": AlertStatus.RESOLVED,
}
# What a check is after an alert of this type.
_DEGRADED = {"alert_degraded", "alert_degraded_remain", "alert_failure_degraded"}


class Options(Frozen):
    """Checkly needs no options; its secret is the webhook secret of the channel."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Checkly(env)


class Checkly:
    """One alert channel of Checkly."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "checkly")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check the signature over the body."""
        given = headers.get("x-checkly-signature", "")
        signatures.require_sha256(self._secrets.source, given, body, self._secrets.texts)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the one check of a body; one result of a check tells one state, so its id names no delivery."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        kind = _given(sent, "alert_type").lower()
        if kind in {"no_alert", "test"}:
            return Delivery(ignored=kind)
        if kind and kind not in _STATES:
            return Delivery(unknown=kind)
        return Delivery(alerts=(self._alert(sent, kind),))

    def _alert(self, sent: Fields, kind: str) -> Alert:
        # Templates of others may leave the type out and keep the title.
        title = _given(sent, "event", "alert_title")
        ended = AlertStatus.RESOLVED if "recovered" in title.lower() else AlertStatus.FIRING
        status, at = _STATES.get(kind, ended), sent.time("started_at") or sent.time("STARTED_AT")
        name = _given(sent, "check_name") or title or sent.required("check_name")
        is_ssl = kind == "alert_ssl"
        labels = alert_fields.tagged(_tags(sent))
        labels |= {field: text for field in ("check_type", "run_location") if (text := _given(sent, field))}
        key = _given(sent, "check_id")
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=f"{key or name}|ssl" if is_ssl else key or name,
            name=f"{name}: certificate" if is_ssl else name,
            status=status,
            severity=_severity(kind, status),
            service=alert_fields.service_in(labels) or _given(sent, "group_name", "check_group_name"),
            summary=title,
            description=_given(sent, "check_error_message", "ssl_check_domain"),
            labels=labels,
            links={"result": _given(sent, "result_link", "link"), "checkly": _given(sent, "public_result_link")},
            starts_at=at if status is AlertStatus.FIRING else None,
            ends_at=at,
        )


def _severity(kind: str, status: AlertStatus) -> str | None:
    if status is AlertStatus.RESOLVED or not kind:
        return None
    return "degraded" if kind in _DEGRADED else None if kind == "alert_ssl" else "failure"


def _given(sent: Fields, *names: str) -> str:
    """Return the first text that is there, under the name of Checkly's template or of its variable."""
    return sent.first(*names, *map(str.upper, names))


def _tags(sent: Fields) -> tuple[str, ...]:
    return sent.listed("tags") or sent.listed("TAGS")
