"""Compares the log messages of two windows: which are new, surging or gone."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from incident_copilot.analysis.miner import Form, Miner, Template

_SURGE = 3.0  # times the rate before
_SAMPLES = 5
_STANDING = 3  # times before the onset
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
    windows: tuple[dict[Form, list[LogLine]], dict[Form, list[LogLine]]] = ({}, {})
    for lines, window in zip((before, during), windows, strict=True):
        for line in lines:
            window.setdefault(miner.add(line.text), []).append(line)
    found = [
        change
        for template in miner.templates()
        if (change := _change(template, _of(template, windows[0]), _of(template, windows[1]), before_s, during_s))
    ]
    return sorted(found, key=lambda change: (-change.score * (2 if change.severe else 1), change.template))


def without_standing(lines: Sequence[LogLine], *, onset: float) -> list[LogLine]:
    """Return the lines without the messages that were written several times before the onset: those are standing noise.

    For lines that each count, such as events of a platform; for a log its rates are compared.
    """
    miner = Miner()
    forms = [(miner.add(line.text), line) for line in lines]
    miner.templates()
    before = Counter(form.template for form, line in forms if line.at < onset)
    return [line for form, line in forms if before[form.template] < _STANDING]


def _of(template: Template, window: dict[Form, list[LogLine]]) -> list[LogLine]:
    """Return the template's lines of a window, in the order they were written."""
    lines = [line for form in template.forms for line in window.get(form, ())]
    return sorted(lines, key=lambda line: line.at) if len(template.forms) > 1 else lines


def _change(
    template: Template, before: list[LogLine], during: list[LogLine], before_s: float, during_s: float
) -> TemplateChange | None:
    score = _surprise(len(before), len(during), before_s, during_s)
    rate_before, rate_during = 60 * len(before) / before_s, 60 * len(during) / during_s
    headline = template.headline
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
        template=template.text,
        headline=headline,
        service=Counter(line.service for line in lines).most_common(1)[0][0],
        per_minute_before=round(rate_before, 2),
        per_minute_during=round(rate_during, 2),
        count=len(lines),
        first_seen=min(line.at for line in lines),
        severe=severe,
        score=round(score, 3),
        samples=_representative(lines),
    )


def _representative(lines: Sequence[LogLine]) -> tuple[LogLine, ...]:
    """Return the first lines that differ in their text, and more of the first ones where those are few."""
    different = list({line.text: line for line in reversed(lines)}.values())[: -_SAMPLES - 1 : -1]
    more = [line for line in lines[: 2 * _SAMPLES] if line not in different]
    return tuple((different + more)[:_SAMPLES])


def _surprise(before: int, during: int, before_s: float, during_s: float) -> float:
    """Return how unlikely the two counts are at one common rate, in standard deviations (likelihood ratio)."""
    rate = (before + during) / (before_s + during_s)
    parts = ((before, rate * before_s), (during, rate * during_s))
    return math.sqrt(max(0.0, 2 * sum(seen * math.log(seen / expected) for seen, expected in parts if seen)))
