"""Shares of a few: what a count of successes says, honestly, about how often something works."""

import math

import numpy as np
from numpy.typing import NDArray

_POINTS = 2001
_EDGE = 1e-6
LIKELY = 0.8
"""How much of what is likely an interval holds, where nothing else is said."""


def interval(successes: float, failures: float, share: float = LIKELY) -> tuple[float, float]:
    """Return between what the true share lies, with this probability; both are counts above 0, the prior included."""
    places, below = _cumulated(successes, failures)
    edges = np.interp([(1 - share) / 2, (1 + share) / 2], below, places)
    return round(float(edges[0]), 3), round(float(edges[1]), 3)


def chance_below(limit: float, successes: float, failures: float) -> float:
    """Return how likely the true share is below a limit."""
    places, below = _cumulated(successes, failures)
    return round(float(np.interp(limit, places, below)), 3)


def _cumulated(successes: float, failures: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The beta distribution, summed up from 0 to 1."""
    places = np.linspace(_EDGE, 1 - _EDGE, _POINTS)
    constant = math.lgamma(successes + failures) - math.lgamma(successes) - math.lgamma(failures)
    density = np.exp(constant + (successes - 1) * np.log(places) + (failures - 1) * np.log1p(-places))
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return places, below / below[-1]
