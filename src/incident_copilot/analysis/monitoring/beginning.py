"""When trouble began: from which figure on a metric was beyond a bound, more often than not.

Page, Continuous inspection schemes, Biometrika 41 (1954): https://doi.org/10.1093/biomet/41.1-2.100
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from incident_copilot.domain.observation import Observed


def beginning(observed: Sequence[Observed], bound: float, *, is_upper: bool) -> datetime | None:
    """Return since when levels were above a bound, or below it; None where no figure has one.

    Of all figures from one on to the last, those count that are beyond the bound by most, weighed by their cases. A
    figure is of the time before it, so that the first of them began where the one before it ended.
    """
    told = [(one.at, one.figure.share, one.figure.n or 1) for one in observed if one.figure.share is not None]
    if not told:
        return None
    sign = 1 if is_upper else -1
    beyond = np.array([sign * (share - bound) * n for _, share, n in told])
    since = beyond[::-1].cumsum()
    first = len(told) - 1 - int(since.argmax())  # of several that are as far, the last
    times = [at for at, *_ in told]
    begun = times[first] - _usual_step(times)
    return max(begun, times[first - 1]) if first else begun


def _usual_step(times: Sequence[datetime]) -> timedelta:
    """Return how long after the one before a figure usually comes; nothing where there is one alone."""
    steps = sorted(after - before for before, after in pairwise(times))
    return steps[len(steps) // 2] if steps else timedelta(0)
