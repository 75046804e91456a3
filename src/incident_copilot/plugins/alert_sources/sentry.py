"""Takes Sentry's webhooks: issues, issue alerts, metric alerts and errors, and those of the old webhooks plugin.

Set-up: 1. In Sentry open Settings > Developer Settings > Custom Integrations > Create New Integration > Internal.
2. Webhook URL: `https://copilot.example.net/webhooks/sentry`; switch Alert Rule Action on.
3. Permissions: Issue & Event: Read. Webhooks: issue (and error, if you want each event). Save.
4. The Client Secret shown at the end of the page is the secret of this source.
5. In Alerts, add the action "Send a notification via" this integration to the rules that matter.
The old plugin (Legacy Integrations > WebHooks) cannot sign: add `?token=` and the secret to its URL.

API: https://docs.sentry.io/organization/integrations/integration-platform/webhooks/
"""

import re
from collections.abc import Iterable, Mapping
from itertools import chain

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, signatures
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_SIGNATURE = "sentry-hook-signature"
_EVENTS = {"error": "data.error", "event_alert": "data.event"}
_ISSUE = {
    "created": AlertStatus.FIRING,
    "unresolved": AlertStatus.FIRING,
    "resolved": AlertStatus.RESOLVED,
}
_METRIC = {
    "critical": AlertStatus.FIRING,
    "warning": AlertStatus.FIRING,
    "open": AlertStatus.FIRING,
    "resolved": AlertStatus.RESOLVED,
}
_SAY_NOTHING = {"installation", "comment", "seer", "preprod_artifact"}
_ISSUE_SAYS_NOTHING = {"assigned", "ignored", "archived"}
_ISSUE_IN = re.compile(r"/issues/(\d+)")
_PROJECT_IN = re.compile(r"/projects/[^/]+/([^/]+)/")


class Options(Frozen):
    """Sentry needs no options; its secret is the integration's client secret."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Sentry(env)


class Sentry:
    """One integration of one organisation."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "sentry")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check the signature where there is one, else `?token=`, which is all that the old plugin can send."""
        if _SIGNATURE in headers:
            signatures.require_sha256(self._secrets.source, headers[_SIGNATURE], body, self._secrets.texts)
        else:
            self._secrets.require_token(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the issue or metric alert, under the request's id."""
        sent = Fields.of(self._secrets.source, body)
        delivery_id = headers.get("request-id") or None
        resource = headers.get("sentry-hook-resource") or _resource(sent)
        if not resource and ("event" in sent or "message" in sent):
            return Delivery(alerts=(self._plugin(sent),))
        action = sent.text("action")
        event = f"{resource}.{action}"
        if resource in _SAY_NOTHING or (resource == "issue" and action in _ISSUE_SAYS_NOTHING):
            return Delivery(ignored=event)
        if resource == "issue" and action in _ISSUE:
            return Delivery(alerts=(self._issue(sent.at("data.issue"), _ISSUE[action]),), delivery_id=delivery_id)
        if resource == "metric_alert" and action in _METRIC:
            return Delivery(alerts=(self._metric(sent, action),), delivery_id=delivery_id)
        if resource in _EVENTS:
            return Delivery(alerts=(self._event(sent, sent.at(_EVENTS[resource])),), delivery_id=delivery_id)
        return Delivery(unknown=event if resource else "an event without Sentry-Hook-Resource")

    def _event(self, sent: Fields, event: Fields) -> Alert:
        title = event.first("title", "message", "metadata.title", "metadata.type")
        labels = _tags(event)
        return alert_fields.alert(
            sent.source,
            self._now(),
            key=event.first("issue_id", "groupID") or _in(_ISSUE_IN, event.first("issue_url", "web_url")),
            name=title,
            status=AlertStatus.FIRING,
            severity=event.text("level"),
            service=_service(labels) or _in(_PROJECT_IN, event.text("url")) or event.text("project"),
            environment=event.text("environment"),
            summary=title,
            description=event.first("message", "logentry.formatted", "metadata.value", "culprit"),
            labels=labels,
            annotations=sent.picked(rule="data.triggered_rule") | event.picked(culprit="culprit", release="release"),
            links=event.picked(sentry="web_url"),
            starts_at=event.time("datetime") or event.time("timestamp"),
        )

    def _issue(self, issue: Fields, status: AlertStatus) -> Alert:
        return alert_fields.alert(
            issue.source,
            self._now(),
            key=issue.text("id"),
            name=issue.first("title", "metadata.title", "shortId"),
            status=status,
            severity=issue.text("level"),
            service=issue.first("project.slug", "project.name"),
            summary=issue.text("title"),
            description=issue.first("metadata.value", "culprit"),
            labels=issue.picked(short_id="shortId", platform="platform", priority="priority", type="type"),
            annotations=issue.picked(culprit="culprit"),
            links=issue.picked(sentry="web_url", permalink="permalink"),
            starts_at=issue.time("firstSeen"),
        )

    def _metric(self, sent: Fields, action: str) -> Alert:
        found = sent.at("data.metric_alert")
        rule = found.at("alert_rule")
        name = rule.first("name") or found.first("title") or sent.text("data.description_title")
        return alert_fields.alert(
            sent.source,
            self._now(),
            key=f"metric:{rule.text('id') or name}",
            name=name,
            status=_METRIC[action],
            severity=action if action in {"critical", "warning"} else None,
            service=next(chain(rule.listed("projects"), found.listed("projects")), None),
            environment=rule.text("environment"),
            summary=sent.text("data.description_title"),
            description=sent.text("data.description_text"),
            labels=rule.picked(dataset="dataset", owner="owner"),
            links=sent.picked(sentry="data.web_url"),
            starts_at=found.time("date_started") or found.time("date_detected"),
            ends_at=found.time("date_closed"),
            expression=" where ".join(filter(None, (rule.text("aggregate"), rule.text("query")))),
        )

    def _plugin(self, sent: Fields) -> Alert:
        """Return what the webhooks plugin tells: an event, with the issue's own fields around it."""
        event = sent.at("event")
        labels = _tags(event)
        name = event.text("title") or sent.first("message", "culprit")
        return alert_fields.alert(
            sent.source,
            self._now(),
            key=sent.text("id") or None,
            name=name,
            status=AlertStatus.FIRING,
            severity=sent.text("level") or event.text("level"),
            service=_service(labels) or sent.first("project_slug", "project", "project_name"),
            environment=event.text("environment"),
            summary=sent.text("message") or name,
            description=event.first("logentry.formatted", "metadata.value"),
            labels=labels,
            annotations=sent.picked(culprit="culprit", logger="logger"),
            links=sent.picked(sentry="url"),
            starts_at=event.time("timestamp") or event.time("received"),
        )


def _resource(sent: Fields) -> str:
    """Return the resource where the header that names it is missing, as in a body that was kept without."""
    found = (one for one in ("metric_alert", "issue", "error", "comment") if f"data.{one}" in sent)
    return next(found, "event_alert" if "data.event" in sent else "installation" if "data.installation" in sent else "")


def _tags(event: Fields) -> dict[str, str]:
    """Return the tags, which Sentry writes as pairs; a few senders write objects."""
    pairs = event.raw("tags")
    return _labels(pairs) if isinstance(pairs, list) else event.texts("tags")


def _labels(pairs: Iterable[object]) -> dict[str, str]:
    lists = [pair for pair in pairs if isinstance(pair, list) and len(pair) == 2]
    return {str(name): str(value) for name, value in lists if name and value is not None}


def _service(labels: Mapping[str, str]) -> str | None:
    return alert_fields.first(labels, "service", "service_name", "app")


def _in(pattern: re.Pattern[str], link: str) -> str:
    found = pattern.search(link)
    return found[1] if found else ""
