"""Shares such as an accuracy: whether one fell, with the interval of the difference.

Intervals: Newcombe, Statistics in Medicine 17 (1998), methods 3 and 10 of https://doi.org/fxrcvs.
"""

import math
from typing import NamedTuple

import numpy as np

from incident_copilot.analysis.monitoring import tails
from incident_copilot.analysis.monitoring.tails import Floats

_EXACT_BELOW = 5
"""Fewer successes or failures than that are expected: the normal distribution does not fit."""


class Share(NamedTuple):
    """Successes of `n` cases."""

    successes: int
    n: int

    @property
    def rate(self) -> float:
        """Between 0 and 1."""
        return self.successes / self.n


class Interval(NamedTuple):
    """What the truth lies between."""

    low: float
    high: float


def z_of_drop(before: Floats, before_n: float, now: Floats, now_n: Floats | float) -> Floats:
    """Return by how many standard errors a rate fell, with both pooled; told are successes and cases."""
    rate = (before + now) / (before_n + now_n)
    error = np.sqrt(rate * (1 - rate) * (1 / before_n + 1 / np.asarray(now_n)))
    fall = before / before_n - now / now_n
    return np.asarray(np.divide(fall, error, out=np.zeros_like(error), where=error > 0), dtype=float)


def drop_p(before: Share, now: Share) -> float:
    """Return how probable a fall like this is where nothing changed, one-sided; exact where few cases failed."""
    rate = (before.successes + now.successes) / (before.n + now.n)
    if now.n * min(rate, 1 - rate) < _EXACT_BELOW:
        return tails.binomial(now.n - now.successes, now.n, _upper_rate(Share(before.n - before.successes, before.n)))
    return float(tails.above(z_of_drop(np.array(before.successes), before.n, np.array(now.successes), now.n)))


def rise_p(before: Share, now: Share) -> float:
    """Return how probable a rise like this is where nothing changed, one-sided."""
    return drop_p(Share(before.n - before.successes, before.n), Share(now.n - now.successes, now.n))


def wilson(share: Share, level: float = 0.95) -> Interval:
    """Return Wilson's interval of a rate; for no case it is all there is."""
    if not share.n:
        return Interval(0.0, 1.0)
    z = tails.quantile((1 + level) / 2)
    middle = share.rate + z**2 / (2 * share.n)
    half = z * math.sqrt(share.rate * (1 - share.rate) / share.n + z**2 / (4 * share.n**2))
    scale = 1 + z**2 / share.n
    return Interval(max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale))


def difference(first: Share, second: Share, level: float = 0.95) -> Interval:
    """Return Newcombe's hybrid interval of the first rate less the second."""
    one, two = wilson(first, level), wilson(second, level)
    gap = first.rate - second.rate
    down = math.hypot(first.rate - one.low, two.high - second.rate)
    up = math.hypot(one.high - first.rate, second.rate - two.low)
    return Interval(gap - down, gap + up)


def gap_p(first: Share, second: Share, allowed: float) -> float:
    """Return how probable it is to see the first rate so far over the second where they differ by `allowed`."""
    error = math.sqrt(sum(max(one.rate * (1 - one.rate), 1 / one.n) / one.n for one in (first, second)))
    return float(tails.above((first.rate - second.rate - allowed) / error))


def worse_pairs_p(only_before: int, only_now: int) -> float:
    """Return McNemar's exact one-sided p for cases that were right only before, or only now."""
    return tails.binomial(only_before, only_before + only_now, 0.5)


def cases_needed(rate: float, drop: float, *, before_n: int, level: float = 0.01, power: float = 0.9) -> int | None:
    """Return how many cases a window needs for a drop to be seen with this power; None where the baseline is too short.

    Fleiss' formula for groups of unequal size, without continuity.
    """
    lower = max(0.0, rate - drop)
    spread = tails.quantile(1 - level) * math.sqrt(rate * (1 - rate)) + tails.quantile(power) * math.sqrt(
        lower * (1 - lower)
    )
    left = (drop / spread) ** 2 - 1 / before_n if spread and before_n else 0.0
    return math.ceil(1 / left) if left > 0 else None


def _upper_rate(failures: Share) -> float:
    """Return the rate of failures that the baseline may well have, as it is known no better: one error above."""
    return wilson(failures, 0.68).high
