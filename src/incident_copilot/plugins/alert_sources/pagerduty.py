"""Takes PagerDuty's webhooks, version 3; bodies of the versions 1 and 2, which PagerDuty has ended, are read too.

Set-up: 1. In PagerDuty open Integrations > Generic Webhooks (v3) > New Webhook.
2. Webhook URL: `https://copilot.example.net/webhooks/pagerduty`; scope: the account, a team or a service.
3. Event subscription: choose all incident events, and press Add Webhook.
4. PagerDuty shows the signing secret once: that is the secret of this source.

API: https://developer.pagerduty.com/docs/webhooks-overview
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.page import PageHeard, is_ours
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, signatures
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_STATES = {
    "triggered": AlertStatus.FIRING,
    "acknowledged": AlertStatus.FIRING,
    "resolved": AlertStatus.RESOLVED,
}
_DONE_TO_PAGES: Mapping[str, Literal["acknowledge", "resolve"]] = {
    "incident.acknowledged": "acknowledge",
    "incident.resolved": "resolve",
}
_TELL = {
    f"incident.{event}"
    for event in (
        "triggered", "acknowledged", "unacknowledged", "delegated", "escalated", "reassigned", "reopened",
        "priority_updated", "service_updated", "resolved",
        # Versions 1 and 2.
        "trigger", "acknowledge", "unacknowledge", "assign", "delegate", "escalate", "resolve",
    )
}  # fmt: skip
# About the incident's people and papers, or about no incident; those of an incident hold only a part of it.
_SAY_NOTHING = {
    "pagey.ping", "incident.annotate", "incident.annotated", "incident.status_update_published",
    "incident.conference_bridge.updated", "incident.custom_field_values.updated", "incident.incident_type.changed",
    "incident.responder.added", "incident.responder.replied", "incident.role.assigned", "incident.role.unassigned",
    "incident.task.created", "incident.task.updated", "incident.task.deleted", "incident.action_invocation.created",
    "incident.action_invocation.updated", "incident.action_invocation.terminated", "incident.workflow.started",
    "incident.workflow.completed", "service.created", "service.updated", "service.deleted",
    "service.custom_field_values.updated",
}  # fmt: skip


class Options(Frozen):
    """PagerDuty needs no options; its secret is the one it shows when the webhook is made."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return PagerDuty(env)


class PagerDuty:
    """One webhook subscription; its secret may be two while it is changed."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "pagerduty")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check PagerDuty's signature of the body."""
        signatures.require_pagerduty(headers, body, self._secrets.texts)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the incident, under the event's id: overlapping subscriptions send the same event twice.

        What is done to a page that the copilot opened there is no alert.
        """
        sent = Fields.of(self._secrets.source, body)
        if "messages" in sent:
            return self._messages(sent)
        event = sent.at("event")
        kind = event.required("event_type")
        if kind not in _TELL:
            return _without_alert(kind)
        delivery_id = event.text("id") or headers.get("x-webhook-id") or None
        key = event.text("data.incident_key")
        if is_ours(key):
            by = event.text("agent.summary") if event.text("agent.type") == "user_reference" else ""
            heard = PageHeard(key=key, event=_DONE_TO_PAGES.get(kind), by=by or None)
            return Delivery(pages=(heard,), delivery_id=delivery_id)
        alert = self._alert(kind, event.at("data"), event.time("occurred_at"))
        return Delivery(alerts=(alert,), delivery_id=delivery_id)

    def _messages(self, sent: Fields) -> Delivery:
        """Return each incident as the last message about it tells it; messages have ids, their batches have none."""
        alerts: dict[str, Alert] = {}
        rest: list[str] = []
        for message in sent.each("messages"):
            kind = message.first("event", "type")
            if kind in _TELL:
                incident = message.at("incident" if "incident" in message else "data.incident")
                alert = self._alert(kind, incident, message.time("created_on"))
                alerts[alert.fingerprint] = alert
            else:
                rest.append(kind)
        strange = next((kind for kind in rest if kind not in _SAY_NOTHING), None)
        if not alerts:
            return _without_alert(strange or "".join(rest[:1]))
        return Delivery(alerts=tuple(alerts.values()), unknown=strange)

    def _alert(self, kind: str, incident: Fields, happened: datetime | None) -> Alert:
        status = incident.choice("status", _STATES) if "status" in incident else _after(kind)
        title = incident.first("title", "trigger_summary_data.subject", "trigger_summary_data.description")
        number = incident.first("number", "incident_number")
        return alert_fields.alert(
            incident.source,
            self._now(),
            key=incident.required("id"),
            name=title or f"PagerDuty incident {number}".strip(),
            status=status,
            severity=incident.first("priority.summary", "priority.name", "urgency"),
            service=incident.first("service.summary", "service.name"),
            summary=title,
            description=incident.first("body.details", "description"),
            labels=incident.picked(
                urgency="urgency",
                priority="priority.summary",
                escalation_policy="escalation_policy.summary",
                incident_key="incident_key",
            ),
            links=incident.picked(pagerduty="html_url", bridge="conference_bridge.conference_url"),
            starts_at=incident.time("created_at") or incident.time("created_on"),
            ends_at=happened,
        )


def _after(kind: str) -> AlertStatus:
    return AlertStatus.RESOLVED if kind in {"incident.resolve", "incident.resolved"} else AlertStatus.FIRING


def _without_alert(kind: str) -> Delivery:
    return Delivery(ignored=kind) if kind in _SAY_NOTHING else Delivery(unknown=kind or "a body without messages")
