"""Takes New Relic's webhooks: issues of workflows, incidents of the alerts before them, and deployments.

Set-up: 1. In New Relic open Alerts > Destinations > Webhook. Endpoint URL:
`https://copilot.example.net/webhooks/newrelic`; authorization: Bearer token, the secret.
2. Open Alerts > Workflows > Add a workflow; filter the issues, and choose the webhook under Notify.
3. Keep the payload that New Relic proposes. To name the service yourself, add lines such as
`"service": {{ json entitiesData.names.[0] }}, "environment": "prod"`.
4. Send a test notification, activate the workflow.

API: https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.change import ChangeKind
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_STATES = {
    "created": AlertStatus.FIRING,
    "activated": AlertStatus.FIRING,
    "active": AlertStatus.FIRING,
    "open": AlertStatus.FIRING,
    "acknowledged": AlertStatus.FIRING,
    "unacknowledged": AlertStatus.FIRING,
    "closed": AlertStatus.RESOLVED,
    "deactivated": AlertStatus.RESOLVED,
    "resolved": AlertStatus.RESOLVED,
}


class Options(Frozen):
    """New Relic needs no options; its secret is the destination's token or password."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return NewRelic(env)


class NewRelic:
    """One webhook destination; it sends no delivery id."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "newrelic")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare the bearer token or password with the secret."""
        del body
        self._secrets.require_authorization(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the issue or incident; a state that New Relic does not document is unknown."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        if "deployment" in sent or "deployed_by" in sent:
            return self._deployment(sent.at("deployment") if "deployment" in sent else sent)
        state = _one(sent, "state", "current_state", "status")
        if state.lower() == "test":
            return Delivery(ignored="test")
        if not state:
            raise sent.bad("state", "is missing")
        if state.lower() not in _STATES:
            return Delivery(unknown=f"incident in the state {state}")
        return Delivery(alerts=(self._alert(sent, _STATES[state.lower()]),))

    def _alert(self, sent: Fields, status: AlertStatus) -> Alert:
        policy = _one(sent, "alertPolicyNames", "policy_name", "policyName")
        title = _one(sent, "title", "name", "details", "condition_description")
        labels = sent.texts("labels") if isinstance(sent.raw("labels"), Mapping) else {}
        for target in sent.each("targets"):
            labels = (target.texts("labels") if isinstance(target.raw("labels"), Mapping) else {}) | labels
        created = sent.time("createdAt") or sent.time("activatedAt")
        # Of the older incidents, the one time is that of the event.
        event_at = sent.time("timestamp")
        return alert_fields.alert(
            sent.source,
            self._now(),
            key=_one(sent, "id", "issueId", "incident_id"),
            name=_one(sent, "alertConditionNames", "condition_name", "conditionName") or title or policy,
            status=status,
            severity=_one(sent, "priority", "severity"),
            service=_one(sent, "service")
            or alert_fields.service_in(labels)
            or _one(sent, "impactedEntities", "entitiesData.names")
            or next((target.text("name") for target in sent.each("targets")), None),
            environment=_one(sent, "environment"),
            summary=title,
            description=_one(sent, "description", "details"),
            labels=labels | ({"policy": policy} if policy else {}),
            links={
                "newrelic": _one(sent, "issueUrl", "issuePageUrl", "incident_url"),
                "runbook": _one(sent, "runbookUrl", "runbook_url"),
                "chart": _one(sent, "chartLink", "violation_chart_url", "violationChartUrl"),
            },
            starts_at=created or (event_at if status is AlertStatus.FIRING else None),
            ends_at=sent.time("closedAt") or sent.time("updatedAt") or event_at,
            expression=_one(sent, "nrqlQuery", "nrql_query"),
        )

    def _deployment(self, told: Fields) -> Delivery:
        revision = told.first("revision", "version")
        service = told.first("application_name", "entity_name", "service")
        at = told.time("created_at") or told.time("timestamp")
        change = alert_fields.change(
            told.source,
            self._now(),
            key=f"deployment:{told.first('deployment_id', 'id', 'deployment_url') or f'{service}:{revision}:{at}'}",
            kind=ChangeKind.DEPLOYMENT,
            title=told.first("description", "changelog") or f"deploy {revision} of {service}",
            service=service,
            version=revision,
            by=told.first("deployed_by", "user"),
            link=told.first("deployment_url", "url"),
            at=at,
        )
        return Delivery(changes=(change,))


def _one(sent: Fields, *paths: str) -> str:
    """Return the first text; templates make a list or a text of most variables, as people write them."""
    for path in paths:
        value = sent.raw(path)
        found = next(iter(sent.listed(path)), "") if isinstance(value, list) else sent.text(path)
        if found:
            return found
    return ""
