"""Tails of the distributions that tests need; numpy has none of them."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_erfc: Any = np.frompyfunc(math.erfc, 1, 1)


def above(z: ArrayLike) -> Floats:
    """Return how probable a standard normal value over `z` is."""
    return np.asarray(_erfc(np.asarray(z, dtype=float) / math.sqrt(2)) / 2, dtype=float)


def quantile(level: float) -> float:
    """Return the value that a standard normal one is below with this probability."""
    return NormalDist().inv_cdf(level)


def chi_square(value: float, freedom: int) -> float:
    """Return how probable a chi-square value of at least this is, with whole degrees of freedom.

    The finite sums of Abramowitz and Stegun, 26.4.4 and 26.4.5.
    """
    if value <= 0 or freedom < 1:
        return 1.0
    half = value / 2
    odd = freedom % 2
    tail = math.erfc(math.sqrt(half)) if odd else 0.0
    for step in range(freedom // 2):
        power = step + odd / 2
        tail += math.exp(power * math.log(half) - half - math.lgamma(power + 1))
    return min(1.0, tail)


def kolmogorov(value: float) -> float:
    """Return how probable a scaled distance of two empirical distributions of at least this is."""
    if value < 0.2:  # the series converges slowly there, and its sum is 1 to twelve places
        return 1.0
    terms = (2 * (-1) ** (k - 1) * math.exp(-2 * (k * value) ** 2) for k in range(1, 101))
    return min(1.0, max(0.0, math.fsum(terms)))


def binomial(successes: int, n: int, rate: float) -> float:
    """Return how probable at least so many successes are in `n` cases at a rate; exact."""
    if successes <= 0:
        return 1.0
    if rate <= 0 or successes > n:
        return 0.0
    if rate >= 1:
        return 1.0
    k = np.arange(successes, n + 1)
    steps = np.log((n - k[1:] + 1) / k[1:]) + math.log(rate / (1 - rate))
    first = math.lgamma(n + 1) - math.lgamma(successes + 1) - math.lgamma(n - successes + 1)
    first += successes * math.log(rate) + (n - successes) * math.log1p(-rate)
    return min(1.0, float(np.exp(first + np.concatenate([[0.0], np.cumsum(steps)])).sum()))
