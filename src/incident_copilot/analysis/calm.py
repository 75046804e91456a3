"""Proposes that nothing is wrong, or no longer, where all that was measured is as usual and nothing failed."""

import re
from collections.abc import Iterator

from incident_copilot.analysis.findings import Cause, Event, Findings, Statement
from incident_copilot.analysis.ranking import ODD
from incident_copilot.analysis.signals import classify_metric
from incident_copilot.analysis.signs import LONG_AGO_S, clock
from incident_copilot.analysis.statements import lasting, shortened

_FEWEST = 3  # series, below which that all are as usual says little
_SHOWN = 4
_CONFIDENT = 0.45  # never likely: what is not measured may be wrong
_FAILED = re.compile(
    r"\bfail|error|refused|ran out|blocked|unavailable|not accept|crash|killed|critical|exceeded|lost|unreachable",
    re.IGNORECASE,
)
_MENDED = re.compile(
    r"complete|finished|recovered|resolved|is available|succeeded|restored|healthy again", re.IGNORECASE
)


def nothing_wrong(findings: Findings) -> Iterator[Cause]:
    """Yield that nothing is wrong; not while anything is odd, nor where hardly anything was measured."""
    if len(findings.readings) < _FEWEST or findings.is_measured or _is_troubled(findings):
        return
    recovered = [Statement(one.text, (key,)) for key, one in findings.readings.items() if one.returned]
    mended = [
        Statement(f'"{shortened(event.text)}" at {clock(event.at)}', (key,))
        for key, event in _recent(findings)
        if _MENDED.search(event.text)
    ]
    order = ("errors", "saturation", "latency", "traffic", "other")
    steady = sorted(
        ((key, one) for key, one in findings.readings.items() if not one.returned),
        key=lambda pair: order.index(classify_metric(pair[1].name)),
    )
    usual = [Statement(one.text, (key,)) for key, one in steady[:_SHOWN]]
    nothing = Statement("no error and no failure is reported that lasts", (findings.alert, *findings.readings))
    yield Cause(
        kind="nothing is wrong",
        subject=findings.service,
        title=f"nothing is wrong with {findings.service} now: there is no active failure",
        mechanism="What the alert saw "
        + ("has recovered." if recovered else "is within its normal bounds, or too brief to show."),
        confidence=_CONFIDENT,
        verdict="possible",
        supporting=(*recovered[:_SHOWN], *mended, *usual, nothing),
        contradicting=(Statement("an alert says otherwise", (findings.alert,)),),
        next_check="Ask whether anybody is affected, and look at the threshold of the alert.",
        confirm="Nobody is affected, and the alert resolves by itself.",
        refute="Somebody is affected, by what is not measured here.",
    )


def _is_troubled(findings: Findings) -> bool:
    """Whether anything is odd or bad now, or a failure was told after which nothing was told of its end."""
    back = {key for key, one in findings.readings.items() if one.returned}
    if any(one.score >= ODD and key not in back for key, one in findings.series.items()):
        return True
    if any(one.is_bad for one in findings.readings.values()) or any(one.severe for _, one in lasting(findings)):
        return True
    failed = max((event.at for _, event in _recent(findings) if _FAILED.search(event.text)), default=None)
    return failed is not None and not any(
        event.at > failed and _MENDED.search(event.text) for _, event in _recent(findings)
    )


def _recent(findings: Findings) -> list[tuple[str, Event]]:
    return [(key, event) for key, event in findings.events.items() if event.at >= findings.onset_at - LONG_AGO_S]
