"""Says how closely series move with one, and whether they moved before it or after it.

It describes and tests nothing: one step that two series share is one coincidence, however many points it has. Whether a
series left its normal when the trouble began is for `ranking` to say, and only of those that did is it worth asking.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from incident_copilot.analysis.onset import without_spikes
from incident_copilot.analysis.ranking import Floats, Series
from incident_copilot.analysis.words import duration

FEWEST = 12
"""Common points below which nothing is said."""
STEPS = 3
"""How far series are moved against each other, in points."""
LEAST = 0.7


class Together(NamedTuple):
    """How a series moves with another: Pearson's correlation, how many seconds earlier (negative: later), points."""

    name: str
    r: float
    lead_s: float
    n: int

    @property
    def text(self) -> str:
        """What that is, behind the name of the series."""
        when = f", {duration(abs(self.lead_s))} {'earlier' if self.lead_s > 0 else 'later'}" if self.lead_s else ""
        return f"correlation {self.r:.2f} over {self.n} points{when}"


def moving_together(one: Series, others: Mapping[str, Series]) -> list[Together]:
    """Return the series that move closely with one, or against it, the closest first; single spikes do not count."""
    found = [closest for name, other in others.items() if (closest := _closest(one, name, other))]
    kept = [each for each in found if abs(each.r) >= LEAST]
    return sorted(kept, key=lambda each: (-abs(each.r), each.name))


def _closest(one: Series, name: str, other: Series) -> Together | None:
    """Return how two series go together, moved to be closest; None where they have too little in common."""
    times, values = _usable(one)
    theirs_at, theirs = _usable(other)
    if len(times) < FEWEST or len(theirs_at) < FEWEST:
        return None
    step = float(np.median(np.diff(times)))
    compared = []
    for lead_s in (lag * step for lag in range(-STEPS, STEPS + 1)):
        moved = theirs_at + lead_s
        shared = (times >= moved[0]) & (times <= moved[-1])
        mine, other_values = values[shared], np.interp(times[shared], moved, theirs)
        if len(mine) >= FEWEST and np.ptp(mine) and np.ptp(other_values):
            r = float(np.corrcoef(mine, other_values)[0, 1])
            compared.append(Together(name, r, lead_s, len(mine)))
    return max(compared, key=lambda each: (round(abs(each.r), 3), -abs(each.lead_s)), default=None)


def _usable(series: Series) -> tuple[Floats, Floats]:
    finite = np.isfinite(series.times) & np.isfinite(series.values)
    order = np.argsort(series.times[finite], kind="stable")
    values = series.values[finite][order]
    return series.times[finite][order], without_spikes(values) if len(values) else values
