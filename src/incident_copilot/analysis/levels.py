"""Finds every change of level of a series, where `onset` finds the one that an alert is about."""

from typing import NamedTuple

import numpy as np

from incident_copilot.analysis.onset import change_point, noise_of, without_spikes
from incident_copilot.analysis.ranking import Floats, Series

MOST = 6
_FEWEST = 6
_FAR = 2.5  # standard deviations between two levels


class Shift(NamedTuple):
    """One change: epoch seconds of the first point after it, the median levels around it, and how clear it is."""

    at: float
    before: float
    after: float
    score: float


def shifts(series: Series) -> list[Shift]:
    """Return the changes of level, oldest first; of many the clearest. Single spikes are none.

    Each stretch is cut at its likeliest change as long as there is one (binary segmentation).
    """
    finite = np.isfinite(series.times) & np.isfinite(series.values)
    order = np.argsort(series.times[finite], kind="stable")
    times, values = series.times[finite][order], series.values[finite][order]
    if len(values) < _FEWEST:
        return []
    smooth, noise = without_spikes(values), noise_of(values)
    cuts = _cuts(smooth, noise, 0, len(smooth)) if noise else {}
    ends = [0, *sorted(cuts), len(values)]
    found = []
    for begin, cut, end in zip(ends, ends[1:], ends[2:], strict=False):
        before, after = float(np.median(values[begin:cut])), float(np.median(values[cut:end]))
        if abs(after - before) >= _FAR * noise:
            found.append(Shift(float(times[cut]), before, after, cuts[cut]))
    clearest = sorted(found, key=lambda one: -one.score)[:MOST]
    return sorted(clearest)


def _cuts(smooth: Floats, noise: float, begin: int, end: int) -> dict[int, float]:
    """Return where a stretch is cut, with the score of each cut; short stretches must show more."""
    if end - begin < _FEWEST:
        return {}
    split, score = change_point(smooth[begin:end], noise)
    if score < 4 * (1 + 6 / (end - begin)):
        return {}
    cut = begin + split
    return {cut: score, **_cuts(smooth, noise, begin, cut), **_cuts(smooth, noise, cut, end)}
