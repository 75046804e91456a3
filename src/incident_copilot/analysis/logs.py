"""Compares the log messages of two windows: which are new, surging or gone."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from incident_copilot.analysis.miner import Cluster, Miner

_SURGE = 3.0  # times the rate before
_SAMPLES = 5
_CLEAR = 3.0  # standard deviations
_SEVERE = re.compile(
    r"error|exception|fail|fatal|panic|timeout|timed out|refused|unable|cannot|denied|limit|exhaust|out of|overload"
    r"|unavailable|unreachable|killed|crash|corrupt|abort|deadlock|\b5\d\d\b|\b429\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LogLine:
    """One line and when it was written, in epoch seconds."""

    at: float
    text: str
    service: str = ""


@dataclass(frozen=True)
class TemplateChange:
    """A template whose rate changed; rates are lines a minute.

    `count`, `first_seen` and `samples` are of the window it is in.
    """

    kind: Literal["new", "surging", "vanished"]
    template: str
    headline: str
    service: str
    per_minute_before: float
    per_minute_during: float
    count: int
    first_seen: float
    severe: bool
    score: float
    samples: tuple[LogLine, ...] = ()


def compare_templates(
    before: Sequence[LogLine], during: Sequence[LogLine], *, before_s: float, during_s: float
) -> list[TemplateChange]:
    """Return the templates that are new, surging or gone, most telling first; errors count double.

    `before_s` and `during_s` are the lengths of the two windows. Without both nothing can be compared: an empty list.
    """
    if before_s <= 0 or during_s <= 0:
        return []
    miner = Miner()
    windows: tuple[dict[int, list[LogLine]], dict[int, list[LogLine]]] = ({}, {})
    for lines, window in zip((before, during), windows, strict=True):
        for line in lines:
            window.setdefault(miner.add(line.text).id, []).append(line)
    found = [
        change
        for cluster in miner.clusters
        if (
            change := _change(
                cluster, windows[0].get(cluster.id, []), windows[1].get(cluster.id, []), before_s, during_s
            )
        )
    ]
    return sorted(found, key=lambda change: (-change.score * (2 if change.severe else 1), change.template))


def _change(
    cluster: Cluster, before: list[LogLine], during: list[LogLine], before_s: float, during_s: float
) -> TemplateChange | None:
    score = _surprise(len(before), len(during), before_s, during_s)
    rate_before, rate_during = 60 * len(before) / before_s, 60 * len(during) / during_s
    headline = cluster.headline
    severe = bool(_SEVERE.search(headline))
    kind: Literal["new", "surging", "vanished"]
    if not before and (severe or score >= 2):
        kind = "new"
    elif before and rate_during >= _SURGE * rate_before and score >= _CLEAR:
        kind = "surging"
    elif not during and score >= _CLEAR:
        kind = "vanished"
    else:
        return None
    lines = during or before
    return TemplateChange(
        kind=kind,
        template=cluster.template,
        headline=headline,
        service=Counter(line.service for line in lines).most_common(1)[0][0],
        per_minute_before=round(rate_before, 2),
        per_minute_during=round(rate_during, 2),
        count=len(lines),
        first_seen=min(line.at for line in lines),
        severe=severe,
        score=round(score, 3),
        samples=tuple(lines[:_SAMPLES]),
    )


def _surprise(before: int, during: int, before_s: float, during_s: float) -> float:
    """Return how unlikely the two counts are at one common rate, in standard deviations (likelihood ratio)."""
    rate = (before + during) / (before_s + during_s)
    parts = ((before, rate * before_s), (during, rate * during_s))
    return math.sqrt(max(0.0, 2 * sum(seen * math.log(seen / expected) for seen, expected in parts if seen)))
