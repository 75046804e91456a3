"""The share of bad cases estimated from a sample that was drawn by strata, with its interval.

Each stratum counts as much as it is of all. The interval combines Wilson's intervals of the strata (Zou and Donner's
MOVER, https://doi.org/10.1002/sim.3095), so that a stratum nobody looked at makes it wide instead of wrong.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from incident_copilot.analysis.monitoring.shares import Share, wilson


class Stratum(NamedTuple):
    """How many cases there are, and how many of those looked at were bad."""

    size: int
    looked: Share


class Estimate(NamedTuple):
    """The estimated share, and what the truth lies between at 95 %."""

    share: float
    low: float
    high: float


def estimate(strata: Sequence[Stratum]) -> Estimate | None:
    """Return the share of bad cases of all strata together; None where nothing was looked at."""
    told = [one for one in strata if one.size]
    total = sum(one.size for one in told)
    if not any(one.looked.n for one in told):
        return None
    share = down = up = 0.0
    for size, looked in told:
        low, high = wilson(looked)
        middle = looked.rate if looked.n else 0.5
        weight = size / total
        share += weight * middle
        down += (weight * (middle - low)) ** 2
        up += (weight * (high - middle)) ** 2
    return Estimate(share, max(0.0, share - math.sqrt(down)), min(1.0, share + math.sqrt(up)))
