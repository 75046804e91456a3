"""Takes the webhooks of Prometheus Alertmanager, version 4 of their body.

API: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import TypeAdapter

from incident_copilot.domain.alert import Alert, AlertStatus, fingerprint_of
from incident_copilot.domain.base import Frozen
from incident_copilot.errors import BadPayload, ConfigError, Unauthenticated
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import bodies

_KEYS = 64
_FINGERPRINT = 64  # what the database takes; Alertmanager's have 16
_LABEL = 1024
_ANNOTATION = 4096
_NAME = 200
_URL = 2048

_SERVICE_LABELS = (
    "service", "service_name", "app", "application", "app_kubernetes_io_name", "deployment", "statefulset", "daemonset",
)  # fmt: skip
# They watch other things; an alert with such a job is about its namespace.
_EXPORTERS = frozenset(
    {"kube-state-metrics", "node-exporter", "node_exporter", "blackbox", "pushgateway", "prometheus"}
)
_ENVIRONMENT_LABELS = ("environment", "env", "stage", "deployment_environment")
_LINKS = {
    "runbook": ("runbook_url", "runbook"),
    "dashboard": ("dashboard", "dashboard_url", "grafana_url"),
}
_ALERTS = TypeAdapter(tuple[Alert, ...])
_ONLY_TEXTS = {str}
_STATUSES = {str(status): status for status in AlertStatus}
NOTE = "copilot_note"


class Options(Frozen):
    """Alertmanager needs no options; its secret is the password or bearer token of `http_config`."""


def create(env: PluginEnv, _options: Options) -> AlertSource:
    """Return the source. Raises ConfigError without a secret."""
    return Alertmanager(env)


class Alertmanager:
    """One Alertmanager; its secret may be two, separated by a comma, while they are being changed."""

    def __init__(self, env: PluginEnv) -> None:
        self._now = env.now
        self._source = env.instance or "alertmanager"
        self._secrets = [part.strip().encode() for part in (env.secret or "").split(",") if part.strip()]
        if not self._secrets:
            raise ConfigError(f"{self._source}: no secret; name the variable that holds it with `secret_env`")

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept a bearer token, or basic auth whose password (or "user:password") is the secret."""
        del body
        # Servers hand header bytes over as Latin-1.
        header = headers.get("authorization", "").encode("latin-1", "backslashreplace")
        known = False
        for given in _given(header):
            for secret in self._secrets:
                known |= hmac.compare_digest(given, secret)
        if not known:
            raise Unauthenticated(f"{self._source}: missing or wrong secret in the Authorization header")

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the alerts, each with its own status; Alertmanager sends no delivery id."""
        del headers
        group = _Group(self._source, bodies.load(self._source, body), self._now())
        return Delivery(alerts=group.alerts())


def _given(header: bytes) -> list[bytes]:
    if header.startswith(b"Bearer "):
        return [header.removeprefix(b"Bearer ")]
    if not header.startswith(b"Basic "):
        return []
    try:
        pair = base64.b64decode(header.removeprefix(b"Basic "), validate=True)
    except binascii.Error:
        return []
    return [pair, pair.partition(b":")[2]]


class _Group:
    """One body: a group of alerts and what they have in common."""

    def __init__(self, source: str, body: Mapping[str, Any], now: datetime) -> None:
        self._source, self._body, self._now = source, body, now
        self._latest = now + timedelta(days=1)
        self._labels = self._texts(body, "commonLabels")
        self._annotations = self._texts(body, "commonAnnotations")
        self._status = body.get("status", "firing")
        self._note = _left_out(body.get("truncatedAlerts"))
        self._url = str(body.get("externalURL") or "")

    def alerts(self) -> tuple[Alert, ...]:
        alerts = self._body.get("alerts")
        if not isinstance(alerts, list) or not alerts:
            raise self._bad("alerts", "is not a list of alerts")
        return _ALERTS.validate_python(tuple(self._fields(alert, number) for number, alert in enumerate(alerts)))

    def _fields(self, alert: Any, number: int) -> dict[str, Any]:
        if not isinstance(alert, dict):
            raise self._bad(f"alerts[{number}]", "is not an object")
        labels = self._labels | self._texts(alert, "labels", number)
        annotations = self._annotations | self._texts(alert, "annotations", number)
        name = _first(labels, "alertname") or annotations.get("summary") or "alert without a name"
        status = self._status_of(alert, number)
        notes = self._notes(labels, annotations)
        starts_at = self._starts_at(alert, notes)
        generator = str(alert.get("generatorURL") or "")
        return {
            "source": self._source,
            "fingerprint": _fingerprint(alert) or fingerprint_of(self._source, name, labels),
            "name": bodies.cut(name, _NAME),
            "status": status,
            "severity": _first(labels, "severity"),
            "service": _service(labels),
            "environment": _first(labels, *_ENVIRONMENT_LABELS),
            "summary": bodies.cut(annotations.get("summary") or annotations.get("title", ""), _LABEL),
            "description": bodies.cut(annotations.get("description") or annotations.get("message", ""), _ANNOTATION),
            "labels": _capped(labels, _LABEL),
            "annotations": _noted(_capped(annotations, _ANNOTATION), notes),
            "links": self._links(annotations, generator),
            "starts_at": starts_at,
            "ends_at": self._ends_at(alert, starts_at) if status is AlertStatus.RESOLVED else None,
            "expression": _expression(generator),
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
        status = _STATUSES.get(str(alert.get("status", self._status)).lower())
        if status is None:
            raise self._bad(f"alerts[{number}].status", "is neither firing nor resolved")
        return status

    def _notes(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> list[str]:
        notes = [self._note] if self._note else []
        if len(labels) > _KEYS or len(annotations) > _KEYS:
            notes.append(f"only {_KEYS} of {max(len(labels), len(annotations))} labels or annotations are kept")
        return notes

    def _starts_at(self, alert: Mapping[str, Any], notes: list[str]) -> datetime:
        """Return startsAt, or the time of arrival where it cannot be one."""
        starts_at = _time(alert.get("startsAt"))
        if starts_at and starts_at.year >= 2000 and starts_at <= self._latest:
            return starts_at
        notes.append("startsAt is missing or no usable time, the time of arrival is taken")
        return self._now

    def _ends_at(self, alert: Mapping[str, Any], starts_at: datetime) -> datetime:
        ends_at = _time(alert.get("endsAt"))
        if ends_at is None or ends_at > self._latest:
            ends_at = self._now
        return max(starts_at, ends_at)

    def _links(self, annotations: Mapping[str, str], generator: str) -> dict[str, str]:
        links = {}
        for kind, names in _LINKS.items():
            for name in names:
                if name in annotations:
                    links[kind] = annotations[name]
                    break
        links["generator"] = generator
        links["alertmanager"] = self._url
        return {kind: link for kind, link in links.items() if link and _is_web(link)}

    def _bad(self, place: str, problem: str) -> BadPayload:
        return BadPayload(self._source, f"{place} {problem}")


def _left_out(count: Any) -> str:
    is_count = isinstance(count, int) and count > 0
    return f"Alertmanager left out {count} more alerts of this group (max_alerts)" if is_count else ""


def _fingerprint(alert: Mapping[str, Any]) -> str | None:
    given = alert.get("fingerprint")
    usable = isinstance(given, str) and 0 < len(given) <= _FINGERPRINT and given.isascii() and given.isprintable()
    return given if usable else None


def _first(texts: Mapping[str, str], *names: str) -> str | None:
    """Return the first that is there and not blank, in a length that fits."""
    for name in names:
        if name in texts and (found := texts[name].strip()):
            return bodies.cut(found, _LABEL)
    return None


def _service(labels: Mapping[str, str]) -> str | None:
    named = _first(labels, *_SERVICE_LABELS)
    if named:
        return named
    job = _first(labels, "job")
    # Kubernetes' jobs are "namespace/name".
    job = None if job in _EXPORTERS else job
    return (job.rpartition("/")[2] if job else None) or _first(labels, "namespace")


def _noted(annotations: dict[str, str], notes: Sequence[str]) -> dict[str, str]:
    return annotations | {NOTE: "; ".join(notes)} if notes else annotations


def _capped(texts: dict[str, str], longest: int) -> dict[str, str]:
    is_short = len(texts) <= _KEYS and max(map(len, texts), default=0) <= _NAME
    if is_short and max(map(len, texts.values()), default=0) <= longest:
        return texts
    return {bodies.cut(name, _NAME): bodies.cut(value, longest) for name, value in list(texts.items())[:_KEYS]}


def _time(text: Any) -> datetime | None:
    """Return an aware time; a naive one counts as UTC. None for anything else and for Go's year 1."""
    try:
        at = datetime.fromisoformat(text)
        return None if at.year == 1 else (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _expression(generator: str) -> str | None:
    """Return the alert's query, which Prometheus puts into the link to its graph."""
    return _query(generator) if len(generator) <= 3 * _ANNOTATION else None


# All alerts of a rule have the same links.
@lru_cache(maxsize=1024)
def _query(generator: str) -> str | None:
    try:
        found = parse_qs(urlsplit(generator).query)
    except ValueError:
        return None
    expression = next((found[name][0].strip() for name in ("g0.expr", "expr") if name in found), "")
    # What is escaped in a link may be anything.
    return bodies.clean(expression, _ANNOTATION + 1) if 0 < len(expression) <= _ANNOTATION else None


def _is_web(link: str) -> bool:
    """Whether people may be shown it as a link: http(s), a host, nobody's name before it, nothing unprintable."""
    return len(link) <= _URL and _is_safe(link)


@lru_cache(maxsize=1024)
def _is_safe(link: str) -> bool:
    if not link.isprintable() or " " in link:
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
