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

import numpy as np
from numpy.typing import ArrayLike

from incident_copilot.analysis.monitoring import tails
from incident_copilot.analysis.monitoring.tails import Floats

_Z = Callable[[Floats, Floats], Floats]
"""How far down a stretch is, in standard errors, of its sum and its number of cases."""
RESTARTS = 4
"""Bets are opened at the beginning of each quarter of a window."""
LIKELY_Z = 3.0
"""The change that is bet on most: as many standard errors of the whole window."""


def share_drop_p(successes: Floats, counts: Floats, *, before: ArrayLike, before_n: float, whole_n: float) -> Floats:
    """Return the p-value of a share that fell at any time of a window, one-sided.

    `successes` of `counts` are those of each part of the window, in the order of time (the last axis); `before` of
    `before_n` those of the baseline. `whole_n` is how many cases a full window has. The p-value holds over all looks at
    the window so far, as long as parts are only added.
    """
    rate = np.asarray(before, dtype=float)[..., None] / before_n

    def z(total: Floats, n: Floats) -> Floats:
        return _deviance_z(total, n, rate, before_n)

    return _p(successes, counts, z, 1 / before_n, whole_n)


def mean_drop_p(
    totals: Floats, counts: Floats, *, before: ArrayLike, variance: ArrayLike, before_n: float, whole_n: float
) -> Floats:
    """Return the p-value of a mean that fell, as `share_drop_p`; `totals` are sums, `variance` is that of one case."""
    level, spread = np.asarray(before, dtype=float)[..., None], np.asarray(variance, dtype=float)[..., None]

    def z(total: Floats, n: Floats) -> Floats:
        return np.asarray((level - total / n) / np.sqrt(spread * (1 / n + 1 / before_n)), dtype=float)

    return _p(totals, counts, z, 1 / before_n, whole_n)


def evidence(z: Floats | float, information: Floats | float, whole: float) -> Floats:
    """Return how many times likelier a fall of `z` standard errors is under "it fell" than under "nothing changed".

    `whole` is the information that a full window will have.
    """
    weight = whole / LIKELY_Z**2
    spread = information + weight
    score = z * np.sqrt(information / spread)
    exponent = np.minimum(score**2 / 2, 600.0)
    return np.asarray(np.sqrt(weight / spread) * np.exp(exponent) * 2 * tails.above(-score), dtype=float)


def _p(totals: Floats, counts: Floats, z: _Z, before_error: float, whole_n: float) -> Floats:
    """Return twice the smaller of the two p-values: that of the bets, and that of the look at the full window."""
    whole = 1 / (1 / whole_n + before_error)
    starts = _starts(counts, whole_n)
    bets = sum((_bet(totals, counts, start, z, before_error, whole) for start in starts), np.zeros(totals.shape))
    worth = (bets + RESTARTS - len(starts)) / RESTARTS
    smallest = np.asarray(1 / worth.max(axis=-1), dtype=float)
    seen = np.cumsum(counts)
    if seen[-1] >= whole_n:
        full = int(np.argmax(seen >= whole_n)) + 1
        when_full = z(totals[..., :full].sum(axis=-1, keepdims=True), seen[full - 1 : full])[..., 0]
        smallest = np.minimum(smallest, tails.above(when_full))
    return np.asarray(np.minimum(1.0, 2 * smallest), dtype=float)


def _bet(totals: Floats, counts: Floats, start: int, z: _Z, before_error: float, whole: float) -> Floats:
    """Return a bet's worth after each part; until it is opened, and has seen a case, it is 1."""
    is_open = np.arange(len(counts)) >= start
    n = np.cumsum(np.where(is_open, counts, 0.0))
    total = np.cumsum(np.where(is_open, totals, 0.0), axis=-1)
    at_least_one = np.asarray(np.maximum(n, 1.0), dtype=float)
    worth = evidence(z(total, at_least_one), 1 / (1 / at_least_one + before_error), whole)
    return np.asarray(np.where(n > 0, worth, 1.0), dtype=float)


def _starts(counts: Floats, whole_n: float) -> list[int]:
    """Return the parts at which a quarter of a window begins; the first always is one."""
    before = np.concatenate([[0.0], np.cumsum(counts)[:-1]])
    quarters = np.minimum(before * RESTARTS // whole_n, RESTARTS - 1)
    return [int(np.argmax(quarters >= quarter)) for quarter in np.unique(quarters)]


def _deviance_z(successes: Floats, n: Floats, rate: Floats, before_n: float) -> Floats:
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
