"""Series of a metric as evidence: bounded points, labels, and one sentence with the numbers that matter."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import VendorError
from incident_copilot.ports import Question
from incident_copilot.vendors.server import Server

POINTS = 400
SHORTEST_STEP_S = 15
_LABELS = 30
_WEEK = timedelta(days=7)
_BYTES = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))
_COMPARED = {">": "above", ">=": "from", "<": "below", "<=": "up to", "==": "at", "!=": "away from"}
_SERVICE_LABELS = ("service", "service_name", "app", "job")

Point = tuple[float, float]


class Weekly(Frozen):
    """`week_before` also asks for the same hours a week before, so that what happens every week counts as usual.

    It is off because old data may be slow to read, and the brief waits for it.
    """

    week_before: bool = False


class ExtraQuery(Frozen):
    """A query asked for each service; `{service}` stands for its name, between double quotes.

    `unit` is one of s, ms, B, ratio, %, or any word that is written after the number.
    """

    title: str = Field(max_length=80)
    query: str = Field(max_length=2000)
    unit: str = ""


@dataclass(frozen=True)
class Found:
    """One series that a server gave: (epoch seconds, value) each, in order of time.

    `week_before` is the same of the week before, its times a week later; empty where nobody asked.
    """

    title: str
    points: Sequence[Point]
    query: str
    unit: str = ""
    service: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    link: str | None = None
    threshold: float | None = None
    comparison: str | None = None
    week_before: Sequence[Point] = ()


async def look_up(
    look: Callable[[Question], Awaitable[list[Found]]], question: Question, *, week_before: bool
) -> list[Found]:
    """Return the series that `look` finds for a question and, where wanted, what they were a week before.

    A week before that cannot be read is left out: it only tells what is usual, and the same server says of itself when
    it does not answer.
    """
    if not week_before:
        return await look(question)
    found, earlier = await asyncio.gather(look(question), _week_before(look, question))
    return [replace(one, week_before=earlier.get(_identity(one), ())) for one in found]


async def _week_before(
    look: Callable[[Question], Awaitable[list[Found]]], question: Question
) -> dict[tuple[str, frozenset[tuple[str, str]]], list[Point]]:
    window = {"since": question.since - _WEEK, "until": question.until - _WEEK}
    try:
        found = await look(question.model_copy(update=window))
    except VendorError:
        return {}
    later_s = _WEEK.total_seconds()
    return {_identity(one): [(at + later_s, value) for at, value in one.points] for one in found}


def _identity(found: Found) -> tuple[str, frozenset[tuple[str, str]]]:
    return found.title, frozenset(found.labels.items())


def evidence(server: Server, question: Question, found: Found) -> Evidence:
    """Return a series as evidence; it has at least one point."""
    data: dict[str, Any] = {
        "points": [list(point) for point in found.points],
        "unit": found.unit,
        "service": service_of(found.labels) or found.service,
        "labels": dict(list(found.labels.items())[:_LABELS]),
        "threshold": found.threshold,
        "comparison": found.comparison,
    }
    if found.week_before:
        data["week_before"] = [list(point) for point in found.week_before]
    return server.evidence(
        question,
        EvidenceKind.METRIC,
        title=found.title,
        summary=_summary(found, question),
        data=data,
        link=found.link,
        query=found.query,
    )


def service_of(labels: Mapping[str, str]) -> str | None:
    """Return the service that labels name, or None."""
    return next((labels[label] for label in _SERVICE_LABELS if label in labels), None)


def step_s(question: Question, shortest: int = SHORTEST_STEP_S, multiple: int = 1) -> int:
    """Return the seconds between two points so that there are at most 400, as a multiple of `multiple`."""
    span_s = (question.until - question.since).total_seconds()
    step = max(shortest, math.ceil(span_s / (POINTS - 1)))
    return math.ceil(step / multiple) * multiple


def filled(text: str, service: str) -> str:
    """Return a text with `{service}` replaced."""
    return text.replace("{service}", service)


def finite(points: Sequence[tuple[float, float | None]]) -> list[Point]:
    """Return the points that have a number, oldest first; JSON knows no NaN."""
    return sorted((at, value) for at, value in points if value is not None and math.isfinite(value))


def liveliest(found: Sequence[Found], most: int) -> list[Found]:
    """Return the series that moved most, at most `most`; those without points are left out."""
    return sorted((one for one in found if one.points), key=_movement, reverse=True)[:most]


def _movement(found: Found) -> float:
    values = [value for _, value in found.points]
    return max(values) - min(values)


def _summary(found: Found, question: Question) -> str:
    """Return one sentence: the newest value, the usual one of the window's first half, the highest, the threshold."""
    points, unit, zone = found.points, found.unit, question.until.tzinfo
    half = (question.since.timestamp() + question.until.timestamp()) / 2
    earlier = [value for at, value in points if at <= half]
    values = [value for _, value in points]
    told = [f"{figure(values[-1], unit)} at {datetime.fromtimestamp(points[-1][0], tz=zone):%H:%M} UTC"]
    if earlier:
        told.append(f"{figure(median(earlier), unit)} before {datetime.fromtimestamp(half, tz=zone):%H:%M}")
    told.append(f"highest {figure(max(values), unit)}")
    if found.comparison and found.threshold is not None:
        told.append(f"the alert fires {_COMPARED[found.comparison]} {figure(found.threshold, unit)}")
    return ", ".join(told) + "."


def figure(value: float, unit: str) -> str:
    """Return the number for people, three digits long."""
    if unit == "ratio":
        value, unit = value * 100, "%"
    if unit == "B":
        unit, factor = next(((name, size) for name, size in _BYTES if abs(value) >= size), ("B", 1.0))
        value /= factor
    digits = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{digits} {unit}".strip()
