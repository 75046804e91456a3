"""Takes Datadog's webhooks with the payload below; other payloads are read as far as they use the usual names.

Set-up: 1. In Datadog open Integrations > Webhooks > New.
2. Name: `copilot`; URL: `https://copilot.example.net/webhooks/datadog`.
3. Custom headers: `{"Authorization": "Bearer SECRET"}` with the secret (best as a hidden custom variable).
4. Payload:

  {"alert_id": "$ALERT_ID", "alert_title": "$ALERT_TITLE", "alert_transition": "$ALERT_TRANSITION",
   "alert_type": "$ALERT_TYPE", "alert_priority": "$ALERT_PRIORITY", "alert_query": "$ALERT_QUERY",
   "alert_scope": "$ALERT_SCOPE", "alert_status": "$ALERT_STATUS", "alert_metric": "$ALERT_METRIC",
   "aggreg_key": "$AGGREG_KEY", "event_id": "$ID", "event_type": "$EVENT_TYPE", "event_title": "$EVENT_TITLE",
   "text": "$TEXT_ONLY_MSG", "hostname": "$HOSTNAME", "tags": "$TAGS", "link": "$LINK", "snapshot": "$SNAPSHOT",
   "date": "$DATE", "last_updated": "$LAST_UPDATED"}

5. Add `@webhook-copilot` to the message of each monitor, or to a notification rule.

API: https://docs.datadoghq.com/integrations/webhooks/
"""

import re
from collections.abc import Mapping

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_RESOLVED = {"recovered", "success", "ok", "resolved"}
_STATES = ("alert_transition", "transition", "alert_type", "state", "status", "overall_state")
_SEVERITIES = {"error", "warning"}
# Titles begin with what happened, such as "[P2] [Warn on {host:web-1}] CPU is high".
_PREFIX = re.compile(
    r"^(?:\[(?:TEST|P[1-5]|(?:Re-)?(Triggered|Recovered|Warn|No Data|Alert|OK|Renotify)(?: on [^]]*)?)\]\s*)+",
    re.IGNORECASE,
)


class Options(Frozen):
    """Datadog needs no options; its secret is the bearer token among the custom headers."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Datadog(env)


class Datadog:
    """One webhook of one organisation."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "datadog")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare the bearer token or password with the secret."""
        del body
        self._secrets.require_authorization(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the monitor's alert, under the id of Datadog's event."""
        del headers
        whole = Fields.of(self._secrets.source, body)
        sent = whole.at("alert") if isinstance(whole.raw("alert"), Mapping) else whole
        title = _said(sent, "alert_title", "title", "event_title", "monitor_name", "name")
        if not title:
            raise sent.bad("alert_title", "is missing")
        name, happening = _read(title)
        word = _said(sent, *_STATES) or happening
        status = AlertStatus.RESOLVED if word.lower() in _RESOLVED else AlertStatus.FIRING
        labels = _labels(sent)
        happened = sent.time("date") or sent.time("last_updated")
        alert = alert_fields.alert(
            sent.source,
            self._now(),
            key=_key(sent),
            name=name,
            status=status,
            severity=_severity(sent, labels),
            service=alert_fields.service_in(labels)
            or alert_fields.first(labels, "kube_service", "kube_deployment", "kube_namespace"),
            summary=_said(sent, "event_title", "alert_status") or title,
            description=_said(sent, "text", "text_only_msg", "body", "message", "event_msg", "description"),
            labels=labels,
            links={
                "datadog": _said(sent, "link", "url", "alert_url", "source_url"),
                "snapshot": _said(sent, "snapshot", "snapshot_url"),
            },
            starts_at=happened if status is AlertStatus.FIRING else None,
            ends_at=happened,
            expression=_said(sent, "alert_query", "query"),
        )
        return Delivery(alerts=(alert,), delivery_id=_said(sent, "event_id", "id") or None)


def _said(sent: Fields, *paths: str) -> str:
    """Return the first text that says something; Datadog writes "null", or the variable itself, where it has none."""
    texts = (sent.text(path) for path in paths if not isinstance(sent.raw(path), Mapping | list))
    return next((text for text in texts if text and text != "null" and not text.startswith("$")), "")


def _read(title: str) -> tuple[str, str]:
    """Return the monitor's name and what happens, such as "Recovered", which is "" where the title does not tell."""
    prefix = _PREFIX.match(title)
    return (title[prefix.end() :] or title, prefix[1] or "") if prefix else (title, "")


def _key(sent: Fields) -> str | None:
    """Return Datadog's key of a monitor and group, or the monitor's id and scope."""
    monitor = _said(sent, "alert_id", "monitor_id", "monitor.id")
    scope = ",".join(sorted(_tags(sent, "alert_scope", "scope", "scopes")))
    return _said(sent, "aggreg_key") or (f"{monitor}|{scope}" if monitor else None)


def _labels(sent: Fields) -> dict[str, str]:
    labels = sent.texts("commonAnnotations") | sent.texts("commonLabels")
    host = _said(sent, "hostname", "host")
    return ({"host": host} if host else {}) | alert_fields.tagged(_tags(sent, "alert_scope", "scopes", "tags")) | labels


def _tags(sent: Fields, *paths: str) -> list[str]:
    return [tag for path in paths for tag in sent.listed(path) if tag != "null" and not tag.startswith("$")]


def _severity(sent: Fields, labels: Mapping[str, str]) -> str | None:
    """Return the monitor's priority as people see it, else the severity among its tags, else the kind of alert."""
    priority = _said(sent, "alert_priority", "priority")
    if priority and priority.lower() not in {"normal", "low"}:
        return f"P{priority}" if priority.isdigit() else priority
    kind = _said(sent, "alert_type")
    return alert_fields.severity_in(labels) or (kind if kind in _SEVERITIES else None)
