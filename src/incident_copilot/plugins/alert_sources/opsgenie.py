"""Takes the webhooks of Opsgenie, and those of Jira Service Management, which sends the same.

Set-up: 1. In Opsgenie open Settings > Integrations > Add integration > Webhook (in Jira Service Management:
Operations > Integrations > Webhook).
2. Webhook URL: `https://copilot.example.net/webhooks/opsgenie`.
3. Custom headers: name `Authorization`, value `Bearer ` and the secret. Where a plan offers no headers, add `?token=`
and the secret to the URL.
4. Tick "Add alert description to payload" and "Add alert details to payload", then turn the integration on.
5. In Jira Service Management, or in the EU, set the option `alert_link` to where your alerts are.

API: https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/
"""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

from pydantic import Field

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.page import PageHeard, is_ours
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

_ACTIONS = {
    "create": AlertStatus.FIRING,
    "acknowledge": AlertStatus.FIRING,
    "unacknowledge": AlertStatus.FIRING,
    "snooze": AlertStatus.FIRING,
    "snoozeended": AlertStatus.FIRING,
    "updatepriority": AlertStatus.FIRING,
    "close": AlertStatus.RESOLVED,
    "delete": AlertStatus.RESOLVED,
}
_DONE_TO_PAGES: Mapping[str, Literal["acknowledge", "resolve"]] = {"acknowledge": "acknowledge", "close": "resolve"}
# They may come after the end, too, and some hold no more of the alert than its id.
_SAY_NOTHING = {
    "addnote", "addtags", "removetags", "adddetails", "removedetails", "addrecipient", "addresponder", "addteam",
    "assignownership", "takeownership", "escalate", "escalatenext", "escalatetonext", "updatedescription",
    "updatemessage", "sendmessage", "test",
}  # fmt: skip
_STATES = {
    "firing": AlertStatus.FIRING,
    "open": AlertStatus.FIRING,
    "acked": AlertStatus.FIRING,
    "resolved": AlertStatus.RESOLVED,
    "closed": AlertStatus.RESOLVED,
}


class Options(Frozen):
    """Where people read an alert; `{id}` is its id."""

    alert_link: str = Field(default="https://app.opsgenie.com/alert/detail/{id}/details", pattern=r"^https://.*\{id\}")


def create(env: PluginEnv, options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Opsgenie(env, options)


class Opsgenie:
    """One webhook integration; it sends no delivery id."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._now = env.now
        self._link = options.alert_link
        self._secrets = Secrets(env, "opsgenie")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compare the bearer token, the password, or `?token=` with the secret."""
        del body
        self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the alert that an action was done on; custom actions have names of their own, so they are unknown."""
        del headers
        sent = Fields.of(self._secrets.source, body)
        if "alert_name" in sent:
            return Delivery(alerts=(self._flat(sent),))
        action = sent.required("action")
        if action.lower() in _SAY_NOTHING:
            return Delivery(ignored=action)
        if action.lower() not in _ACTIONS:
            return Delivery(unknown=action)
        alias = sent.text("alert.alias")
        if is_ours(alias):
            by = sent.text("alert.username") if "@" in sent.text("alert.username") else ""
            return Delivery(pages=(PageHeard(key=alias, event=_DONE_TO_PAGES.get(action.lower()), by=by or None),))
        return Delivery(alerts=(self._alert(sent.at("alert"), _ACTIONS[action.lower()]),))

    def _alert(self, alert: Fields, status: AlertStatus) -> Alert:
        details = alert.texts("details") if isinstance(alert.raw("details"), Mapping) else {}
        labels = alert.picked(entity="entity") | alert_fields.tagged(alert.listed("tags")) | details
        known = alert.text("alertId")
        return alert_fields.alert(
            alert.source,
            self._now(),
            # The alias is the sender's name of the problem; the id is of this time that it occurs.
            key=alert.first("alias", "alertId") or alert.required("message"),
            name=alert.first("message", "alias"),
            status=status,
            severity=alert.text("priority"),
            service=alert_fields.service_in(labels) or alert.text("entity"),
            summary=alert.text("message"),
            description=alert.text("description"),
            labels=labels,
            links={"opsgenie": self._link.replace("{id}", quote(known, safe="")) if known else ""},
            starts_at=alert.time("createdAt") or alert.time("insertedAt"),
            ends_at=alert.time("updatedAt") if status is AlertStatus.RESOLVED else None,
        )

    def _flat(self, sent: Fields) -> Alert:
        """Return an alert that another tool passed on in its own words."""
        labels, annotations = sent.texts("labels"), sent.texts("annotations")
        return alert_fields.alert(
            sent.source,
            self._now(),
            key=annotations.get("opsgenie_alert_id"),
            name=sent.required("alert_name"),
            status=sent.choice("status", _STATES),
            severity=sent.first("severity", "priority"),
            summary=annotations.get("summary", ""),
            description=annotations.get("description", ""),
            labels=labels,
            annotations=annotations,
            starts_at=sent.time("startsAt"),
            ends_at=sent.time("endsAt"),
        )
