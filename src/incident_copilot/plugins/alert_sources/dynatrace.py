"""Takes Dynatrace's problem notifications of type custom integration, with our template or with those of others.

Set-up: 1. In Dynatrace, open Settings, Integration, Problem notifications, Add notification, Custom integration.
2. Paste `https://copilot.example.net/webhooks/dynatrace` as webhook URL and `TEMPLATE` of this module as custom
payload. 3. Add the header `Authorization` with the value `Bearer SECRET`. 4. Switch "Call webhook if problem is
closed" on, so that incidents end.

API: https://docs.dynatrace.com/docs/analyze-explore-automate/notifications-and-alerting/problem-notifications
"""

from collections.abc import Mapping
from datetime import datetime

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.errors import BadPayload
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, bodies
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets

TEMPLATE = """{
  "State": "{State}",
  "PID": "{PID}",
  "ProblemID": "{ProblemID}",
  "ProblemTitle": "{ProblemTitle}",
  "ProblemSeverity": "{ProblemSeverity}",
  "ProblemImpact": "{ProblemImpact}",
  "ProblemURL": "{ProblemURL}",
  "ImpactedEntity": "{ImpactedEntity}",
  "ImpactedEntities": {ImpactedEntities},
  "ProblemDetailsJSONv2": {ProblemDetailsJSONv2},
  "Tags": "{Tags}"
}"""

# A problem that was merged goes on as another one.
_STATES = {
    "open": AlertStatus.FIRING,
    "resolved": AlertStatus.RESOLVED,
    "closed": AlertStatus.RESOLVED,
    "merged": AlertStatus.RESOLVED,
}
_IMPACTED = ("ImpactedEntities", "ProblemDetailsJSONv2.affectedEntities", "ProblemDetailsJSON.rankedEvents")


class Options(Frozen):
    """Dynatrace needs no options; its secret is the bearer token of the header."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Dynatrace(env)


class Dynatrace:
    """One environment of Dynatrace."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._secrets = Secrets(env, "dynatrace")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept a bearer token or basic auth."""
        del body
        self._secrets.require_authorization(headers, or_token=True)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the one problem of a body; Dynatrace names no delivery."""
        del headers
        return Delivery(alerts=(self._alert(Fields.of(self._secrets.source, body)),))

    def _alert(self, sent: Fields) -> Alert:
        state = _given(sent, "State", "ProblemStatus", "ProblemDetailsJSONv2.status", "ProblemDetailsJSON.status")
        if state.lower() not in _STATES:
            raise sent.bad("State", f"is {state[:40] or 'missing'}, not one of {', '.join(_STATES)}")
        labels = alert_fields.tagged(_given(sent, "Tags").split(","))
        names = _impacted(sent)
        impact = _given(sent, "ProblemImpact", "ProblemDetailsJSON.impactLevel", "ProblemDetailsJSONv2.impactLevel")
        return alert_fields.alert(
            self._secrets.source,
            self._now(),
            key=_given(sent, "PID", "ProblemID"),
            name=_given(sent, "ProblemTitle", "ProblemDetailsJSONv2.title") or sent.required("ProblemTitle"),
            status=_STATES[state.lower()],
            severity=_given(sent, "ProblemSeverity", "ProblemDetailsJSONv2.severityLevel"),
            service=alert_fields.service_in(labels) or next(iter(names), _given(sent, "ImpactedEntity")),
            summary=_given(sent, "ImpactedEntity"),
            description=_given(sent, "ProblemDetailsText", "ProblemDetails"),
            labels=labels | ({"impact": impact} if impact else {}),
            annotations={"impacted": ", ".join(names)} if names else {},
            links={"problem": _given(sent, "ProblemURL", "Problem URL")},
            starts_at=sent.time("ProblemDetailsJSONv2.startTime") or sent.time("ProblemDetailsJSON.startTime"),
            ends_at=_ended(sent),
        )


def _ended(sent: Fields) -> datetime | None:
    # An end of -1 means that the problem goes on.
    return sent.time("ProblemDetailsJSONv2.endTime") or sent.time("ProblemDetailsJSON.endTime")


def _given(sent: Fields, *paths: str) -> str:
    """Return the first text that is there; a placeholder that Dynatrace did not know is none."""
    found = (sent.text(path) for path in paths if not isinstance(sent.raw(path), Mapping | list))
    return next((text for text in found if text and not (text.startswith("{") and text.endswith("}"))), "")


def _impacted(sent: Fields) -> list[str]:
    """Return the names of what is impacted, services first."""
    found = [one for path in _IMPACTED for one in _entities(sent, path)]
    found.sort(key=lambda one: _kind(one) != "SERVICE")
    return list(dict.fromkeys(name for one in found if (name := one.first("name", "entityName"))))


def _entities(sent: Fields, path: str) -> tuple[Fields, ...]:
    """Return entities, which come as a list, or as a list in a text where the template has quotes around it."""
    listed = sent.raw(path)
    try:
        if isinstance(listed, str) and listed.startswith("["):
            listed = bodies.load_objects(sent.source, listed.encode())
    except BadPayload:
        return ()
    items = listed if isinstance(listed, list) else []
    return tuple(Fields(sent.source, one, path) for one in items if isinstance(one, Mapping))


def _kind(entity: Fields) -> str:
    return _given(entity, "type", "entityId.type", "impactLevel")
