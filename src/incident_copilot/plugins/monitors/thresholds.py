"""Thresholds: rules as in Prometheus, over the last minutes; by default those of seed 003's runbook.

Reference: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field

from incident_copilot.analysis.monitoring import saying, shares, windows
from incident_copilot.analysis.monitoring.beginning import beginning
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.default_rules import DEFAULT_RULES
from incident_copilot.domain.monitoring import Condition, Measure, Rule, condition
from incident_copilot.domain.observation import Observed, SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

VOICES = {
    "quality": (SignalKind.LOW_QUALITY, AiIncident.QUALITY),
    "evaluation": (SignalKind.REGRESSION, AiIncident.REGRESSION),
    "retrieval": (SignalKind.BAD_CONTEXT, AiIncident.CONTEXT),
    "fairness": (SignalKind.UNFAIRNESS, AiIncident.BIAS),
    "data": (SignalKind.BAD_DATA, AiIncident.DATA),
    "safety": (SignalKind.SAFETY_VIOLATION, AiIncident.SECURITY),
    "cost": (SignalKind.COST, AiIncident.PERFORMANCE),
    "provider": (SignalKind.UNAVAILABLE, AiIncident.DEPENDENCY),
    "performance": (SignalKind.SLOW, AiIncident.PERFORMANCE),
}
ANY = (SignalKind.ANOMALY, AiIncident.QUALITY)
SURE = 0.95


class Options(Frozen):
    """The rules; those given stand in the place of the default ones, and `more` beside them."""

    rules: tuple[Rule, ...] = Field(default=DEFAULT_RULES, max_length=200)
    more: tuple[Rule, ...] = Field(default=(), max_length=200)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Thresholds((*options.rules, *options.more))


class Thresholds:
    """Holds what was observed against rules; of the rules about one thing the most severe that holds is told."""

    name = "thresholds"

    def __init__(self, rules: Sequence[Rule]) -> None:
        order = ("critical", "warning", "info")
        about: dict[tuple[Measure, str], list[tuple[Rule, Condition]]] = defaultdict(list)
        for rule in sorted(rules, key=lambda one: order.index(one.severity)):
            expected = condition(rule.expr)
            about[expected.measure, expected.metric].append((rule, expected))
        self._about = dict(about)

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each metric that rules are about, and each group of it, where it was observed."""
        wanted = {metric for _, metric in self._about}
        seen = windows.all_by_key(watched, wanted.__contains__)
        told = (
            [verdict for rule, expected in rules if (verdict := _verdict(watched, rule, expected, key, some))]
            for (_, metric), rules in self._about.items()
            for key, some in seen.items()
            if key[0] == metric
        )
        return [_worst(verdicts) for verdicts in told if verdicts]


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the first that holds, else the first: the most severe come first."""
    return next((one for one in verdicts if one.outcome is not Outcome.FINE), verdicts[0])


def _verdict(
    watched: Watched, rule: Rule, expected: Condition, key: windows.Key, seen: Sequence[Observed]
) -> Verdict | None:
    value, baseline = _measured(watched, rule, expected, seen)
    if value is None:
        return None
    recent = windows.latest(seen, watched.now, rule.over_min)
    share = windows.share_of(windows.together(recent)) if expected.measure is Measure.VALUE else None
    holds = expected.holds(value) and (share is None or _is_sure(share, expected))
    kind, incident_type = VOICES.get(key[0].split(".")[0], ANY)
    beyond = Outcome.WEAK if rule.severity == "info" else Outcome.FIRING
    over = saying.in_words(timedelta(minutes=rule.over_min))
    is_told = holds and expected.measure is Measure.VALUE
    metric = f"{expected.measure}({key[0]})" if expected.measure else key[0]
    measured = f"{expected.measure} of {saying.named(key)}" if expected.measure else saying.named(key)
    return saying.Voice("thresholds", kind, incident_type).says(
        watched,
        (metric, key[1]),
        beyond if holds else Outcome.FINE,
        f"{measured} is {saying.number(value)} over {over}; {rule.expr}",
        name=rule.name,
        severity=rule.severity,
        value=value,
        baseline=expected.bound if baseline is None else baseline,
        n=share.n if share else None,
        began=beginning(recent, expected.bound, is_upper=expected.is_upper) if is_told else None,
        details={"bound": expected.bound},
    )


def _measured(
    watched: Watched, rule: Rule, expected: Condition, seen: Sequence[Observed]
) -> tuple[float | None, float | None]:
    """Return what is held against the bound, and what it was before where that matters."""
    recent = windows.latest(seen, watched.now, rule.over_min)
    now = windows.level([one.figure for one in recent])
    if expected.measure is Measure.VALUE or now is None:
        return now, None
    if expected.measure is Measure.UNUSUAL:
        hour = windows.unusual_hour(seen, watched.now)
        return (abs(hour.z), hour.usual) if hour else (None, None)
    span = timedelta(minutes=rule.over_min)
    before = windows.usual_level([one for one in seen if one.at <= watched.now - span], span)
    if not before:
        return None, None
    change = (now - before) / abs(before)
    return (change if expected.measure is Measure.INCREASE else -change), before


def _is_sure(share: shares.Share, expected: Condition) -> bool:
    """A share of few cases is beyond a bound only where its interval is."""
    interval = shares.wilson(share, SURE)
    return interval.low > expected.bound if expected.is_upper else interval.high < expected.bound
