"""Says what speaks against a cause: what it should show and does not."""

from collections.abc import Iterator
from dataclasses import replace

from incident_copilot.analysis.findings import Cause, CauseKind, Findings, Statement
from incident_copilot.analysis.ranking import ODD
from incident_copilot.analysis.signals import MetricClass, classify_metric
from incident_copilot.analysis.statements import lasting, message

_SHOULD_SHOW: dict[CauseKind, tuple[MetricClass, ...]] = {
    "saturation": ("errors", "latency"),
    "dependency": ("errors", "latency"),
    "infrastructure": ("errors", "latency"),
    "configuration": ("errors",),
    "defect": ("errors",),
    "traffic": ("saturation", "latency"),
}
"""What metrics of its own service move where a kind of cause is at work."""
_TOLD = 2


def doubted(cause: Cause, findings: Findings) -> Cause:
    """Return the cause with what stayed as usual in its service and should not have; its strength stays as it is."""
    doubts = list(_steady(cause, findings))[:_TOLD]
    return replace(cause, contradicting=(*cause.contradicting, *doubts)) if doubts else cause


def seen_after_all(findings: Findings) -> tuple[Statement, ...]:
    """Return what was found where there is said to be not enough: the oddest series and the first message."""
    odd = sorted((-one.score, key) for key, one in findings.series.items() if one.score >= ODD)
    series = [Statement(findings.series[key].reason, (key,)) for _, key in odd[:1]]
    return (*series, *[message(key, findings) for key, _ in lasting(findings)][:1])


def _steady(cause: Cause, findings: Findings) -> Iterator[Statement]:
    expected = _SHOULD_SHOW.get(cause.kind, ())
    for key, one in findings.series.items():
        if one.service == cause.subject and one.direction == "flat" and classify_metric(one.name) in expected:
            yield Statement(one.reason, (key,))
