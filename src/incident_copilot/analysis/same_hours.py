"""Holds a series against the same hours of the week before: what happens every week is no trouble."""

from typing import NamedTuple

import numpy as np

from incident_copilot.analysis.ranking import Series
from incident_copilot.analysis.words import number

AN_HOUR_S = 3600.0  # older figures are kept by the hour
_HALF = 0.5


class SameHours(NamedTuple):
    """The median level before and since the trouble began, and that of the same hours a week before."""

    before: float
    now: float
    usual: float
    unit: str

    @property
    def is_seasonal(self) -> bool:
        """Whether it was nearer then to what it is now than to what it was before."""
        return abs(self.now - self.usual) <= _HALF * abs(self.now - self.before)

    @property
    def text(self) -> str:
        """What that says of the trouble."""
        now, usual = number(self.now, self.unit), number(self.usual, self.unit)
        if self.is_seasonal:
            return f"was {usual} at the same hours a week before and is {now} now: it may be of the season"
        return f"was {usual} at the same hours a week before and is {now} now: it is not of the season"


def same_hours(series: Series, week_before: Series, onset: float) -> SameHours | None:
    """Return the comparison; the times of `week_before` are a week later. None where either says too little."""
    before, now = series.values[series.times < onset], series.values[series.times >= onset]
    if not len(before) or not len(now):
        return None
    last = float(np.max(series.times))
    near = (week_before.times >= onset - AN_HOUR_S) & (week_before.times <= last + AN_HOUR_S)
    within = near & (week_before.times >= onset) & (week_before.times <= last)
    usual = week_before.values[within if within.any() else near]
    if not len(usual):
        return None
    return SameHours(float(np.median(before)), float(np.median(now)), float(np.median(usual)), series.unit)
