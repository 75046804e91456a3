"""Finds when a series left its normal level, however late the alert came."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FEWEST_POINTS = 6
_LEFT_NORMAL = 3.0  # standard deviations of a point from the level before
_SHIFTED = 2.5  # standard deviations between the two levels
_ROUNDING = 1e-9
_POINTS_AFTER_ALERT = 5  # a few more points steady the level after; more would let the recovery in


@dataclass(frozen=True)
class Onset:
    """When a series changed level: epoch seconds, the median levels around it, and how sure that is (0 to 1)."""

    at: float
    before: float
    after: float
    score: float
    confidence: float
    direction: Literal["up", "down"]


def find_onset(times: Floats, values: Floats, *, alert_at: float) -> Onset | None:
    """Return the onset of the change that an alert at `alert_at` is about, or None when nothing changed.

    `times` are epoch seconds and `values` of the same length, in any order; NaN and gaps are left out.
    For a ramp the onset is where the rise begins. A single spike is not a change.
    """
    times, values = _usable(np.asarray(times, float), np.asarray(values, float), alert_at)
    if len(values) < _FEWEST_POINTS:
        return None
    smooth = without_spikes(values)
    noise = noise_of(values)
    if noise == 0:
        return None
    split, score = change_point(smooth, noise, last=int(np.searchsorted(times, alert_at, "right")))
    # Short series estimate their own noise badly, so they must show more.
    if score < 4 * (1 + 6 / len(values)):
        return None
    first, spread = _leaving_normal(smooth, values, split, noise)
    before, after = float(np.median(values[:first])), float(np.median(values[first:]))
    if abs(after - before) < _SHIFTED * spread:
        return None
    begin = _beginning_of_rise(smooth, first, before)
    return Onset(
        at=float(times[begin]),
        before=before,
        after=after,
        score=score,
        confidence=_confidence(times, np.abs(smooth - before) > _LEFT_NORMAL * spread, begin, score),
        direction="up" if after > before else "down",
    )


def change_point(values: Floats, noise: float, *, last: int | None = None) -> tuple[int, float]:
    """Return (index of the first point after, score) of the likeliest level shift; a score over 4 is one.

    `last` is the highest index that may be returned; three points before and two after are always kept.
    """
    n = len(values)
    k = np.arange(1, n)
    total = np.cumsum(values - np.median(values))
    gap = np.abs(total[:-1] / k - (total[-1] - total[:-1]) / (n - k))
    score = np.sqrt(k * (n - k) / n) * gap / noise
    stop = n - 2 if last is None else max(3, min(n - 2, last))
    best = int(score[2:stop].argmax()) + 2
    return best + 1, float(score[best])


def _usable(times: Floats, values: Floats, alert_at: float) -> tuple[Floats, Floats]:
    """Return the finite points in order of time, up to a little after the alert."""
    keep = np.isfinite(times) & np.isfinite(values)
    times, values = times[keep], values[keep]
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    end = int(np.searchsorted(times, alert_at, "right")) + _POINTS_AFTER_ALERT
    return times[:end], values[:end]


def without_spikes(values: Floats) -> Floats:
    """Return the running median of three, which removes single spikes and keeps edges where they are."""
    padded = np.concatenate((values[:1], values, values[-1:]))
    return np.median(np.stack((padded[:-2], padded[1:-1], padded[2:])), axis=0)


def noise_of(values: Floats) -> float:
    """Return the standard deviation as first differences show it, which a level shift does not inflate."""
    steps = np.abs(np.diff(values))
    typical, mean = float(np.median(steps)), float(steps.mean())
    # A typical step of next to nothing is rounding, and dividing by it would overflow.
    return typical / 0.954 if typical > _ROUNDING * mean else mean / 1.128


def _leaving_normal(smooth: Floats, values: Floats, split: int, noise: float) -> tuple[int, float]:
    """Return the first point outside the normal band around the split, and the normal standard deviation.

    The likeliest split of a ramp lies in its middle; each round measures the band on what is left before it.
    """
    first = split
    while True:
        before = values[:first]
        centre = float(np.median(before))
        spread = max(1.4826 * float(np.median(np.abs(before - centre))), noise_of(before) or noise / 10)
        inside = np.flatnonzero(np.abs(smooth[:first] - centre) <= _LEFT_NORMAL * spread)
        start = max(3, int(inside.max(initial=2)) + 1)
        if start == first:
            return first, spread
        first = start


def _beginning_of_rise(smooth: Floats, first: int, before: float) -> int:
    """Return the index where a ramp begins; `first` itself when the level jumped at once."""
    height = float(np.median(smooth[first:][-5:])) - before
    sign = np.sign(height)
    if sign * (smooth[first] - before) >= abs(height) / 2:
        return first
    risen = np.flatnonzero(sign * (smooth[first:] - before) >= 0.8 * abs(height))
    rise = np.arange(first, min(len(smooth), first + max(3, int(risen[0]))))
    slope, level = np.polyfit(rise, smooth[rise], 1)
    if sign * slope <= 0:
        return first
    # A nearly flat fit would meet the level before it anywhere; the rise began no further back than it has lasted.
    return min(first, max(1, first - len(rise), int(np.ceil((before - level) / slope))))


def _confidence(times: Floats, outside: NDArray[np.bool_], begin: int, score: float) -> float:
    """Return 0 to 1: how clear the shift is, how lasting, and how well its moment is covered by points."""
    lasting = float(np.mean(outside[begin:]))
    few = 0.7 if len(times) - begin < 3 or begin < 5 else 1.0
    gap = 0.7 if times[begin] - times[begin - 1] > 3 * float(np.median(np.diff(times))) else 1.0
    return round(score / (score + 6) * lasting * few * gap, 3)
