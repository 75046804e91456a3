"""Ranks series by how far each left its own normal range when the trouble began."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from incident_copilot.analysis.signals import measures_success
from incident_copilot.analysis.words import number

Floats = NDArray[np.float64]

ODD = 3.0  # spreads from normal at which a series counts as evidence
_FEWEST_NORMAL_POINTS = 3
_ENOUGH_NORMAL_POINTS = 12  # fewer say less about what is normal than the healthy part does
_MAYBE_ABNORMAL = 10  # one in ten of the points before the onset, the last ones: onsets are found late
_RESTLESS = 3.0
_SMALLEST = 0.01  # of a series' size: what moves by less matters to nobody, however still the series is
_SMALLEST_OF_STILL = 0.1  # the same for one that never moved, which says nothing of its noise
_MOSTLY = 95
_TOP = 100.0  # beyond this, how much odder no longer says anything


@dataclass(frozen=True, eq=False)
class Series:
    """One metric: epoch seconds and values of the same length; NaN is a gap. `unit` is s, ms, B, ratio, % or a word."""

    times: Floats
    values: Floats
    service: str = ""
    unit: str = ""


@dataclass(frozen=True)
class RankedSeries:
    """How far a series left normal: robust score after subtraction, medians around the onset, and why in words.

    `standing` is the oddity of the healthy part, already taken off `score`. `pinned` says that the series
    ran into a ceiling: after the onset it sits at its highest value. `shift` is how far three quarters of its values
    stay from normal, in the series' own unit and with its sign.
    """

    name: str
    service: str
    score: float
    standing: float
    before: float
    after: float
    direction: Literal["up", "down", "flat"]
    pinned: bool
    reason: str
    unit: str = ""
    shift: float = 0.0


def rank_series(
    series: Mapping[str, Series], *, onset: float, healthy: Mapping[str, Series] | None = None
) -> list[RankedSeries]:
    """Return the series that can be judged, oddest first; `onset` is in epoch seconds and may be a little late.

    What is as odd in the healthy part does not count: in `healthy` (another day, another cohort) where it holds
    the name, else in the normal window itself. A healthy series with the times of the judged one (the same hours of
    another day, moved) is held against it hour by hour. Where there is little of a series before the onset, `healthy`
    says what is normal, and what was odd before the onset already does not count.
    """
    ranked = [
        judged
        for name, one in series.items()
        if (judged := _judge(name, one, onset, healthy.get(name) if healthy else None)) is not None
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.name))


def _judge(name: str, series: Series, onset: float, healthy: Series | None) -> RankedSeries | None:
    """Return the judgement on one series; None when either side of the onset holds too few points."""
    before, abnormal = _around(series, onset)
    normal, quiet = _references(before, _as_usual(healthy, onset, series) if healthy else None)
    if len(normal) < _FEWEST_NORMAL_POINTS or len(abnormal) == 0:
        return None
    centre, spread = normal_range(normal, abnormal, is_success=measures_success(name))
    standing = _usual_oddity(normal, len(abnormal), centre, spread)
    if quiet is not normal and len(quiet):
        standing = max(standing, _oddity(quiet, centre, spread, 75 if normal is before else 25))
    after = float(np.median(abnormal))
    score = round(max(0.0, _oddity(abnormal, centre, spread) - standing), 3)
    shift = float(np.percentile(np.abs(abnormal - centre), 75)) * (1 if after >= centre else -1)
    direction: Literal["up", "down", "flat"] = "flat" if score < 1 or shift == 0 else "up" if shift > 0 else "down"
    return RankedSeries(
        name=name,
        service=series.service,
        score=score,
        standing=round(standing, 3),
        before=centre,
        after=after,
        direction=direction,
        pinned=direction == "up" and _is_pinned(normal, abnormal),
        reason=_reason(name, number(centre, series.unit), number(after, series.unit), direction, standing),
        unit=series.unit,
        shift=shift,
    )


def _around(series: Series, onset: float) -> tuple[Floats, Floats]:
    """Return the values before and since the onset; those just before it, which may be abnormal, are in neither."""
    times, values = np.asarray(series.times, float), np.asarray(series.values, float)
    finite = np.isfinite(times) & np.isfinite(values)
    times, values = times[finite], values[finite]
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    split = int(np.searchsorted(times, onset, "left"))
    return values[: max(0, split - 1 - split // _MAYBE_ABNORMAL)], values[split:]


def _as_usual(healthy: Series, onset: float, series: Series) -> Floats:
    """Return the healthy values; those of the same hours alone where the healthy part is laid over the series."""
    times, values = np.asarray(healthy.times, float), np.asarray(healthy.values, float)
    finite = np.isfinite(values)
    same = finite & (times >= onset) & (times <= np.max(series.times, initial=onset))
    kept: Floats = values[same if same.any() else finite]
    return kept


def _references(before: Floats, healthy: Floats | None) -> tuple[Floats, Floats]:
    """Return the values that say what is normal, and those whose oddity against them does not count."""
    if healthy is None:
        return before, before
    if len(before) < _ENOUGH_NORMAL_POINTS and len(healthy) > len(before):
        return healthy, before
    return before, healthy


def normal_range(normal: Floats, abnormal: Floats, *, is_success: bool = False) -> tuple[float, float]:
    """Return median and spread of normal, at least a share of the series' size; late detection moves neither much.

    The size of a share of successes is what it lacks: from 99.9 to 99 % is ten times the failures.
    """
    centre = float(np.median(normal))
    lowest, low, high, highest = np.percentile(normal, (5, 25, 75, 95))
    # Both are the interquartile range where the noise is normal; the wider one shows that it is restless.
    spread = max(high - low, (highest - lowest) / 2.44)
    size = max(abs(centre), float(np.abs(abnormal).max()))
    if is_success:
        whole = 100.0 if size > 1 else 1.0
        size = max(whole - centre, float(np.max(whole - abnormal)))
    return centre, max(float(spread), size * (_SMALLEST if spread else _SMALLEST_OF_STILL)) or 1.0


def _oddity(values: Floats, centre: float, spread: float, share: int = 75) -> float:
    """Return the distance from normal, in spreads, that a share of the values, in percent, stays within."""
    return min(_TOP, float(np.percentile(np.abs(values - centre), share)) / spread)


def _usual_oddity(normal: Floats, length: int, centre: float, spread: float) -> float:
    """Return the oddity that all but a few stretches of the normal part, as long as what is judged, stay within."""
    windows = sliding_window_view(np.abs(normal - centre), min(length, max(1, len(normal) // 4)))
    every = max(1, len(windows) // 100)
    inside = np.percentile(windows[::every], 75, axis=1)
    return min(_TOP, float(np.percentile(inside, _MOSTLY)) / spread)


def _is_pinned(normal: Floats, abnormal: Floats) -> bool:
    """Whether most values since the onset equal the highest, which was not reached before."""
    top = float(abnormal.max())
    at_top = np.mean(abnormal >= top - 0.01 * abs(top))
    return len(abnormal) >= 3 and bool(at_top >= 0.6) and float(normal.max()) < top - 0.01 * abs(top)


def _reason(name: str, before: str, after: str, direction: str, standing: float) -> str:
    if direction == "flat":
        return f"{name} stayed within what is normal for it ({after})"
    verb = "rose" if direction == "up" else "fell"
    usual = " (it moves a lot at other times too)" if standing >= _RESTLESS else ""
    return f"{name} {verb} from {before} to {after}{usual}"
