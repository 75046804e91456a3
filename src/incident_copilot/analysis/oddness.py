"""Tells of each value of a metric, as it comes, how odd it is: has anything like it been seen before?

The last one, three and eight values are compared with every stretch of that length that came before; what is far from
all of them, as distances go in this series, is odd. So no period, trend or distribution has to be known: a level, a
spike or a time of day that was seen once is familiar the next time. The idea is that of the left matrix profile
(https://www.cs.ucr.edu/~eamonn/MatrixProfile.html), measured against the series' own distances.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ODD = 0.4
_LENGTHS = (1, 3, 8)
_HISTORY = 2000  # values that say how far apart stretches usually are
_FEWEST = 50  # values before anything is measured; twice as many before anything is told
_USUAL = 98  # percent of the distances, which are no news
_SMALLEST = 0.05  # of the series' range: what is nearer than that to something seen is no news either
_MEASURED_EVERY = 5  # values; what is usual hardly moves from one to the next
_FAMILIAR = 0.6  # of the oddest value lately: what is less odd than that belongs to the same trouble
_FORGOTTEN = 400.0  # values after which a third of that remains


class Oddness:
    """A detector for one metric, fed in the order of time; it remembers at least the last `kept` values."""

    def __init__(self, *, kept: int = 5000) -> None:
        self._kept = kept
        self._values = np.empty(2 * kept)
        self._distances = np.zeros((len(_LENGTHS), 2 * kept))
        self._size = self._seen = 0
        self._usual = np.zeros(len(_LENGTHS))
        self._lately = 0.0

    def next(self, value: float) -> float:
        """Return 0 (seen before) to 1 (unlike anything) for the next value; from `ODD` on it is worth a look.

        A value that goes on with an oddity just told counts less, so that one trouble is told once.
        """
        if self._seen % _MEASURED_EVERY == 0:
            self._measure()
        if self._size == len(self._values):
            self._forget()
        self._values[self._size] = value
        self._size, self._seen = self._size + 1, self._seen + 1
        distances = np.array([_to_nearest(self._values[: self._size], length) for length in _LENGTHS])
        self._distances[:, self._size - 1] = distances
        odd = float(np.mean(_share(distances, self._usual))) if self._seen > _FEWEST else 0.0
        self._lately *= np.exp(-1 / _FORGOTTEN)
        news = max(0.0, odd - _FAMILIAR * self._lately)
        self._lately = max(self._lately, odd)
        return news if self._seen > 2 * _FEWEST else 0.0

    def _measure(self) -> None:
        """Measure anew how far apart the stretches of this series usually are."""
        if self._seen < _FEWEST:
            return
        recent = slice(max(0, self._size - _HISTORY), self._size)
        low, high = np.percentile(self._values[recent], (1, 99))
        usual = np.percentile(self._distances[:, recent], _USUAL, axis=1)
        self._usual = np.maximum(usual, _SMALLEST * (high - low))

    def _forget(self) -> None:
        self._values[: self._kept] = self._values[self._kept :]
        self._distances[:, : self._kept] = self._distances[:, self._kept :]
        self._size = self._kept


@dataclass(frozen=True)
class OddValue:
    """A value of a metric, when it was (epoch seconds), and how odd it is, 0 to 1."""

    at: float
    value: float
    score: float


def oddest_since(points: Iterable[Sequence[float]], since: float) -> OddValue | None:
    """Return the oddest of the (time, value) points since a time, by all that came before; None where there is none."""
    detector = Oddness()
    scored = [OddValue(at, value, detector.next(value)) for at, value in points]
    return max((one for one in scored if one.at >= since), key=lambda one: one.score, default=None)


def _to_nearest(values: Floats, length: int) -> float:
    """Return how far, by value, the last stretch is from the most similar one that it does not overlap."""
    if len(values) < 2 * length:
        return 0.0
    earlier = sliding_window_view(values[:-length], length)
    apart = earlier - values[-length:]
    return float(np.sqrt(np.einsum("ij,ij->i", apart, apart).min() / length))


def _share(distances: Floats, usual: Floats) -> Floats:
    """Return 0 to 1: a half where a distance is as large as usual ones get."""
    total = distances + usual
    return np.divide(distances, total, out=np.zeros_like(total), where=total > 0)
