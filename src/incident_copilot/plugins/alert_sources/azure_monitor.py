"""Takes Azure Monitor's alerts: the common schema, and the older ones of metrics, logs and the activity log.

Set-up: 1. In Azure Monitor, open Alerts, Action groups, and create or edit the action group of your alert rules. 2. Add
an action of type Webhook with the URI `https://copilot.example.net/webhooks/azure_monitor?token=SECRET` and switch
"Enable the common alert schema" on. 3. "Test action group" shows whether it arrives.

API: https://learn.microsoft.com/en-us/azure/azure-monitor/alerts/alerts-common-schema
"""

from collections.abc import Mapping
from urllib.parse import quote

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_STATES = {
    "fired": AlertStatus.FIRING,
    "activated": AlertStatus.FIRING,
    "resolved": AlertStatus.RESOLVED,
    "deactivated": AlertStatus.RESOLVED,
}
# Service Health and Resource Health say "Fired" when something is well again, too.
_HEALTH = ("stage", "currentHealthStatus")
_WELL = frozenset({"resolved", "rca", "complete", "completed", "available"})
_PORTAL = "https://portal.azure.com/#"
_AMERICAN = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S")


class Options(Frozen):
    """Azure Monitor needs no options; its secret is the token of the address."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return AzureMonitor(env)


class AzureMonitor:
    """The action groups that send to one address."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "azure_monitor")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept the token of the address, as a webhook action can send no header of ours; or a bearer token."""
        del body
        self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the one alert of a body; Azure names no delivery."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        # The oldest schema has no envelope.
        data = sent.at("data") if "data" in sent else sent
        if "essentials" in data:
            return Delivery(alerts=(self._common(data),))
        if "context.activityLog" in data:
            return Delivery(alerts=(self._activity(data),))
        if "context" in data:
            return Delivery(alerts=(self._metric(data),))
        if "AlertRuleName" in data:
            return Delivery(alerts=(self._log(data),))
        return Delivery(unknown=sent.text("schemaId") or "a body of no schema of theirs")

    def _common(self, data: Fields) -> Alert:
        said, context = data.at("essentials"), data.at("alertContext")
        properties, targets = _texts(context, "properties"), said.listed("alertTargetIDs")
        labels = properties | _texts(context, "labels") | _texts(data, "customProperties")
        target, alert_id = next(iter(targets), ""), said.text("alertId")
        is_well = _is_well(properties)
        fired = said.time("firedDateTime")
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=_health_id(properties, target) or alert_id,
            name=said.text("alertRule") or properties.get("title") or said.required("monitoringService"),
            status=AlertStatus.RESOLVED if is_well else said.choice("monitorCondition", _STATES),
            severity=said.text("severity"),
            service=alert_fields.service_in(labels) or next(iter(said.listed("configurationItems")), _last(target)),
            summary=properties.get("title", ""),
            description=said.text("description"),
            labels=_place(target) | labels | _dimensions(context),
            links={
                "alert": said.text("investigationLink") or _alert_page(alert_id),
                "resource": _resource_page(target),
                "search": context.first("LinkToSearchResults", "LinkToFilteredSearchResultsUI"),
            },
            starts_at=None if is_well else fired,
            ends_at=fired if is_well else said.time("resolvedDateTime"),
            # Managed Prometheus sends the query of its rule.
            expression=context.text("expression"),
        )

    def _metric(self, data: Fields) -> Alert:
        """Return the alert of a metric rule, in the schema of 2019 or the classic one."""
        said = data.at("context")
        status, changed = data.choice("status", _STATES), said.time("timestamp")
        labels, target = _texts(data, "properties"), said.text("resourceId")
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=f"{said.text('id')}|{target}" if "id" in said else None,
            name=said.required("name"),
            status=status,
            severity=said.text("severity"),
            service=alert_fields.service_in(labels) or said.text("resourceName") or _last(target),
            description=said.text("description"),
            labels=_place(target) | labels | _dimensions(said),
            links={"resource": said.text("portalLink") or _resource_page(target)},
            starts_at=changed if status is AlertStatus.FIRING else None,
            ends_at=changed,
        )

    def _activity(self, data: Fields) -> Alert:
        event = data.at("context.activityLog")
        properties, target = _texts(event, "properties"), event.text("resourceId")
        is_well, changed = _is_well(properties), event.time("eventTimestamp")
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=_health_id(properties, target) or event.first("correlationId", "eventDataId"),
            name=data.text("context.name") or properties.get("title") or event.required("operationName"),
            status=AlertStatus.RESOLVED if is_well else data.choice("status", _STATES),
            severity=event.text("level"),
            service=alert_fields.service_in(properties) or _last(target),
            summary=properties.get("title", ""),
            description=event.text("description"),
            labels=_place(target) | properties,
            links={"resource": _resource_page(target)},
            starts_at=None if is_well else changed,
            ends_at=changed,
        )

    def _log(self, data: Fields) -> Alert:
        """Return the alert of a log search, which never says that it is over."""
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            name=data.required("AlertRuleName"),
            status=AlertStatus.FIRING,
            severity=data.text("Severity"),
            service=data.first("ResourceName", "ApplicationName"),
            description=data.text("Description"),
            labels={name: data.text(name) for name in ("SubscriptionId", "WorkspaceId") if name in data},
            annotations={"search": data.text("SearchQuery")},
            links={"search": data.text("LinkToSearchResults")},
            starts_at=data.time("SearchIntervalEndtimeUtc", *_AMERICAN),
        )


def _texts(holder: Fields, name: str) -> dict[str, str]:
    """Return properties, which are whatever the author of a rule put there."""
    return holder.texts(name) if isinstance(holder.raw(name), Mapping) else {}


def _is_well(properties: Mapping[str, str]) -> bool:
    return any(properties.get(name, "").lower() in _WELL for name in _HEALTH)


def _health_id(properties: Mapping[str, str], target: str) -> str:
    """Return what tells one trouble of Azure itself from others; "" for alerts of rules."""
    return properties.get("trackingId") or (f"health:{target}" if "currentHealthStatus" in properties else "")


def _place(target: str) -> dict[str, str]:
    """Return subscription and resource group, which an id of a resource names before the resource."""
    parts = target.split("/")
    found = dict(zip(map(str.lower, parts[1::2]), parts[2::2], strict=False))
    names = {"subscription": "subscriptions", "resource_group": "resourcegroups"}
    return {name: found[part] for name, part in names.items() if part in found}


def _dimensions(context: Fields) -> dict[str, str]:
    """Return the metric and its dimensions, by which a rule splits into several alerts."""
    conditions = [context.at("condition"), *context.each("condition.allOf")]
    metric = next((found for one in conditions if (found := one.text("metricName"))), "")
    dimensions = [one for condition in conditions for one in condition.each("dimensions")]
    named = {"metric": metric} if metric else {}
    return named | {name: one.text("value") for one in dimensions if (name := one.text("name"))}


def _last(target: str) -> str:
    return target.rpartition("/")[2]


def _resource_page(target: str) -> str:
    return f"{_PORTAL}resource{target}" if target.startswith("/") else ""


def _alert_page(alert_id: str) -> str:
    page = f"{_PORTAL}blade/Microsoft_Azure_Monitoring/AlertDetailsTemplateBlade/alertId/"
    return page + quote(alert_id, safe="") if alert_id else ""
