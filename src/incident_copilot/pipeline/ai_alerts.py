"""Verdicts as alerts, in the words that all sources share."""

from collections.abc import Sequence
from datetime import datetime

from incident_copilot.domain import incident_type
from incident_copilot.domain.alert import Alert, AlertStatus, fingerprint_of
from incident_copilot.domain.monitoring import MonitoredSystem
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import SOURCE, Verdict

NAMES = {
    SignalKind.LOW_QUALITY: "QualityLow",
    SignalKind.SAFETY_VIOLATION: "SafetyViolation",
    SignalKind.ANOMALY: "Anomaly",
    SignalKind.NEGATIVE_FEEDBACK: "NegativeFeedback",
    SignalKind.QUALITY_DROP: "QualityDrop",
    SignalKind.DRIFT: "Drift",
    SignalKind.UNFAIRNESS: "FairnessGap",
    SignalKind.BAD_DATA: "DataQuality",
    SignalKind.REGRESSION: "ModelRegression",
    SignalKind.BAD_CONTEXT: "RetrievalDegraded",
    SignalKind.COST: "CostUnusual",
    SignalKind.SLOW: "Slow",
    SignalKind.UNAVAILABLE: "ProviderUnavailable",
}

RUNBOOKS = {SignalKind.DRIFT: "ai-drift", SignalKind.COST: "ai-cost"}
"""Shipped ones for what is narrower than its type of incident; all others begin with that of their type."""
_SMALLEST_P = 0.0001  # what is below says no more


def alert_of(system: MonitoredSystem, verdict: Verdict, beside: Sequence[Verdict] = ()) -> Alert:
    """Return the alert that a verdict is; `beside` are weak signals of the same system.

    What concerns security or fairness is told of only in an alert that has its audience.
    """
    name = f"Ai{verdict.name or NAMES[verdict.kind]}"
    may_tell = [one for one in beside if one.key != verdict.key and verdict.may_tell_of(one)]
    others = [f"Beside it: {one.summary}." for one in may_tell][:5]
    about = {"system": verdict.system, "monitor": verdict.monitor, "metric": verdict.metric, "group": verdict.group}
    labels = {key: value for key, value in about.items() if value}
    team = {"team": system.owner} if system.owner else {}
    runbook = RUNBOOKS.get(verdict.kind) or incident_type.of(verdict.incident_type).runbook
    return Alert(
        source=SOURCE,
        fingerprint=fingerprint_of(SOURCE, verdict.monitor, labels),
        name=name,
        status=AlertStatus.FIRING,
        severity=verdict.severity,
        service=system.service or system.name,
        environment=system.environment,
        summary=f"{verdict.system}: {verdict.summary}"[:600],
        description=" ".join([*_figures(verdict), *others])[:2000],
        labels={**labels, **team, "incident_type": verdict.incident_type.value, "signal": verdict.kind.value},
        annotations={"runbook_url": runbook} if runbook else {},
        starts_at=verdict.began or verdict.since or verdict.at,
    )


def resolved(system: MonitoredSystem, verdict: Verdict, now: datetime) -> Alert:
    """Return that what fired is over."""
    return alert_of(system, verdict).model_copy(update={"status": AlertStatus.RESOLVED, "ends_at": now})


def _figures(verdict: Verdict) -> list[str]:
    said = []
    if verdict.low is not None and verdict.high is not None:
        said.append(f"95 % interval {verdict.low:.3g} to {verdict.high:.3g}.")
    if verdict.n is not None:
        said.append(f"n {verdict.n:,}" + (f", baseline {verdict.baseline_n:,}." if verdict.baseline_n else "."))
    if verdict.p is not None:
        said.append(f"p {verdict.p:.2g}." if verdict.p >= _SMALLEST_P else f"p below {_SMALLEST_P}.")
    return said
