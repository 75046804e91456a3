"""Whether a value is unusual for the hour of the week: cost, tokens, traffic and latency have their days and nights.

What is usual is the median of the same hour of the week, or of the same hour of the day, or of all, whichever has
enough; how far values stray from it is measured over all of them together. The p-value is the rank of the newest
value's distance among the distances so far, so it assumes no distribution (conformal prediction).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from incident_copilot.analysis.monitoring.tails import Floats

HOUR_S, DAY_S, WEEK_S = 3600, 86_400, 604_800
FEWEST = 48
"""Values without which nothing is said."""
SEASONS = (("hour of the week", WEEK_S, 3), ("hour of the day", DAY_S, 5))
"""By what hours are told apart, and in how many weeks or on how many days one has to have been seen."""
_MANY = 20  # values of one season, of which one alone moves the median no more
_TO_DEVIATION = 1.4826  # of the median distance, for a normal distribution
_SMALLEST = 0.02  # of the usual value: nobody is told of less


class Unusual(NamedTuple):
    """A value beside what is usual; `z` is how many robust deviations it is above, `p` how rarely it is as far above.

    `by` says what is usual: "hour of the week", "hour of the day" or "all hours".
    """

    value: float
    usual: float
    z: float
    p: float
    n: int
    by: str

    @property
    def rise(self) -> float:
        """How much above the usual, as a share of it; negative below."""
        return (self.value - self.usual) / abs(self.usual) if self.usual else 0.0


def unusual(history: Sequence[tuple[float, float]], at: float, value: float) -> Unusual | None:
    """Return how a value at a time (epoch seconds) stands to earlier ones; None where they are too few."""
    if len(history) < FEWEST:
        return None
    times, values = np.array(history, dtype=float).T
    by, keys, key = _season(times, at)
    usual = float(np.median(values[keys == key]))
    scaled = _scale(values, value)
    strays = np.concatenate([_strays(scaled(values[keys == hour])) for hour in np.unique(keys)])
    spread = _TO_DEVIATION * float(np.median(np.abs(strays)))
    stray = float(scaled(np.array([value]))[0] - np.median(scaled(values[keys == key])))
    p = (1 + int((strays >= stray).sum())) / (1 + len(strays))
    smallest = _SMALLEST if scaled is np.log else _SMALLEST * abs(usual)
    return Unusual(value, usual, stray / (max(spread, smallest) or 1.0), p, len(strays), by)


def _scale(values: Floats, value: float) -> Callable[[Floats], Floats]:
    """What is always above zero strays in proportion: a busy hour by more than a quiet one."""
    return np.log if value > 0 and bool((values > 0).all()) else np.positive


def _strays(values: Floats) -> Floats:
    """Return how far each value is from the median of the others, as the newest is from that of the old ones."""
    if len(values) > _MANY:
        return np.asarray(values - np.median(values), dtype=float)
    if len(values) < 2:
        return np.empty(0)
    others = np.array([np.delete(values, place) for place in range(len(values))])
    return np.asarray(values - np.median(others, axis=1), dtype=float)


def _season(times: Floats, at: float) -> tuple[str, Floats, float]:
    """Return by what values are told apart, the season of each, and that of the time."""
    for by, period, enough in SEASONS:
        keys, key = times % period // HOUR_S, at % period // HOUR_S
        if np.sum(keys == key) >= enough:
            return by, keys, key
    return "all hours", np.zeros(len(times)), 0.0
