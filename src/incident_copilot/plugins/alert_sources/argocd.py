"""Takes Argo CD's notifications, with our templates: syncs as changes, and the health of an application as an alert.

Set-up: 1. Put `TEMPLATE` of this module into the data of the ConfigMap `argocd-notifications-cm`, with your address in
it. 2. Put the secret into the Secret `argocd-notifications-secret` under `incident-copilot-secret`. 3. Annotate your
applications, or the default project, with `notifications.argoproj.io/subscribe.copilot-sync.incident-copilot: ""` and
`notifications.argoproj.io/subscribe.copilot-health.incident-copilot: ""`.

API: https://argo-cd.readthedocs.io/en/stable/operator-manual/notifications/services/webhook/
"""

import re
from collections.abc import Mapping

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import ByAuthorization

_BODY = """{
          "event": "EVENT",
          "url": "{{.context.argocdUrl}}/applications/{{.app.metadata.namespace}}/{{.app.metadata.name}}",
          "app": {
            "metadata": {
              "name": {{toJson .app.metadata.name}},
              "namespace": {{toJson .app.metadata.namespace}},
              "labels": {{toJson .app.metadata.labels}}
            },
            "spec": {
              "project": {{toJson .app.spec.project}},
              "destination": {{toJson .app.spec.destination}}
            },
            "status": {
              "health": {{toJson .app.status.health}},
              "sync": {{toJson .app.status.sync}},
              "operationState": {{toJson .app.status.operationState}}
            }
          }
        }"""
TEMPLATE = f"""service.webhook.incident-copilot: |
  url: https://copilot.example.net/webhooks/argocd
  headers:
    - name: Authorization
      value: Bearer $incident-copilot-secret
    - name: Content-Type
      value: application/json
template.copilot-sync: |
  webhook:
    incident-copilot:
      method: POST
      body: |
        {_BODY.replace("EVENT", "sync")}
template.copilot-health: |
  webhook:
    incident-copilot:
      method: POST
      body: |
        {_BODY.replace("EVENT", "health")}
trigger.copilot-sync: |
  - when: app.status.operationState.phase in ['Running', 'Succeeded', 'Error', 'Failed']
    oncePer: app.status.operationState.startedAt + app.status.operationState.phase
    send: [copilot-sync]
trigger.copilot-health: |
  - when: app.status.health.status in ['Degraded', 'Missing', 'Healthy']
    oncePer: app.status.health.status
    send: [copilot-health]
"""

_PHASES = {
    "running": ChangeStatus.STARTED,
    "succeeded": ChangeStatus.SUCCEEDED,
    "failed": ChangeStatus.FAILED,
    "error": ChangeStatus.FAILED,
    "terminating": ChangeStatus.CANCELLED,
}
_HEALTH = {"degraded": AlertStatus.FIRING, "missing": AlertStatus.FIRING, "healthy": AlertStatus.RESOLVED}
_BETWEEN = {"progressing", "suspended", "unknown"}
_ODD = re.compile(r"[^A-Za-z0-9_]")


class Options(Frozen):
    """Argo CD needs no options; its secret is the bearer token of the template."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return ArgoCd(env, "argocd")


class ArgoCd(ByAuthorization):
    """One Argo CD, which sends the bearer token of our template."""

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return a sync as a change, and health as an alert; both where a template does not say which it means."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        event = sent.text("event").lower()
        # A template of others may send the application as it is.
        app = sent.at("app") if isinstance(sent.raw("app"), Mapping) else sent
        if event not in {"", "sync", "health"} or "status" not in app:
            return Delivery(unknown=event or "a body without the status of an application")
        is_sync = event != "health" and "status.operationState.phase" in app
        health = "" if event == "sync" else app.text("status.health.status").lower()
        changes = (self._sync(app, sent.text("url")),) if is_sync else ()
        if health and health not in _BETWEEN:
            return Delivery(alerts=(self._health(app, sent.text("url")),), changes=changes)
        return Delivery(changes=changes, ignored=None if changes else f"health {health}".strip())

    def _sync(self, app: Fields, link: str) -> Change:
        ran, name, labels = app.at("status.operationState"), app.required("metadata.name"), _labels(app)
        revision = ran.text("syncResult.revision") or app.text("status.sync.revision")
        return alert_fields.change(
            self._secrets.source,
            self._now(),
            key=f"{_key(app)}|{ran.text('startedAt')}",
            kind=ChangeKind.DEPLOYMENT,
            title=f"Argo CD syncs {name} to {revision[:10]}" if revision else f"Argo CD syncs {name}",
            status=ran.choice("phase", _PHASES),
            service=_service(app, labels),
            environment=alert_fields.environment_in(labels),
            version=revision,
            by=ran.text("operation.initiatedBy.username") or "Argo CD",
            link=link,
            at=ran.time("finishedAt") or ran.time("startedAt"),
        )

    def _health(self, app: Fields, link: str) -> Alert:
        labels, status = _labels(app), app.choice("status.health.status", _HEALTH)
        since = app.time("status.health.lastTransitionTime")
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=f"{_key(app)}|health",
            name=f"{app.required('metadata.name')} is not healthy",
            status=status,
            severity=app.text("status.health.status") if status is AlertStatus.FIRING else None,
            service=_service(app, labels),
            summary=app.text("status.health.message"),
            description=app.text("status.operationState.message"),
            labels=labels | _place(app),
            links={"argocd": link},
            starts_at=since if status is AlertStatus.FIRING else None,
            ends_at=since,
        )


def _key(app: Fields) -> str:
    return f"{app.text('metadata.namespace')}/{app.text('metadata.name')}"


def _labels(app: Fields) -> dict[str, str]:
    """Return the application's labels, in letters that other labels have too: app.kubernetes.io/name has others."""
    return {_ODD.sub("_", name): text for name, text in app.texts("metadata.labels").items()}


def _service(app: Fields, labels: Mapping[str, str]) -> str:
    return alert_fields.service_in(labels) or app.text("metadata.name")


def _place(app: Fields) -> dict[str, str]:
    destination = app.at("spec.destination")
    found = {
        "project": app.text("spec.project"),
        "namespace": destination.text("namespace"),
        "cluster": destination.first("name", "server"),
    }
    return {name: text for name, text in found.items() if text}
