"""How far two distributions are apart: histograms by bucket, or the values themselves.

PSI and Jensen-Shannon have no p-value of their own. Where nothing changed, PSI is about (1/n + 1/m) times a chi-square
value with one degree of freedom less than there are buckets (Yurdakul 2018,
https://scholarworks.wmich.edu/dissertations/3208), and Jensen-Shannon in nats an eighth of that.
"""

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from incident_copilot.analysis.monitoring import tails
from incident_copilot.analysis.monitoring.tails import Floats

MODERATE, LARGE = 0.1, 0.25
"""What a PSI is usually held against; below the first nobody acts."""
_HALF = 0.5  # added to every bucket, so that an empty one is no infinite change
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class Distance(NamedTuple):
    """How far apart, and how probable at least that much is where nothing changed."""

    value: float
    p: float


class Shift(NamedTuple):
    """Two histograms of one thing compared by three measures; `largest` is the bucket that changed most."""

    psi: Distance
    jensen_shannon: Distance
    ks: Distance
    largest: str
    n: int
    before_n: int


def shift(before: Mapping[str, int], now: Mapping[str, int]) -> Shift | None:
    """Return how far two histograms are apart; None where one of them is empty.

    Buckets are in the order of the first number in their names, or of the names, which matters to KS alone.
    """
    names = sorted(before.keys() | now.keys(), key=_place)
    first = np.array([before.get(name, 0) for name in names], dtype=float)
    second = np.array([now.get(name, 0) for name in names], dtype=float)
    if not first.sum() or not second.sum():
        return None
    moved = np.abs(second / second.sum() - first / first.sum())
    return Shift(
        psi=psi(first, second),
        jensen_shannon=jensen_shannon(first, second),
        ks=ks_of_counts(first, second),
        largest=names[int(moved.argmax())],
        n=int(second.sum()),
        before_n=int(first.sum()),
    )


def psi(before: Floats, now: Floats) -> Distance:
    """Return the population stability index of two histograms with the same buckets."""
    p, q = _smoothed(before), _smoothed(now)
    value = float(((q - p) * np.log(q / p)).sum())
    return Distance(value, tails.chi_square(value / _noise(before, now), _freedom(before, now)))


def jensen_shannon(before: Floats, now: Floats) -> Distance:
    """Return the Jensen-Shannon divergence of two histograms with the same buckets, in nats (at most 0.693)."""
    p, q = _smoothed(before), _smoothed(now)
    middle = (p + q) / 2
    value = float(((p * np.log(p / middle)).sum() + (q * np.log(q / middle)).sum()) / 2)
    return Distance(value, tails.chi_square(8 * value / _noise(before, now), _freedom(before, now)))


def ks_of_counts(before: Floats, now: Floats) -> Distance:
    """Return the Kolmogorov-Smirnov distance of two histograms; what is within buckets is not seen."""
    apart = np.abs(np.cumsum(before) / before.sum() - np.cumsum(now) / now.sum())
    return _kolmogorov(float(apart.max()), before.sum(), now.sum())


def ks(before: ArrayLike, now: ArrayLike) -> Distance:
    """Return the two-sample Kolmogorov-Smirnov distance of values."""
    first, second = np.sort(np.asarray(before, dtype=float)), np.sort(np.asarray(now, dtype=float))
    both = np.concatenate([first, second])
    below_first = np.searchsorted(first, both, side="right") / len(first)
    below_second = np.searchsorted(second, both, side="right") / len(second)
    return _kolmogorov(float(np.abs(below_first - below_second).max()), len(first), len(second))


def counts_of(values: Sequence[float], edges: Sequence[float]) -> dict[str, int]:
    """Return the histogram of values over edges, with a bucket for what is below and above them."""
    inner = [f"{low:g}-{high:g}" for low, high in pairwise(edges)]
    names = [f"<{edges[0]:g}", *inner, f">={edges[-1]:g}"]
    places = np.bincount(np.searchsorted(np.asarray(edges), values, side="right"), minlength=len(names))
    return {name: int(count) for name, count in zip(names, places, strict=True) if count}


def _kolmogorov(apart: float, n: float, m: float) -> Distance:
    """The correction for small samples is that of Stephens (1970)."""
    size = math.sqrt(n * m / (n + m))
    return Distance(apart, tails.kolmogorov((size + 0.12 + 0.11 / size) * apart))


def _smoothed(counts: Floats) -> Floats:
    return np.asarray((counts + _HALF) / (counts + _HALF).sum(), dtype=float)


def _noise(before: Floats, now: Floats) -> float:
    return float(1 / before.sum() + 1 / now.sum())


def _freedom(before: Floats, now: Floats) -> int:
    return int(((before + now) > 0).sum()) - 1


def _place(name: str) -> tuple[bool, float, str]:
    """What is below a number comes before it: "<18" is the first of ages, though "18-30" has the same number."""
    found = _NUMBER.search(name)
    return found is None, float(found[0]) - (0.5e-9 if name.startswith("<") else 0.0) if found else 0.0, name
