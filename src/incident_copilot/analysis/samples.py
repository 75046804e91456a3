"""Small samples: median, p90 and mean with an interval that is honest for few, and whether two samples differ."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from statistics import fmean, median

from incident_copilot.domain.measures import Spread

SURE = 0.9
"""How much of what is likely the interval of a median holds."""
FEWEST = 5
"""From how many of each on two samples are compared."""
CLEAR = 0.05


def spread(values: Sequence[float], before: Sequence[float] = ()) -> Spread | None:
    """Return what a sample says, beside the one `before`; None where it is empty."""
    if not values:
        return None
    ordered = sorted(values)
    low, high = _around_median(ordered)
    return Spread(
        number=len(ordered),
        mean=fmean(ordered),
        median=median(ordered),
        p90=_quantile(ordered, 0.9),
        low=low,
        high=high,
        before=median(before) if before else None,
        before_number=len(before),
        chance=by_chance(ordered, before),
    )


def by_chance(values: Sequence[float], before: Sequence[float]) -> float | None:
    """Return how often two samples of one kind differ as much in their order (Mann and Whitney), None for too few."""
    here, there = len(values), len(before)
    if min(here, there) < FEWEST:
        return None
    pooled = sorted([*values, *before])
    places = {value: (bisect_left(pooled, value), bisect_right(pooled, value)) for value in pooled}
    wins = sum((sum(places[value]) + 1) / 2 for value in values) - here * (here + 1) / 2
    number = here + there
    ties = sum((end - begin) ** 3 - (end - begin) for begin, end in places.values())
    variance = here * there / 12 * (number + 1 - ties / (number * (number - 1)))
    if variance <= 0:
        return 1.0
    apart = max(0.0, abs(wins - here * there / 2) - 0.5)
    return round(math.erfc(apart / math.sqrt(2 * variance)), 4)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so great a share does not exceed: of few it is one that was seen."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _around_median(ordered: Sequence[float]) -> tuple[float | None, float | None]:
    """Return the values between which the true median lies, by how many lie below it; none for too few."""
    number = len(ordered)
    outside, inner = 0.0, -1
    for below in range(number // 2):
        outside += 2 * math.comb(number, below) / 2**number
        if outside > 1 - SURE:
            break
        inner = below
    return (ordered[inner], ordered[number - 1 - inner]) if inner >= 0 else (None, None)
