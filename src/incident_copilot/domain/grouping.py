"""What operators say about grouping: rules by labels, thresholds, inhibition, mutes with an end, watchdogs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from pydantic import Field, model_validator

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.heartbeat import WATCHDOGS, Watchdog

_WILD = frozenset("*?[")
NAMED = ("alertname", "service", "environment", "severity", "source")
"""What every alert has under these names, whatever its source calls it; all else is a label."""


class Rule(Frozen):
    """Alerts that match and agree in the labels of `group_by` are one incident, only after so many of them.

    In `match`, `*` stands for anything and `?` for one letter. An incident takes more while the latest of its alerts
    began less than `window_min` ago, or where it is None as long as it runs.
    """

    name: str = Field(min_length=1, max_length=60)
    match: dict[str, str] = Field(min_length=1)
    group_by: tuple[str, ...] = ()
    window_min: int | None = Field(default=None, ge=1)
    after: int = Field(default=1, ge=1, le=500)
    within_min: int = Field(default=10, ge=1, le=1440)

    def key(self, alert: Alert) -> str:
        """Return what makes alerts of this rule one group."""
        parts = [f"{name}={said(alert, name) or '-'}" for name in self.group_by]
        return "|".join([f"rule={self.name}", *parts])[:250]

    def words(self, alert: Alert) -> str:
        """Return why an alert is in the group, in words."""
        parts = [f"same {name} {said(alert, name) or '(none)'}" for name in self.group_by]
        return ", ".join([f"rule {self.name}", *parts])

    @property
    def window(self) -> timedelta | None:
        """How long after the latest alert the group takes more."""
        return timedelta(minutes=self.window_min) if self.window_min else None

    @property
    def within(self) -> timedelta:
        """In which time the threshold must be reached."""
        return timedelta(minutes=self.within_min)


class Mute(Frozen):
    """Alerts that match open no incident and join none until a time; they are listed in the digest."""

    match: dict[str, str] = Field(min_length=1)
    until: Utc
    reason: str = Field(min_length=1, max_length=200)


class Inhibition(Frozen):
    """While an alert that matches `source` fires, those that match `target` and agree with it in `equal` are muted.

    As at Alertmanager a label that both lack is equal, and what matches both sides is not muted by its like. With
    `downstream` the target's service must depend on the source's, directly or not, or be the same.
    """

    name: str = Field(min_length=1, max_length=60)
    source: dict[str, str] = Field(min_length=1)
    target: dict[str, str] = Field(min_length=1)
    equal: tuple[str, ...] = ()
    downstream: bool = False

    @model_validator(mode="after")
    def _is_bounded(self) -> "Inhibition":
        if not self.equal and not self.downstream:
            raise ValueError("name labels in equal, or set downstream: one alert would mute others everywhere")
        return self

    def place(self, alert: Alert) -> tuple[str, ...]:
        """Return what source and target must agree in."""
        return tuple(said(alert, name) or "" for name in self.equal)


class Grouping(Frozen):
    """The section `correlation` of catalog.yaml; of several rules that match the first counts."""

    rules: tuple[Rule, ...] = ()
    inhibit: tuple[Inhibition, ...] = ()
    mutes: tuple[Mute, ...] = ()
    watchdogs: tuple[Watchdog, ...] = WATCHDOGS

    def rule(self, alert: Alert) -> Rule | None:
        """Return the rule that an alert falls under, or None."""
        return next((rule for rule in self.rules if matches(rule.match, alert)), None)

    def may_inhibit(self, alert: Alert) -> bool:
        """Whether others are muted while this alert fires."""
        return any(matches(rule.source, alert) for rule in self.inhibit)

    def mute(self, alert: Alert, now: datetime) -> Mute | None:
        """Return what mutes an alert now, or None."""
        return next((mute for mute in self.mutes if now < mute.until and matches(mute.match, alert)), None)

    def watchdog(self, alert: Alert) -> Watchdog | None:
        """Return the watchdog whose heartbeat an alert is, or None."""
        return next((one for one in self.watchdogs if matches(one.match, alert)), None)


def matches(wanted: Mapping[str, str], alert: Alert) -> bool:
    """Whether an alert has every label as it is wanted."""
    return all(_fits(said(alert, name) or "", pattern) for name, pattern in wanted.items())


def _fits(value: str, pattern: str) -> bool:
    # Each alert that comes in is held against the watchdogs' names: the quick way is for what stands for itself.
    return value == pattern if _WILD.isdisjoint(pattern) else fnmatchcase(value, pattern)


def said(alert: Alert, name: str) -> str | None:
    """Return what an alert says under a name; None where it says nothing."""
    if name not in NAMED:
        return alert.labels.get(name)
    return alert.name if name == "alertname" else getattr(alert, name)
