"""What a figure usually is at the hours that a window holds: of the same hours of former weeks, or of former days.

A pooled baseline makes each quiet night and each slow Monday a fall. So each part of a window is held against the
figures of its own hour: of the week where that hour was seen in three weeks at least, of the day where on five days.
With less history all hours count as one, and a pattern by day or week may alert.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from incident_copilot.analysis.monitoring.seasonal import HOUR_S, SEASONS
from incident_copilot.analysis.monitoring.sequential import Usual
from incident_copilot.domain.observation import Figure, Observed, pooled

Cases = Callable[[Figure], tuple[float, float] | None]
"""Returns the sum and the cases of a figure; None where it tells none."""


class Expected(NamedTuple):
    """What a window's parts usually are, by which hours, and the level and cases that this comes to for all of it."""

    by: str
    usual: Usual
    level: float
    n: float


def expected(current: Sequence[Observed], baseline: Sequence[Observed], cases: Cases) -> Expected | None:
    """Return what the parts of a window usually are; None where no hour of it was seen often enough."""
    counts = np.array([n for one in current if (told := cases(one.figure)) for n in told[1:]])
    for by, period, enough in SEASONS:
        keys = [season(one, period) for one in current if cases(one.figure)]
        known = _known(baseline, period, enough, frozenset(keys), cases)
        if known is None or not counts.sum():
            continue
        per_hour: Counter[float] = Counter()
        for key, n in zip(keys, counts, strict=True):
            per_hour[key] += n
        usual = Usual(
            level=np.array([known[key][0] / known[key][1] for key in keys]),
            n=np.array([known[key][1] for key in keys]),
            twice=np.array([per_hour[key] for key in keys]),
        )
        level = float((usual.level * counts).sum() / counts.sum())
        return Expected(by, usual, level, float(counts.sum() ** 2 / usual.error(counts).sum()))
    return None


def of_same_hours(current: Sequence[Observed], baseline: Sequence[Observed], fewest: int) -> Sequence[Observed]:
    """Return what of a baseline was counted at the hours of a window; all of it where that is too little."""
    for _, period, enough in SEASONS:
        keys = {season(one, period) for one in current}
        same = [one for one in baseline if season(one, period) in keys]
        is_known = all(times >= enough for times in _times(same, period, keys).values())
        if is_known and sum(sum(one.figure.counts.values()) for one in same) >= fewest:
            return same
    return baseline


def within_variance(baseline: Sequence[Observed], by: str) -> float | None:
    """Return the variance of one case about the mean of its hour; None where the spread is not known."""
    period = next(period for name, period, _ in SEASONS if name == by)
    hours: dict[float, list[Figure]] = defaultdict(list)
    for one in baseline:
        hours[season(one, period)].append(one.figure)
    told = [(figure.variance, figure.n or 0) for figure in map(pooled, hours.values()) if figure]
    known = [(variance, n - 1) for variance, n in told if variance is not None]
    freedom = sum(n for _, n in known)
    return sum(variance * n for variance, n in known) / freedom if freedom else None


def season(one: Observed, period: int) -> float:
    """Return the hour of the day or week, by UTC, that something was observed in."""
    return one.at.timestamp() % period // HOUR_S


def _known(
    baseline: Sequence[Observed], period: int, enough: int, keys: frozenset[float], cases: Cases
) -> dict[float, tuple[float, float]] | None:
    """Return sum and cases of each hour that is wanted; None where one of them was not seen often enough."""
    same = [one for one in baseline if season(one, period) in keys and cases(one.figure)]
    if any(times < enough for times in _times(same, period, keys).values()):
        return None
    found: dict[float, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for one in same:
        total, n = cases(one.figure) or (0.0, 0.0)
        found[season(one, period)] = (found[season(one, period)][0] + total, found[season(one, period)][1] + n)
    return found


def _times(same: Sequence[Observed], period: int, keys: frozenset[float] | set[float]) -> dict[float, int]:
    """Return in how many weeks, or on how many days, each hour was seen."""
    seen: dict[float, set[float]] = {key: set() for key in keys}
    for one in same:
        seen[season(one, period)].add(one.at.timestamp() // HOUR_S)
    return {key: len(hours) for key, hours in seen.items()}
