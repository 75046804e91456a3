"""What Alertmanager (version 0.25, webhook version 4) sends for the alerts of a scenario."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from pydantic import Field

from incident_copilot.sandbox.world.spec import Spec

_HEADERS = {"User-Agent": "Alertmanager/0.25.0", "Content-Type": "application/json"}
_NEVER = "0001-01-01T00:00:00Z"


class AlertRule(Spec):
    """One alert that fires `after_s` after the first and resolves `resolves_after_s` after the world healed.

    `{base_url}` in an annotation becomes the address of the world.
    """

    after_s: float = Field(ge=0)
    expr: str
    labels: dict[str, str]
    annotations: dict[str, str]
    group_by: tuple[str, ...] = ("alertname", "service")
    resolves_after_s: float = Field(default=15, ge=0)


class Webhook(Spec):
    """A request to send: the caller adds its own Authorization header."""

    after_s: float
    headers: dict[str, str]
    body: dict[str, Any]


def firing(rule: AlertRule, common: Mapping[str, str], starts_at: datetime, base_url: str) -> Webhook:
    """Return the notification that the alert fires."""
    alert = _alert(rule, common, starts_at, base_url)
    return Webhook(after_s=rule.after_s, headers=_HEADERS, body=_body(rule, alert, base_url))


def resolved(
    rule: AlertRule, common: Mapping[str, str], starts_at: datetime, ends_at: datetime, base_url: str
) -> Webhook:
    """Return the notification that the alert is over."""
    alert = _alert(rule, common, starts_at, base_url) | {"status": "resolved", "endsAt": rfc3339(ends_at)}
    after_s = rule.after_s + (ends_at - starts_at).total_seconds()
    return Webhook(after_s=after_s, headers=_HEADERS, body=_body(rule, alert, base_url))


def rfc3339(at: datetime) -> str:
    """Return the time as Go prints it: milliseconds only where there are some."""
    precision = "milliseconds" if at.microsecond >= 1000 else "seconds"
    return at.isoformat(timespec=precision).replace("+00:00", "Z")


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return Prometheus' own fingerprint of a label set (FNV-1a over sorted names and values)."""
    state = 0xCBF29CE484222325
    for name in sorted(labels):
        for byte in name.encode() + b"\xff" + labels[name].encode() + b"\xff":
            state = ((state ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"


def _alert(rule: AlertRule, common: Mapping[str, str], starts_at: datetime, base_url: str) -> dict[str, Any]:
    labels = dict(sorted({**common, **rule.labels}.items()))
    annotations = {name: text.replace("{base_url}", base_url) for name, text in sorted(rule.annotations.items())}
    return {
        "status": "firing",
        "labels": labels,
        "annotations": annotations,
        "startsAt": rfc3339(starts_at),
        "endsAt": _NEVER,
        "generatorURL": f"{base_url}/prometheus/graph?g0.expr={quote_plus(rule.expr)}&g0.tab=1",
        "fingerprint": fingerprint(labels),
    }


def _body(rule: AlertRule, alert: dict[str, Any], base_url: str) -> dict[str, Any]:
    group = {name: alert["labels"][name] for name in sorted(rule.group_by) if name in alert["labels"]}
    key = ", ".join(f'{name}="{value}"' for name, value in group.items())
    return {
        "receiver": "copilot",
        "status": alert["status"],
        "alerts": [alert],
        "groupLabels": group,
        "commonLabels": alert["labels"],
        "commonAnnotations": alert["annotations"],
        "externalURL": f"{base_url}/alertmanager",
        "version": "4",
        "groupKey": f"{{}}:{{{key}}}",
        "truncatedAlerts": 0,
    }
