"""Many tests at once: p-values corrected so that the level holds for all of them together."""

from collections.abc import Sequence

import numpy as np

from incident_copilot.analysis.monitoring.tails import Floats


def holm(p: Sequence[float]) -> Floats:
    """Return p-values by which the chance of any false alarm is held (Holm 1979)."""
    values, order, count = _sorted(p)
    raised = np.maximum.accumulate(values * (count - np.arange(count)))
    return _restored(raised, order)


def benjamini_hochberg(p: Sequence[float]) -> Floats:
    """Return p-values by which the share of false alarms among all is held (Benjamini and Hochberg 1995)."""
    values, order, count = _sorted(p)
    lowered = np.minimum.accumulate((values * count / np.arange(1, count + 1))[::-1])[::-1]
    return _restored(lowered, order)


def _sorted(p: Sequence[float]) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.intp]], int]:
    given = np.asarray(p, dtype=float)
    order = np.argsort(given, kind="stable")
    return given[order], order, len(given)


def _restored(values: Floats, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    back = np.empty(len(values))
    back[order] = np.minimum(values, 1.0)
    return back
