"""Ranks series by how far each left its own normal range when the trouble began."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from incident_copilot.analysis.words import number

Floats = NDArray[np.float64]

_FEWEST_NORMAL_POINTS = 3
_RESTLESS = 3.0
_TOP = 1000.0  # beyond this, how much odder no longer says anything


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
    ran into a ceiling: after the onset it sits at its highest value.
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


def rank_series(
    series: Mapping[str, Series], *, onset: float, healthy: Mapping[str, Series] | None = None
) -> list[RankedSeries]:
    """Return the series that can be judged, oddest first; `onset` is in epoch seconds.

    What is as odd in the healthy part does not count: in `healthy` (another day, another cohort) where it holds
    the name, else in the normal window itself.
    """
    ranked = [
        judged
        for name, one in series.items()
        if (judged := _judge(name, one, onset, healthy.get(name) if healthy else None)) is not None
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.name))


def _judge(name: str, series: Series, onset: float, healthy: Series | None) -> RankedSeries | None:
    """Return the judgement on one series; None when either side of the onset holds too few points."""
    normal, abnormal = _around(series, onset)
    if len(normal) < _FEWEST_NORMAL_POINTS or len(abnormal) == 0:
        return None
    centre, spread = _normal_range(normal, abnormal)
    raw = _oddity(abnormal, centre, spread)
    standing = _oddity(normal, centre, spread) if healthy is None else _oddity_of_healthy(healthy, centre, spread)
    after = float(np.median(abnormal))
    score = round(max(0.0, raw - standing), 3)
    direction: Literal["up", "down", "flat"] = (
        "flat" if score < 1 or after == centre else "up" if after > centre else "down"
    )
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
    )


def _around(series: Series, onset: float) -> tuple[Floats, Floats]:
    """Return the values before and since the onset; the sample just before it is left out of normal."""
    times, values = np.asarray(series.times, float), np.asarray(series.values, float)
    finite = np.isfinite(times) & np.isfinite(values)
    times, values = times[finite], values[finite]
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    split = int(np.searchsorted(times, onset, "left"))
    return values[: max(0, split - 1)], values[split:]


def _normal_range(normal: Floats, abnormal: Floats) -> tuple[float, float]:
    """Return median and spread of normal; a series that never moved gets a spread in proportion to its size."""
    centre = float(np.median(normal))
    low, high = np.percentile(normal, (25, 75))
    largest = max(abs(centre), float(np.abs(abnormal).max()))
    return centre, max(float(high - low), float(normal.std()) / 2, largest / _TOP) or 1.0


def _oddity(values: Floats, centre: float, spread: float) -> float:
    """Return the distance from normal, in spreads, that three quarters of the values stay within."""
    return min(_TOP, float(np.percentile(np.abs(values - centre), 75)) / spread)


def _oddity_of_healthy(healthy: Series, centre: float, spread: float) -> float:
    values = np.asarray(healthy.values, float)
    values = values[np.isfinite(values)]
    return _oddity(values, centre, spread) if len(values) else 0.0


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
