"""Verdicts in plain words: what fell or rose, from what to what, over how many cases, and how surely."""

from dataclasses import dataclass
from datetime import timedelta

from incident_copilot.analysis.monitoring.beginning import beginning
from incident_copilot.analysis.monitoring.windows import (
    Fall,
    Key,
    Some,
    fall,
    inverted,
    last_found,
    share_of,
    together,
)
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Watched


@dataclass(frozen=True)
class Voice:
    """In whose name verdicts are, and what trouble they speak of."""

    monitor: str
    kind: SignalKind
    incident_type: AiIncident

    def says(self, watched: Watched, key: Key, outcome: Outcome, summary: str, **fields: object) -> Verdict:
        """Return a verdict; `fields` are those of the figures it rests on."""
        metric, group = key
        told = {
            "system": watched.system,
            "monitor": self.monitor,
            "metric": metric,
            "group": group,
            "outcome": outcome,
            "kind": self.kind,
            "incident_type": self.incident_type,
            "summary": summary,
            "at": watched.now,
        }
        return Verdict.model_validate({**told, **fields})

    def compared(
        self,
        watched: Watched,
        key: Key,
        told: tuple[Some, Some],
        *,
        smallest: float,
        severe: float,
        rises: bool = False,
    ) -> Verdict | None:
        """Return what a metric comes to that is told now and was before; None where either says nothing.

        A fall from `smallest` on is trouble, from `severe` on critical: as a share of what it was, or where it `rises`
        and so is a share of failures, in points.
        """
        current, before = map(inverted, told) if rises else told
        found = fall(current, before, watched.began, watched.window)
        if found is None:
            return None
        unit = 1.0 if rises else abs(found.before)
        said = self._of_fall(watched, key, found, smallest=smallest * unit, severe=severe * unit, rises=rises)
        began = beginning(current, (found.before + found.value) / 2, is_upper=False)
        return said.model_copy(update={"began": began if said.outcome is Outcome.FIRING else None})

    def _of_fall(
        self, watched: Watched, key: Key, found: Fall, *, smallest: float, severe: float, rises: bool
    ) -> Verdict:
        """What the sender holds against a baseline of its own, and cannot be tested, is a weak signal at the most."""
        fits = found.by >= smallest
        value, before = _upright(found, rises)
        low, high = found.interval or (None, None)
        if rises and found.interval:
            low, high = -found.interval.high, -found.interval.low
        outcome = Outcome.FIRING if fits else Outcome.FINE
        if found.p is None:
            outcome = Outcome.WEAK if fits and not found.before_n else Outcome.UNKNOWN
        return self.says(
            watched,
            key,
            outcome,
            _words(key, value, before, found),
            severity="critical" if found.by >= severe else "warning",
            value=value,
            baseline=before,
            low=low,
            high=high,
            n=found.n,
            baseline_n=found.before_n,
            p=found.p,
        )


def named(key: Key) -> str:
    """Return what people call a metric of a group: accuracy (language=de)."""
    metric, group = key
    name = metric.split(".", 1)[1].replace("_", " ").replace(".", " of ")
    return f"{name} ({group})" if group else name


def none_since(observed: Some) -> str:
    """Return since when nothing was found any more, over how many cases; "" where the last figure has a finding."""
    last = last_found(observed)
    since = share_of(together(one for one in observed if last and one.at > last))
    return f", none of {since.n:,} since {last:%H:%M} UTC" if last and since else ""


def number(value: float) -> str:
    """Return a figure with as many digits as tell something."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def in_words(span: timedelta) -> str:
    """Return a span as people say it: 24 h, 15 min."""
    minutes = round(span.total_seconds() / 60)
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes} min"


def _upright(found: Fall, rises: bool) -> tuple[float, float]:
    if not rises:
        return found.value, found.before
    return (1 - found.value, 1 - found.before) if found.is_share else (-found.value, -found.before)


def _words(key: Key, value: float, before: float, found: Fall) -> str:
    by = f" by {found.season}" if found.season else ""
    said = f"{named(key)} is {number(value)}, was {number(before)}{by} (n {found.n:,}, baseline {found.before_n:,})"
    return said if found.p is not None else f"{said}; a test needs {found.wanted:,} cases of each"
