"""Means of scores: whether one fell, from sums alone or by drawing from the scores themselves."""

import math
from typing import NamedTuple

import numpy as np

from incident_copilot.analysis.monitoring import tails
from incident_copilot.analysis.monitoring.shares import Interval
from incident_copilot.analysis.monitoring.tails import Floats

DRAWS = 2000
_SEED = 20_260_101
_AT_ONCE = 200_000
"""Values drawn at once: what fits the processor's cache."""


class Mean(NamedTuple):
    """A mean of `n` cases, with their sample variance."""

    value: float
    n: int
    variance: float


def drop_p(before: Mean, now: Mean) -> float:
    """Return how probable a fall like this is where nothing changed, one-sided; for 30 cases or more of each."""
    error = _error(before, now)
    return float(tails.above((before.value - now.value) / error)) if error else float(now.value >= before.value)


def difference(now: Mean, before: Mean, level: float = 0.95) -> Interval:
    """Return the interval of the first mean less the second."""
    half = tails.quantile((1 + level) / 2) * _error(before, now)
    gap = now.value - before.value
    return Interval(gap - half, gap + half)


def drawn_difference(now: Floats, before: Floats, *, level: float = 0.95, paired: bool = False) -> Interval:
    """Return the bootstrap interval (percentiles) of the first mean less the second.

    `paired`: both scored the same cases, in one order. The draws are the same each time, so that nothing flickers.
    """
    random = np.random.default_rng(_SEED)
    gaps = _means(now - before, random) if paired else _means(now, random) - _means(before, random)
    low, high = np.quantile(gaps, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def drawn_drop_p(now: Floats, before: Floats) -> float:
    """Return the bootstrap's one-sided p for a fall of the same cases' mean, in one order: mirrored at no change."""
    gaps = now - before
    random = np.random.default_rng(_SEED)
    drawn = _means(gaps - gaps.mean(), random)
    return float((1 + (drawn <= gaps.mean()).sum()) / (1 + len(drawn)))


def _error(before: Mean, now: Mean) -> float:
    return math.sqrt(before.variance / before.n + now.variance / now.n)


def _means(values: Floats, random: np.random.Generator) -> Floats:
    """Return the means of `DRAWS` draws of as many values, with returning."""
    rows = max(1, _AT_ONCE // len(values))
    parts = [
        values[random.integers(0, len(values), (min(rows, DRAWS - first), len(values)))].mean(axis=1)
        for first in range(0, DRAWS, rows)
    ]
    return np.concatenate(parts)
