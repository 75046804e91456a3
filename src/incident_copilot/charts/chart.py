"""What a chart shows and where each thing stands on it; drawing is left to svg and png."""

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal

from incident_copilot.domain.base import Frozen

WIDTH = 720
LEFT, RIGHT, BOTTOM = 64, 20, 34
HEAD = 34
"""Room for the title."""
PLOT = 204
"""Height of the plot itself; the labels of marks stand above it, so a chart with more marks is taller."""
ROW = 14
LONGEST = 44  # characters of a mark's label

MarkKind = Literal["alert", "onset", "change", "decision", "end"]
COLOURS: dict[str, str] = {
    "ink": "#1d2733",
    "quiet": "#5d6b7a",
    "grid": "#e3e8ee",
    "paper": "#ffffff",
    "line": "#2457c5",
    "limit": "#b42318",
    "alert": "#b42318",
    "onset": "#7a3e00",
    "change": "#5b2ea6",
    "decision": "#0b6b50",
    "end": "#0b6b50",
}
"""Every colour has a contrast of at least 4.5 to 1 on the paper, where it carries text."""


DAY_S = 86_400.0
STEPS_S = [60.0 * minutes for minutes in (0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440)]


class Mark(Frozen):
    """A moment worth a vertical line; `at` in epoch seconds."""

    at: float
    label: str
    kind: MarkKind


class Chart(Frozen):
    """One metric over time; `points` are (epoch seconds, value) in order, `limit` is where its alert begins.

    With `bars` a point is a count of what came from then on, until the next.
    """

    title: str
    unit: str
    points: tuple[tuple[float, float], ...]
    marks: tuple[Mark, ...] = ()
    limit: float | None = None
    bars: bool = False


class PlacedMark(Frozen):
    """A mark with its place: x of its line, y of its label's baseline, and on which side of the line that stands."""

    mark: Mark
    x: float
    y: float
    text: str
    anchor: Literal["start", "end"]


class Layout(Frozen):
    """Everything in pixels: pieces of the curve, the ticks of both axes, the marks, and the line of the limit.

    The plot is between `top` and `bottom`, the whole chart `height` high. `bars` are (left, top, right) of each.
    """

    curve: tuple[tuple[tuple[float, float], ...], ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    marks: tuple[PlacedMark, ...]
    limit_y: float | None
    bars: tuple[tuple[float, float, float], ...] = ()
    top: float
    bottom: float
    height: float


def lay_out(chart: Chart) -> Layout:
    """Return where everything stands; a chart needs at least one point, and one that is no number is a hole."""
    times = [at for at, _ in chart.points]
    start, end = min(times), max(times)
    ticks = nice_ticks(*_range(chart))
    low, high = ticks[0], ticks[-1]
    top = HEAD + ROW * len(chart.marks)
    bottom = top + PLOT

    def x(at: float) -> float:
        share = (min(max(at, start), end) - start) / ((end - start) or 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(bottom - (value - low) / (high - low) * PLOT, 1)

    return Layout(
        curve=() if chart.bars else tuple(tuple((x(at), y(v)) for at, v in piece) for piece in _pieces(chart.points)),
        bars=tuple((x(at), y(v), x(until) - 1) for (at, v), (until, _) in _steps(chart) if v),
        x_ticks=tuple((x(at), clock(at, start, end)) for at in time_ticks(start, end)),
        y_ticks=tuple((y(tick), label(tick, chart.unit)) for tick in ticks),
        marks=_place(chart.marks, x),
        limit_y=y(chart.limit) if chart.limit is not None else None,
        top=top,
        bottom=bottom,
        height=bottom + BOTTOM,
    )


def nice_ticks(low: float, high: float) -> list[float]:
    """Return three to six round numbers that enclose the range."""
    span = (high - low) or 1.0
    raw = span / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw)
    first = math.floor(low / step)
    last = math.ceil((low + span) / step)
    return [round(number * step, 12) for number in range(first, last + 1)]


def label(value: float, unit: str) -> str:
    """Return the text of a tick."""
    if unit == "ratio":
        return f"{value * 100:g} %"
    if unit == "s" and abs(value) < 1:
        return f"{value * 1000:g} ms"
    shown = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
    return f"{shown} {unit}".rstrip()


def time_ticks(start: float, end: float) -> list[float]:
    """Return at most eight round times within the range; in epoch seconds, as are `start` and `end`."""
    days = math.ceil((end - start) / 7 / DAY_S)
    step = next((step for step in STEPS_S if (end - start) / step <= 7), days * DAY_S)
    first = math.ceil(start / step)
    return [number * step for number in range(first, math.floor(end / step) + 1)]


def clock(at: float, start: float, end: float) -> str:
    """Return the text of a tick: with seconds in a range of minutes, with the day in a range of days."""
    span = end - start
    shown = "%H:%M:%S" if span <= 300 else "%H:%M" if span <= 86_400 else "%d %b %H:%M"
    return datetime.fromtimestamp(at, UTC).strftime(shown)


def _steps(chart: Chart) -> Iterable[tuple[tuple[float, float], tuple[float, float]]]:
    """Each point with the next one; the last counts nothing, it is where the one before it ends."""
    return pairwise(chart.points) if chart.bars else ()


def _range(chart: Chart) -> tuple[float, float]:
    """The values to show: always zero, the limit, and every point that is a number."""
    values = [value for _, value in chart.points if math.isfinite(value)]
    values += [0.0] + ([chart.limit] if chart.limit is not None else [])
    return min(values), max(values)


def _pieces(points: tuple[tuple[float, float], ...]) -> list[list[tuple[float, float]]]:
    pieces: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            pieces[-1].append(point)
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _place(marks: tuple[Mark, ...], x: Callable[[float], float]) -> tuple[PlacedMark, ...]:
    """Each label has a row of its own, on the side of its line on which most of the chart is empty.

    Labels to the right of their lines stand in the order of time, those to the left in reverse: so a line, which
    begins at its label, runs below the labels of its neighbours and not through them.
    """
    ordered = sorted(marks, key=lambda one: one.at)
    leftwards = bool(marks) and sum(x(mark.at) for mark in marks) / len(marks) > (LEFT + WIDTH - RIGHT) / 2
    ends = [mark for mark in ordered if _stands_left(x(mark.at), width_of(mark.label), leftwards)]
    starts = [mark for mark in ordered if mark not in ends]
    left: list[tuple[Mark, Literal["start", "end"]]] = [(mark, "end") for mark in reversed(ends)]
    right: list[tuple[Mark, Literal["start", "end"]]] = [(mark, "start") for mark in starts]
    return tuple(
        PlacedMark(mark=mark, x=x(mark.at), y=HEAD + ROW * row + 8, text=shortened(mark.label), anchor=anchor)
        for row, (mark, anchor) in enumerate(left + right if leftwards else right + left)
    )


def _stands_left(at: float, width: float, leftwards: bool) -> bool:
    return at - width > 0 if leftwards else at + width > WIDTH


def width_of(text: str) -> float:
    """Return about how wide a small label is, in pixels, with the room around it."""
    return len(text) * 5.8 + 10


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return a label that fits."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
