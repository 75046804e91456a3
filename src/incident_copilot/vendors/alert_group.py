"""The webhook body of Alertmanager, version 4, which Grafana and others send too: a group of alerts."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import TypeAdapter

from incident_copilot.domain.alert import Alert, AlertStatus, fingerprint_of
from incident_copilot.errors import BadPayload
from incident_copilot.vendors import alert_fields, bodies, times

_FINGERPRINT = 64  # what the database takes; Alertmanager's have 16
_LINKS = {
    "runbook": ("runbook_url", "runbook"),
    "dashboard": ("dashboard", "dashboard_url", "grafana_url"),
}
_ALERTS = TypeAdapter(tuple[Alert, ...])
_ONLY_TEXTS = {str}
_STATUSES = {str(status): status for status in AlertStatus}
_NO_LINKS: Mapping[str, str] = {}


class AlertGroup:
    """One body: a group of alerts and what they have in common.

    `home` names the link to the sender itself (`externalURL`); `links` are more links by the field of an alert that
    holds them, such as {"panel": "panelURL"}.
    """

    def __init__(
        self,
        source: str,
        body: Mapping[str, Any],
        now: datetime,
        *,
        home: str = "alertmanager",
        links: Mapping[str, str] = _NO_LINKS,
    ) -> None:
        self._source, self._body, self._now = source, body, now
        self._home, self._more_links = home, links
        self._labels = self._texts(body, "commonLabels")
        self._annotations = self._texts(body, "commonAnnotations")
        self._status = body.get("status") or "firing"
        self._note = _left_out(body.get("truncatedAlerts"))
        self._url = str(body.get("externalURL") or "")

    def alerts(self) -> tuple[Alert, ...]:
        """Return the alerts, each with its own status. Raises BadPayload, which names the field."""
        alerts = self._body.get("alerts")
        if not isinstance(alerts, list) or not alerts:
            raise self._bad("alerts", "is not a list of alerts")
        # All at once: a storm's bodies have thousands, and one call of the validator is quicker than as many.
        return _ALERTS.validate_python(tuple(self._fields(alert, number) for number, alert in enumerate(alerts)))

    def _fields(self, alert: Any, number: int) -> dict[str, Any]:
        if not isinstance(alert, dict):
            raise self._bad(f"alerts[{number}]", "is not an object")
        labels = self._labels | self._texts(alert, "labels", number)
        annotations = self._annotations | self._texts(alert, "annotations", number)
        name = alert_fields.first(labels, "alertname") or annotations.get("summary") or alert_fields.UNNAMED
        status = self._status_of(alert, number)
        notes = [self._note] if self._note else []
        notes += alert_fields.left_out(labels, annotations)
        starts_at = self._starts_at(alert, notes)
        description = annotations.get("description") or annotations.get("message", "")
        return {
            "source": self._source,
            "fingerprint": _fingerprint(alert) or fingerprint_of(self._source, name, labels),
            "name": bodies.cut(name, alert_fields.NAME),
            "status": status,
            "severity": alert_fields.first(labels, "severity"),
            "service": alert_fields.service_in(labels),
            "environment": alert_fields.environment_in(labels),
            "summary": bodies.cut(annotations.get("summary") or annotations.get("title", ""), alert_fields.LABEL),
            "description": bodies.cut(description, alert_fields.ANNOTATION),
            "labels": alert_fields.capped(labels, alert_fields.LABEL),
            "annotations": alert_fields.noting(alert_fields.capped(annotations, alert_fields.ANNOTATION), notes),
            "links": self._links(alert, annotations),
            "starts_at": starts_at,
            "ends_at": self._ends_at(alert, starts_at) if status is AlertStatus.RESOLVED else None,
            "expression": _expression(str(alert.get("generatorURL") or "")),
        }

    def _texts(self, holder: Mapping[str, Any], field: str, number: int | None = None) -> dict[str, str]:
        """Return names and texts of one mapping; numbers become text, null and empty names are left out."""
        found = holder.get(field)
        if found is None:
            return {}
        where = field if number is None else f"alerts[{number}].{field}"
        if not isinstance(found, dict):
            raise self._bad(where, "is not an object")
        if set(map(type, found.values())) <= _ONLY_TEXTS and "" not in found:
            return found
        for name, value in found.items():
            if isinstance(value, dict | list):
                raise self._bad(f"{where}.{bodies.cut(name, 80)}", "is not a text")
        return {name: str(value) for name, value in found.items() if name and value is not None}

    def _status_of(self, alert: Mapping[str, Any], number: int) -> AlertStatus:
        """Return the alert's own status; a group is firing as long as any of its alerts is."""
        status = _STATUSES.get(str(alert.get("status") or self._status).lower())
        if status is None:
            raise self._bad(f"alerts[{number}].status", "is neither firing nor resolved")
        return status

    def _starts_at(self, alert: Mapping[str, Any], notes: list[str]) -> datetime:
        """Return startsAt, or the time of arrival where it cannot be one."""
        starts_at = times.usable(times.iso(alert.get("startsAt")), self._now)
        if starts_at:
            return starts_at
        notes.append("startsAt is missing or no usable time, the time of arrival is taken")
        return self._now

    def _ends_at(self, alert: Mapping[str, Any], starts_at: datetime) -> datetime:
        return alert_fields.end(times.iso(alert.get("endsAt")), starts_at, self._now)

    def _links(self, alert: Mapping[str, Any], annotations: Mapping[str, str]) -> dict[str, str]:
        links = {}
        for kind, names in _LINKS.items():
            for name in names:
                if name in annotations:
                    links[kind] = annotations[name]
                    break
        for kind, field in self._more_links.items():
            if alert.get(field):
                links[kind] = str(alert[field])
        links["generator"] = str(alert.get("generatorURL") or "")
        links[self._home] = self._url
        return alert_fields.safe_links(links)

    def _bad(self, place: str, problem: str) -> BadPayload:
        return BadPayload(self._source, f"{place} {problem}")


def _left_out(count: Any) -> str:
    is_count = isinstance(count, int) and count > 0
    return f"Alertmanager left out {count} more alerts of this group (max_alerts)" if is_count else ""


def _fingerprint(alert: Mapping[str, Any]) -> str | None:
    given = alert.get("fingerprint")
    usable = isinstance(given, str) and 0 < len(given) <= _FINGERPRINT and given.isascii() and given.isprintable()
    return given if usable else None


def _expression(generator: str) -> str | None:
    """Return the alert's query, which Prometheus puts into the link to its graph."""
    return _query(generator) if len(generator) <= 3 * alert_fields.ANNOTATION else None


# All alerts of a rule have the same links.
@lru_cache(maxsize=1024)
def _query(generator: str) -> str | None:
    try:
        found = parse_qs(urlsplit(generator).query)
    except ValueError:
        return None
    expression = next((found[name][0].strip() for name in ("g0.expr", "expr") if name in found), "")
    # What is escaped in a link may be anything.
    is_short = 0 < len(expression) <= alert_fields.ANNOTATION
    return bodies.clean(expression, alert_fields.ANNOTATION + 1) if is_short else None
