"""One level for a window that is looked at again and again.

A test that is looked at every minute until it says something says something in the end. Here each look gives the
evidence against "nothing changed" as a betting score: a mixture of likelihood ratios, one-sided, with a half-normal
weight on the size of the change (Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021,
https://doi.org/10.1214/20-AOS1991). Its inverse is a p-value that holds however often one looks and whenever one stops.
Half of the level goes to these looks, the other half to one look when the window is full: that one sees most.

The difference of a window from a fixed baseline, times its information (one over its variance), is a Brownian motion in
the information, baseline's error included; so the looks need no plan. Bets are opened again in the course of a window,
so that a change in its middle is not hidden by what was well before; their mean is a bet as well.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from incident_copilot.analysis.monitoring import tails
from incident_copilot.analysis.monitoring.tails import Floats

_Stretch = tuple[Floats, Floats]
"""How far down a stretch of a window is after each part, in standard errors, and with how much information."""
RESTARTS = 4
"""Bets are opened at the beginning of each quarter of a window."""
LIKELY_Z = 3.0
"""The change that is bet on most: as many standard errors of the whole window."""
_TINY = 1e-12


def share_drop_p(successes: Floats, counts: Floats, *, before: ArrayLike, before_n: float, whole_n: float) -> Floats:
    """Return the p-value of a share that fell at any time of a window, one-sided.

    `successes` of `counts` are those of each part of the window, in the order of time (the last axis); `before` of
    `before_n` those of the baseline. `whole_n` is how many cases a full window has. The p-value holds over all looks at
    the window so far, as long as parts are only added.
    """
    rate = np.asarray(before, dtype=float)[..., None] / before_n

    def stretch(start: int) -> _Stretch:
        n, total = _since(counts, counts, start), _since(successes, counts, start)
        return _deviance_z(total, n, rate, before_n), 1 / (1 / n + 1 / before_n)

    return _p(counts, stretch, whole_n, 1 / before_n)


def mean_drop_p(
    totals: Floats, counts: Floats, *, before: ArrayLike, variance: ArrayLike, before_n: float, whole_n: float
) -> Floats:
    """Return the p-value of a mean that fell, as `share_drop_p`; `totals` are sums, `variance` is that of one case."""
    level, spread = np.asarray(before, dtype=float)[..., None], np.asarray(variance, dtype=float)[..., None]

    def stretch(start: int) -> _Stretch:
        n, total = _since(counts, counts, start), _since(totals, counts, start)
        z = (level - total / n) / np.sqrt(spread * (1 / n + 1 / before_n))
        return np.asarray(z, dtype=float), 1 / (1 / n + 1 / before_n)

    return _p(counts, stretch, whole_n, 1 / before_n)


class Usual(NamedTuple):
    """What each part of a window usually is at its hour, and of how many cases of the baseline that is known.

    `twice` says how many cases of the window share that hour of the baseline, and so its error.
    """

    level: Floats
    n: Floats
    twice: Floats

    def error(self, counts: Floats) -> Floats:
        """Return what each part adds to the squared cases of the window over those of the baseline."""
        return np.asarray(counts * self.twice / self.n, dtype=float)


def seasonal_drop_p(
    totals: Floats, counts: Floats, usual: Usual, *, whole_n: float, variance: float | None = None
) -> Floats:
    """Return the p-value of a fall below what is usual at the hour of each part, as `share_drop_p`.

    Of a share, or with the `variance` of one case of a mean. What is usual for a stretch is that of its hours, each as
    often as it has cases; its error is the smaller, the more former weeks tell of these hours.
    """
    error = usual.error(counts)

    def stretch(start: int) -> _Stretch:
        n, total = _since(counts, counts, start), _since(totals, counts, start)
        level = _since(usual.level * counts, counts, start) / n
        before_n = n**2 / np.maximum(_since(error, counts, start), _TINY)
        if variance is None:
            return _deviance_z(total, n, level, before_n), 1 / (1 / n + 1 / before_n)
        z = (level - total / n) / np.sqrt(variance * (1 / n + 1 / before_n))
        return np.asarray(z, dtype=float), 1 / (1 / n + 1 / before_n)

    return _p(counts, stretch, whole_n, float(error.sum() / counts.sum() ** 2))


def evidence(z: Floats | float, information: Floats | float, whole: float) -> Floats:
    """Return how many times likelier a fall of `z` standard errors is under "it fell" than under "nothing changed".

    `whole` is the information that a full window will have.
    """
    weight = whole / LIKELY_Z**2
    spread = information + weight
    score = z * np.sqrt(information / spread)
    exponent = np.minimum(score**2 / 2, 600.0)
    return np.asarray(np.sqrt(weight / spread) * np.exp(exponent) * 2 * tails.above(-score), dtype=float)


def _p(counts: Floats, stretch: Callable[[int], _Stretch], whole_n: float, before_error: float) -> Floats:
    """Return twice the smaller of the two p-values: that of the bets, and that of the look at the full window."""
    whole = 1 / (1 / whole_n + before_error)
    starts = _starts(counts, whole_n)
    stretches = [stretch(start) for start in starts]
    worths = [_worth(counts, start, one, whole) for start, one in zip(starts, stretches, strict=True)]
    worth = (np.sum(worths, axis=0) + RESTARTS - len(starts)) / RESTARTS
    smallest = np.asarray(1 / worth.max(axis=-1), dtype=float)
    seen = np.cumsum(counts)
    if seen[-1] >= whole_n:
        full = int(np.argmax(seen >= whole_n))
        smallest = np.minimum(smallest, tails.above(stretches[0][0][..., full]))
    return np.asarray(np.minimum(1.0, 2 * smallest), dtype=float)


def _worth(counts: Floats, start: int, stretch: _Stretch, whole: float) -> Floats:
    """Return a bet's worth after each part; until it is opened, and has seen a case, it is 1."""
    has_cases = np.cumsum(np.where(np.arange(len(counts)) >= start, counts, 0.0)) > 0
    return np.asarray(np.where(has_cases, evidence(*stretch, whole), 1.0), dtype=float)


def _since(values: Floats, counts: Floats, start: int) -> Floats:
    """Return the sums from a part on; of cases one at the least, as there is no level of none."""
    sums = np.cumsum(np.where(np.arange(len(counts)) >= start, values, 0.0), axis=-1)
    return np.asarray(np.maximum(sums, 1.0) if values is counts else sums, dtype=float)


def _starts(counts: Floats, whole_n: float) -> list[int]:
    """Return the parts at which a quarter of a window begins; the first always is one."""
    before = np.concatenate([[0.0], np.cumsum(counts)[:-1]])
    quarters = np.minimum(before * RESTARTS // whole_n, RESTARTS - 1)
    return [int(np.argmax(quarters >= quarter)) for quarter in np.unique(quarters)]


def _deviance_z(successes: Floats, n: Floats, rate: Floats, before_n: Floats | float) -> Floats:
    """Return the signed root of the deviance: unlike a difference in standard errors it is right for rare failures."""
    pooled = np.asarray((rate * before_n + successes) / (before_n + n), dtype=float)
    now = np.asarray(successes / n, dtype=float)
    deviance = n * _divergence(now, pooled) + before_n * _divergence(rate, pooled)
    return np.asarray(np.sign(rate - now) * np.sqrt(2 * np.maximum(deviance, 0.0)), dtype=float)


def _divergence(p: Floats, q: Floats) -> Floats:
    """Return Kullback and Leibler's divergence of two coins."""
    tiny = 1e-300
    heads = p * np.log(np.maximum(p, tiny) / np.maximum(q, tiny))
    return np.asarray(heads + (1 - p) * np.log(np.maximum(1 - p, tiny) / np.maximum(1 - q, tiny)), dtype=float)
