"""What a figure usually is at the hours that a window holds: of the same hours of former weeks, or of former days.

A pooled baseline makes each quiet night and each slow Monday a fall. So each part of a window is held against the
figures of its own hour: of the week where that hour was seen in three weeks at least, of the day where on five days.
With less history all hours count as one, and a pattern by day or week may alert. Hours are those of the clock that the
business goes by: people who come at nine come at nine after the clocks were changed too.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from incident_copilot.analysis.monitoring.kept import Kept, once
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


class _Hour(NamedTuple):
    """What is known of an hour of the day or week: sum and cases, and in which hours it was seen."""

    total: float
    n: float
    seen: frozenset[float]


_NEVER = _Hour(0.0, 0.0, frozenset())


def by_clock(observed: Iterable[Observed], zone: str | None) -> list[Observed]:
    """Return what was observed with how far the clock of a zone was ahead of UTC each time; None is UTC."""
    if zone in {None, "UTC"}:
        return list(observed)
    place = ZoneInfo(str(zone))
    clocks = ((one, one.at.astimezone(place).utcoffset()) for one in observed)
    return [one.model_copy(update={"ahead_s": ahead.total_seconds()}) if ahead else one for one, ahead in clocks]


def expected(current: Sequence[Observed], baseline: Sequence[Observed], cases: Cases) -> Expected | None:
    """Return what the parts of a window usually are; None where no hour of it was seen often enough."""
    told = [(one, found[1]) for one in current if (found := cases(one.figure))]
    counts = np.array([n for _, n in told])
    for by, period, enough in SEASONS:
        known = once(baseline, (period, cases), partial(_hours, baseline, period, cases))
        hours = [known.get(season(one, period), _NEVER) for one, _ in told]
        if not hours or min(len(hour.seen) for hour in hours) < enough:
            continue
        per_hour: dict[float, float] = defaultdict(float)
        for one, n in told:
            per_hour[season(one, period)] += n
        usual = Usual(
            level=np.array([hour.total / hour.n for hour in hours]),
            n=np.array([hour.n for hour in hours]),
            twice=np.array([per_hour[season(one, period)] for one, _ in told]),
        )
        level = float((usual.level * counts).sum() / counts.sum())
        return Expected(by, usual, level, float(counts.sum() ** 2 / usual.error(counts).sum()))
    return None


def of_same_hours(current: Sequence[Observed], baseline: Sequence[Observed], fewest: int) -> Sequence[Observed]:
    """Return what of a baseline was counted at the hours of a window; all of it where that is too little."""
    for _, period, enough in SEASONS:
        keys = frozenset(season(one, period) for one in current)
        same = once(baseline, (period, keys), partial(_at, baseline, period, keys))
        times = Counter({season(one, period): 0 for one in current})
        times.update(hour % (period // HOUR_S) for hour in {hour_of(one) for one in same})
        if min(times.values(), default=0) >= enough and sum(sum(one.figure.counts.values()) for one in same) >= fewest:
            return same
    return baseline


def within_variance(baseline: Sequence[Observed], by: str) -> float | None:
    """Return the variance of one case about the mean of its hour; None where the spread is not known."""
    period = next(period for name, period, _ in SEASONS if name == by)
    return once(baseline, ("variance", period), partial(_within_variance, baseline, period))


def season(one: Observed, period: int) -> float:
    """Return the hour of the day or week that something was observed in, by its clock."""
    return hour_of(one) % (period // HOUR_S)


def hour_of(one: Observed) -> float:
    """Return the hour that something was observed in, by its clock: one has none in spring, one is twice in autumn."""
    return (one.at.timestamp() + one.ahead_s) // HOUR_S


def _hours(baseline: Sequence[Observed], period: int, cases: Cases) -> dict[float, _Hour]:
    found: dict[float, _Hour] = defaultdict(lambda: _NEVER)
    for one in baseline:
        if told := cases(one.figure):
            key, (total, n) = season(one, period), told
            was = found[key]
            found[key] = _Hour(was.total + total, was.n + n, was.seen | {hour_of(one)})
    return dict(found)


def _at(baseline: Sequence[Observed], period: int, keys: frozenset[float]) -> Kept:
    return Kept(one for one in baseline if season(one, period) in keys)


def _within_variance(baseline: Sequence[Observed], period: int) -> float | None:
    hours: dict[float, list[Figure]] = defaultdict(list)
    for one in baseline:
        hours[season(one, period)].append(one.figure)
    told = [(figure.variance, figure.n or 0) for figure in map(pooled, hours.values()) if figure]
    known = [(variance, n - 1) for variance, n in told if variance is not None]
    freedom = sum(n for _, n in known)
    return sum(variance * n for variance, n in known) / freedom if freedom else None
