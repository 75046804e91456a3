"""Takes the webhooks of a provider's status page made with Atlassian Statuspage (Instatus sends nearly the same).

Set-up: 1. Open the provider's status page, Subscribe to updates > Webhook (`<>`); not all pages offer it.
2. URL: `https://copilot.example.net/webhooks/statuspage?token=` and the secret, as status pages send no header; and an
e-mail address that learns of failures.
3. Use one instance of this source for each provider, and name it with the option `service`, such as `stripe`; else the
affected component is taken for the service.

API: https://support.atlassian.com/statuspage/docs/enable-webhook-notifications/
"""

from collections.abc import Mapping

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.change import ChangeKind, ChangeStatus
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_INCIDENT = {
    "investigating": AlertStatus.FIRING,
    "identified": AlertStatus.FIRING,
    "monitoring": AlertStatus.FIRING,
    "resolved": AlertStatus.RESOLVED,
    "postmortem": AlertStatus.RESOLVED,
}
_MAINTENANCE = {
    "in_progress": ChangeStatus.STARTED,
    "inprogress": ChangeStatus.STARTED,
    "verifying": ChangeStatus.STARTED,
    "completed": ChangeStatus.SUCCEEDED,
}
_PLANNED = {"scheduled", "notstartedyet"}
_COMPONENT = {
    "operational": AlertStatus.RESOLVED,
    "degraded_performance": AlertStatus.FIRING,
    "degradedperformance": AlertStatus.FIRING,
    "partial_outage": AlertStatus.FIRING,
    "partialoutage": AlertStatus.FIRING,
    "major_outage": AlertStatus.FIRING,
    "majoroutage": AlertStatus.FIRING,
}
_UNDER_MAINTENANCE = {"under_maintenance", "undermaintenance"}


class Options(Frozen):
    """The provider's name in the catalogue of services."""

    service: str | None = None


def create(env: PluginEnv, options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Statuspage(env, options)


class Statuspage:
    """One provider's page; each update of an incident has an id, which makes one delivery."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._now = env.now
        self._service = options.service
        self._secrets = Secrets(env, "statuspage")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare `?token=` with the secret."""
        del body
        self._secrets.require_token(headers)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the incident or component as an alert; the provider's maintenance is a change."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        if "component_update" in sent:
            return self._component(sent.at("component_update"), sent.at("component"), sent.text("page.url"))
        told = sent.at("incident" if "incident" in sent else "maintenance")
        state = told.text("status").lower()
        if state in _INCIDENT:
            return self._incident(told, state)
        if state in _MAINTENANCE:
            return self._maintenance(told, state)
        if state in _PLANNED:
            return Delivery(ignored=f"maintenance {state}")
        return Delivery(unknown=f"incident {state}" if state else "an event without an incident or component")

    def _incident(self, incident: Fields, state: str) -> Delivery:
        updates = incident.each("incident_updates")
        latest = updates[0] if updates else incident
        status = _INCIDENT[state]
        components = _names(latest.each("affected_components")) or _names(incident.each("components"))
        alert = alert_fields.alert(
            incident.source,
            self._now(),
            key=incident.required("id"),
            name=incident.required("name"),
            status=status,
            severity=incident.first("impact_override", "impact"),
            service=self._service or next(iter(components), None),
            summary=incident.text("name"),
            description=latest.text("body"),
            labels={"components": ", ".join(components), "state": state} if components else {"state": state},
            links=incident.picked(statuspage="shortlink", page="url"),
            starts_at=incident.time("started_at") or incident.time("created_at"),
            ends_at=incident.time("resolved_at"),
        )
        update = latest.text("id") if updates else ""
        return Delivery(alerts=(alert,), delivery_id=f"{update}:{latest.text('updated_at')}" if update else None)

    def _maintenance(self, told: Fields, state: str) -> Delivery:
        components = _names(told.each("components"))
        change = alert_fields.change(
            told.source,
            self._now(),
            key=told.required("id"),
            kind=ChangeKind.CONFIGURATION,
            title=f"maintenance: {told.text('name')}",
            status=_MAINTENANCE[state],
            service=self._service or next(iter(components), None),
            link=told.first("shortlink", "url"),
            at=told.time("updated_at") or told.time("created_at"),
        )
        return Delivery(changes=(change,))

    def _component(self, update: Fields, component: Fields, page: str) -> Delivery:
        state = (update.text("new_status") or component.text("status")).lower()
        if state in _UNDER_MAINTENANCE:
            return Delivery(ignored=f"component {state}")
        if state not in _COMPONENT:
            return Delivery(unknown=f"component {state}")
        name = component.required("name")
        status = _COMPONENT[state]
        happened = update.time("created_at")
        alert = alert_fields.alert(
            update.source,
            self._now(),
            key=f"component:{update.text('component_id') or component.text('id') or name}",
            name=name,
            status=status,
            severity=state if status is AlertStatus.FIRING else None,
            service=self._service or name,
            summary=f"{name}: {state.replace('_', ' ')}",
            description=component.text("description"),
            labels={"component": name},
            links={"page": page},
            starts_at=happened if status is AlertStatus.FIRING else None,
            ends_at=happened,
        )
        return Delivery(alerts=(alert,), delivery_id=update.text("id") or None)


def _names(components: tuple[Fields, ...]) -> list[str]:
    return [name for component in components if (name := component.text("name"))]
