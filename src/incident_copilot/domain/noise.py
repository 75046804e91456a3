"""Noise: alerts that open no incident by the operators' word; they are counted, and people can look through them."""

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.grouping import matches
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.track_record import LATEST, TrackRecord

Pattern = Annotated[dict[str, str], Field(min_length=1)]


class NoiseRule(Frozen):
    """Alerts that match are noise."""

    match: Pattern
    reason: str = Field(default="", max_length=200)


class FromHistory(Frozen):
    """Alerts with at least this share of incidents in which there was nothing to do are noise; never a P0 or P1."""

    share: float = Field(default=0.9, ge=0.5, le=1)
    of_at_least: int = Field(default=5, ge=3, le=LATEST)


class NoisePolicy(Frozen):
    """The section `noise` of catalog.yaml; what matches one of `never` is no noise, whatever else says so."""

    rules: tuple[NoiseRule, ...] = ()
    severities: tuple[str, ...] = ("none",)
    never: tuple[Pattern, ...] = ()
    from_history: FromHistory | None = None

    def why(self, alert: Alert) -> str | None:
        """Return why an alert is noise by rule or by its severity; None where it is not."""
        if self._is_kept(alert):
            return None
        rule = next((one for one in self.rules if matches(one.match, alert)), None)
        if rule:
            return rule.reason or f"a rule of the catalogue: {in_yaml(rule.match)}"
        word = (alert.severity or "").lower()
        return f"its severity is {word}" if word in self.severities else None

    def why_by(self, record: TrackRecord, alert: Alert, severity: Severity) -> str | None:
        """Return why an alert is noise by its history; None where it is not, or the operators have not said so."""
        history = self.from_history
        if history is None or severity in (Severity.P0, Severity.P1) or self._is_kept(alert):
            return None
        number = len(record.latest)
        is_idle = number >= history.of_at_least and record.idle >= history.share * number
        return record.text if is_idle else None

    def _is_kept(self, alert: Alert) -> bool:
        return any(matches(match, alert) for match in self.never)


class NoiseCount(Frozen):
    """How often an alert on a service was noise, and why the last time; `fingerprint` is the latest one."""

    name: str
    service: str | None
    times: int
    first_at: Utc
    last_at: Utc
    why: str
    fingerprint: str


def rule_text(name: str, service: str | None, reason: str) -> str:
    """Return the lines of catalog.yaml that make an alert noise."""
    return f"    - {{match: {in_yaml(_match(name, service))}, reason: {json.dumps(reason)}}}"


def never_text(alert: Alert) -> str:
    """Return what to add to catalog.yaml so that an alert is no noise any more."""
    return f"noise:\n  never:\n    - {in_yaml(_match(alert.name, alert.service))}"


def in_yaml(match: Mapping[str, str]) -> str:
    """Return a match as it stands in catalog.yaml, whatever its values contain."""
    return "{" + ", ".join(f"{name}: {json.dumps(value)}" for name, value in match.items()) + "}"


def _match(name: str, service: str | None) -> dict[str, str]:
    return {"alertname": name, "service": service} if service else {"alertname": name}
