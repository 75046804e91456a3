"""Reads a series by itself, whenever the trouble began: did it move, did it come back, is it at its limit."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from incident_copilot.analysis.ranking import Floats, Series
from incident_copilot.analysis.signals import classify_metric, measures_what_is_left, worsens
from incident_copilot.analysis.words import number

_FEWEST = 4
_BEGIN = 5  # one fifth of the points tells what it was
_END = 3  # points tell what it is now: trouble is often younger than a fifth of what is looked at
_MOVED = 0.3  # of what it was
_RETURNED = 0.5  # of what it was, between the ends and the worst point between them
_POINTS = 15.0  # per cent that a share has to move by
_NEARLY_FULL = 0.85

_TROUBLE = ("errors", "latency", "saturation")

Movement = Literal["up", "down", "flat"]


@dataclass(frozen=True)
class Reading:
    """What one series did: its level at either end, the worst between them, and what that means.

    `returned` says that it went away and is back; `full` that a share is nearly used up, or that what is left of
    something falls so fast that it is gone after as long again; `is_usual` that it did the same in its healthy time.
    """

    name: str
    service: str
    unit: str
    first: float
    last: float
    worst: float
    moved: Movement
    returned: bool
    full: bool
    is_usual: bool = False

    @property
    def is_bad(self) -> bool:
        """Whether it ends in trouble: used up, or moved the bad way, where a name tells which way that is."""
        if self.is_usual:
            return False
        if measures_what_is_left(self.name):
            return self.full
        return self.full or (classify_metric(self.name) in _TROUBLE and worsens(self.name, self.moved))

    @property
    def text(self) -> str:
        """What it did, in words."""
        first, last, worst = (number(value, self.unit) for value in (self.first, self.last, self.worst))
        if self.is_usual:
            return f"{self.name} went from {first} to {last}, as it does at this time of the week"
        if self.returned and not self.full:
            return f"{self.name} went from {first} to {worst} and recovered to {last}"
        if self.moved == "flat":
            return f"{self.name} stayed {'near its limit' if self.full else 'within its normal bounds'} ({last})"
        return f"{self.name} {'rose' if self.moved == 'up' else 'fell'} from {first} to {last}"


def read_series(name: str, series: Series, usual: Series | None = None) -> Reading | None:
    """Return the reading, held against the same hours of a healthy time; None where there are too few points."""
    reading = _read(name, series)
    before = _read(name, usual) if usual is not None else None
    if reading is None or before is None or reading.moved == "flat":
        return reading
    apart = abs(reading.last - before.last)
    alike = before.moved == reading.moved and apart <= _MOVED * max(abs(before.last), abs(reading.last - reading.first))
    return replace(reading, is_usual=alike)


def _read(name: str, series: Series) -> Reading | None:
    values = np.asarray(series.values, float)
    values = values[np.isfinite(values)]
    if len(values) < _FEWEST:
        return None
    first, last = float(np.median(values[: max(1, len(values) // _BEGIN)])), float(np.median(values[-_END:]))
    noise = float(np.median(np.abs(np.diff(values))))
    whole = {"ratio": 1.0, "%": 100.0}.get(series.unit)
    moved = _movement(first, last, noise, whole)
    if measures_what_is_left(name):
        worst = float(values.min())
        returned = last >= first * (1 - _MOVED) and _is_far(first - worst, first, noise)
        full = _runs_out(first, last, moved, whole)
    else:
        worst = _worst(values, first, last)
        returned = moved == "flat" and _is_far(_away(worst, first, last), max(abs(first), abs(last)), noise)
        full = whole is not None and classify_metric(name) == "saturation" and last >= _NEARLY_FULL * whole
    return Reading(
        name=name,
        service=series.service,
        unit=series.unit,
        first=first,
        last=last,
        worst=worst,
        moved=moved,
        returned=returned,
        full=full,
    )


def _movement(first: float, last: float, noise: float, whole: float | None) -> Movement:
    by = abs(last - first)
    enough = by > max(3 * noise, _MOVED * abs(first)) or (
        whole is not None and by >= _POINTS * whole / 100 and by > 2 * noise
    )
    if not enough:
        return "flat"
    return "up" if last > first else "down"


def _worst(values: Floats, first: float, last: float) -> float:
    """Return the value that lies farthest outside of both ends."""
    return max((float(values.min()), float(values.max())), key=lambda value: _away(value, first, last))


def _away(value: float, first: float, last: float) -> float:
    return max(min(first, last) - value, value - max(first, last))


def _is_far(away: float, level: float, noise: float) -> bool:
    return away > max(4 * noise, _RETURNED * level)


def _runs_out(first: float, last: float, moved: Movement, whole: float | None) -> bool:
    """Whether of what is left hardly anything is, or none will be after as long again."""
    nearly = whole is not None and last <= (1 - _NEARLY_FULL) * whole
    return nearly or (moved == "down" and last < first - last)
