"""Takes alerts of Kibana rules through its webhook connector, with the body below, and of Elasticsearch Watcher.

Set-up: 1. In Kibana open Stack Management > Connectors > Create connector > Webhook.
2. Method: POST; URL: `https://copilot.example.net/webhooks/elastic`; basic authentication with any user name and the
secret as the password.
3. In each rule add the connector twice: "for each alert", run when the alert becomes active, and run when "Recovered".
Body, both times:

  {"rule_id": "{{rule.id}}", "rule_name": "{{rule.name}}", "rule_type": "{{rule.type}}", "rule_url": "{{rule.url}}",
   "tags": "{{rule.tags}}", "alert_id": "{{alert.id}}", "alert_uuid": "{{alert.uuid}}",
   "action_group": "{{alert.actionGroup}}", "reason": "{{context.reason}}", "message": "{{context.message}}",
   "alert_url": "{{context.alertDetailsUrl}}", "date": "{{date}}", "severity": "high"}

4. In Watcher, use a webhook action with this URL and the body `{{#toJson}}ctx{{/toJson}}`. A watch never says that it
is over.

API: https://www.elastic.co/docs/reference/kibana/connectors-kibana/webhook-action-type
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_RESOLVED = {"recovered", "resolved", "ok"}
# Of rules for metrics and uptime the group says how bad it is; of most others it is "default" or "query matched".
_GROUPS = {"critical", "warning", "high", "medium", "low"}


class Options(Frozen):
    """Elastic needs no options; its secret is the connector's password."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Elastic(env)


class Elastic:
    """One connector; it sends no delivery id."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "elastic")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare the password or bearer token with the secret."""
        del body
        self._secrets.require_authorization(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the rule's or the watch's alert."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        context = sent.at("ctx") if "ctx" in sent else sent
        if "watch_id" in context:
            return Delivery(alerts=(self._watch(context),))
        return Delivery(alerts=(self._rule(sent),))

    def _rule(self, sent: Fields) -> Alert:
        name = sent.first("rule_name", "rule.name", "ruleName", "alertName")
        rule = sent.first("rule_id", "rule.id", "ruleId") or name
        if not rule:
            raise sent.bad("rule_name", "is missing")
        group = sent.first("action_group", "alert.actionGroup", "actionGroup", "status", "alert_status").lower()
        alert_id = sent.first("alert_id", "alert.id", "alertId")
        labels = alert_fields.tagged(sent.listed("tags" if "tags" in sent else "rule.tags"))
        labels |= sent.texts("labels") | sent.picked(rule_type="rule_type", alert_id="alert_id")
        return alert_fields.alert(
            sent.source,
            self._now(),
            key=f"{rule}|{alert_id}",
            name=name or rule,
            status=AlertStatus.RESOLVED if group in _RESOLVED else AlertStatus.FIRING,
            severity=sent.first("severity", "context.severity") or (group if group in _GROUPS else None),
            service=sent.first("service", "service.name", "context.serviceName") or alert_fields.service_in(labels),
            environment=sent.first("environment", "context.environment"),
            summary=sent.first("reason", "context.reason", "title", "context.title"),
            description=sent.first("message", "context.message", "description"),
            labels=labels,
            links=sent.picked(alert="alert_url", rule="rule_url", kibana="link"),
            starts_at=sent.time("started_at") or (sent.time("date") if group not in _RESOLVED else None),
            ends_at=sent.time("date"),
        )

    def _watch(self, context: Fields) -> Alert:
        labels = {name: text for name, text in context.texts("metadata").items() if name != "xpack"}
        watch = context.required("watch_id")
        return alert_fields.alert(
            context.source,
            self._now(),
            key=watch,
            name=context.first("metadata.name", "metadata.title", "watch_id"),
            status=AlertStatus.FIRING,
            summary=context.first("metadata.summary", "metadata.name"),
            description=context.first("metadata.description", "vars.message"),
            labels=labels,
            starts_at=context.time("trigger.triggered_time") or context.time("execution_time"),
        )
