"""Windows of figures: told apart by metric and group, added up, and held against the baseline."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from incident_copilot.analysis.monitoring import means, seasons, sequential, shares
from incident_copilot.analysis.monitoring.kept import Kept, once
from incident_copilot.analysis.monitoring.means import Mean
from incident_copilot.analysis.monitoring.seasonal import HOUR_S, Unusual, unusual
from incident_copilot.analysis.monitoring.shares import Interval, Share
from incident_copilot.analysis.monitoring.tails import Floats
from incident_copilot.domain.observation import Figure, Observed, pooled
from incident_copilot.ports import Watched

Key = tuple[str, str]
"""Metric and group."""
Some = Sequence[Observed]
AMOUNTS = ("cost.usd", "cost.tokens_", "performance.requests", "data.rows")
"""What adds up over time; all else is a level."""
FEWEST_CASES, FEWEST_VALUES = 200, 30
"""Without so many, of a share or of a mean, nothing is said."""


class Fall(NamedTuple):
    """How far something fell below the baseline, with the interval of the difference, and how surely.

    `p` is None where it cannot be tested: `wanted` says how many cases there would have to be.
    """

    value: float
    before: float
    interval: Interval | None
    p: float | None
    n: int
    before_n: int
    wanted: int = 0
    is_share: bool = False
    season: str = ""
    """By which hours what was before was told apart; "": all of them as one."""

    @property
    def by(self) -> float:
        """How far; negative where it rose."""
        return self.before - self.value


def by_key(observed: Some, wanted: Callable[[str], bool]) -> dict[Key, Kept]:
    """Return what was observed by metric and group, of the metrics that are wanted."""
    every = once(observed, "by key", lambda: _by_key(observed))
    return {key: some for key, some in every.items() if wanted(key[0])}


def all_by_key(watched: Watched, wanted: Callable[[str], bool]) -> dict[Key, list[Observed]]:
    """Return what was observed before and now by metric and group, of the metrics that are wanted."""
    before, current = by_key(watched.baseline, wanted), by_key(watched.current, wanted)
    return {key: [*before.get(key, ()), *current.get(key, ())] for key in sorted(before.keys() | current.keys())}


def beside(watched: Watched, family: str | tuple[str, ...]) -> Iterator[tuple[Key, Some, Some]]:
    """Yield each metric of a family and group that is told now, with what is told of it now and before."""
    before = by_key(watched.baseline, lambda metric: metric.startswith(family))
    for key, seen in by_key(watched.current, lambda metric: metric.startswith(family)).items():
        yield key, seen, before.get(key, [])


def together(observed: Iterable[Observed]) -> Figure | None:
    """Return all figures as one."""
    return once(observed, "together", lambda: pooled(one.figure for one in observed))


def latest(observed: Sequence[Observed], now: datetime, minutes: float) -> list[Observed]:
    """Return what was observed in the last minutes."""
    since = now - timedelta(minutes=minutes)
    return [one for one in observed if one.at > since]


def last_found(observed: Iterable[Observed]) -> datetime | None:
    """Return when a share that should be none was last more than that; None where it was not, or nothing was told."""
    shares_told = ((one.at, share_of(one.figure)) for one in observed)
    return max((at for at, share in shares_told if share and share.successes), default=None)


def share_of(figure: Figure | None) -> Share | None:
    """Return successes and cases, or None where it is no share."""
    if figure is None or figure.successes is None or not figure.n:
        return None
    return Share(figure.successes, figure.n)


def mean_of(figure: Figure | None) -> Mean | None:
    """Return mean, cases and variance, or None where they are not known."""
    if figure is None or figure.value is None or figure.n is None or figure.variance is None:
        return None
    return Mean(figure.value, figure.n, figure.variance)


def fall(current: Sequence[Observed], baseline: Sequence[Observed], began: datetime, window: timedelta) -> Fall | None:
    """Return how a share or a mean stands to its baseline; None where nothing was observed or there is no baseline.

    Without a baseline of ours that of the sender counts: earlier values that came with the newest figure, else its own
    figure, against which nothing can be tested.
    """
    now, before = together(current), together(baseline)
    if now is None or now.share is None:
        return None
    first, second = share_of(now), share_of(before)
    if first and second:
        return _share_fall(current, baseline, (first, second), _whole(second.n, baseline, began, window))
    told = mean_of(before) or _told_before(now)
    if told is None:
        known = (before.share if before else None) or now.baseline
        wanted = FEWEST_CASES if first else FEWEST_VALUES
        return None if known is None else Fall(now.share, known, None, None, now.n or 1, 0, wanted)
    return _mean_fall(current, baseline if before else (), (now, told), _whole(told.n, baseline, began, window))


def inverted(observed: Some) -> Kept:
    """Return what was observed the other way round, so that a rise is a fall: failures of successes, below of above."""
    return once(
        observed,
        "inverted",
        lambda: Kept(one.model_copy(update={"figure": _inverted(one.figure)}) for one in observed),
    )


def hourly(observed: Sequence[Observed]) -> list[tuple[float, float]]:
    """Return a value an hour: (its begin in epoch seconds, the sum of what adds up, else the pooled level)."""
    hours: dict[float, list[Figure]] = defaultdict(list)
    for one in observed:
        hours[_hour_begun(one)].append(one.figure)
    levels = ((hour, level(figures)) for hour, figures in sorted(hours.items()))
    return [(hour, value) for hour, value in levels if value is not None]


def _hour_begun(one: Observed) -> float:
    return one.at.timestamp() // HOUR_S * HOUR_S


def level(figures: Sequence[Figure]) -> float | None:
    """Return the sum of what adds up, else the pooled level; None where no value is known."""
    all_of_them = pooled(figures)
    if all_of_them is None or all_of_them.share is None:
        return None
    if all_of_them.metric.startswith(AMOUNTS):
        return sum(one.value * (one.n or 1) for one in figures if one.value is not None)
    return all_of_them.share


def usual_level(observed: Sequence[Observed], span: timedelta) -> float | None:
    """Return what a span of time usually came to: of what adds up the average over such spans, else the level."""
    total = level([one.figure for one in observed])
    if total is None or not observed[0].figure.metric.startswith(AMOUNTS):
        return total
    # Each figure is of the time before it, so that of the first begins one gap before the first.
    covered = (observed[-1].at - observed[0].at) * len(observed) / max(len(observed) - 1, 1)
    return total * (span / max(covered, span))


def unusual_hour(observed: Sequence[Observed], now: datetime) -> Unusual | None:
    """Return how the last whole hour stands to those before it; None where that hour or its history is not known."""
    begun = now.timestamp() // HOUR_S * HOUR_S
    earlier = [one for one in observed if one.at.timestamp() < begun]
    values = dict(hourly(earlier))
    last = values.pop(begun - HOUR_S, None)
    if last is None:
        return None
    ahead = {_hour_begun(one): one.ahead_s for one in earlier}
    by_its_clock = [(hour + ahead[hour], value) for hour, value in values.items()]
    return unusual(by_its_clock, begun - HOUR_S + ahead[begun - HOUR_S], last)


def counts_of(observed: Iterable[Observed]) -> Mapping[str, int]:
    """Return the histogram of all."""
    figure = together(observed)
    return figure.counts if figure else {}


def part_of(figure: Figure | None, bucket: str) -> Figure:
    """Return a bucket of a histogram as a share of all; without a share where there is none."""
    counts = figure.counts if figure else {}
    return Figure(metric="part", successes=counts.get(bucket, 0), n=sum(counts.values()) or None)


def _by_key(observed: Some) -> dict[Key, Kept]:
    found: dict[Key, Kept] = defaultdict(Kept)
    for one in observed:
        found[one.figure.metric, one.figure.group].append(one)
    return dict(sorted(found.items()))


def _share_fall(current: Some, baseline: Some, told: tuple[Share, Share], whole: float) -> Fall:
    now, before = told
    usual = seasons.expected(current, baseline, _of_share) if min(now.n, before.n) >= FEWEST_CASES else None
    if usual:
        before = Share(round(usual.level * usual.n), round(usual.n))
    interval = shares.difference(now, before)
    if min(now.n, before.n) < FEWEST_CASES:
        return Fall(now.rate, before.rate, interval, None, now.n, before.n, FEWEST_CASES, is_share=True)
    totals, counts = _parts(current, _of_share)
    if usual:
        p = sequential.seasonal_drop_p(totals, counts, usual.usual, whole_n=whole)
    else:
        p = sequential.share_drop_p(totals, counts, before=before.successes, before_n=before.n, whole_n=whole)
    season = usual.by if usual else ""
    return Fall(now.rate, before.rate, interval, float(p), now.n, before.n, is_share=True, season=season)


def _mean_fall(current: Some, baseline: Some, told: tuple[Figure, Mean], whole: float) -> Fall:
    now, before = told
    value, n = now.value or 0.0, now.n or 1
    usual = seasons.expected(current, baseline, _of_mean)
    spread = seasons.within_variance(baseline, usual.by) if usual else None
    if usual and spread:
        before = Mean(usual.level, round(usual.n), spread)
    own = mean_of(now)
    interval = means.difference(own, before) if own else None
    if before.n < FEWEST_VALUES or before.variance == 0:
        return Fall(value, before.value, interval, None, n, before.n, FEWEST_VALUES)
    totals, counts = _parts(current, _of_mean)
    if usual and spread:
        p = sequential.seasonal_drop_p(totals, counts, usual.usual, whole_n=whole, variance=spread)
        return Fall(value, before.value, interval, float(p), n, before.n, season=usual.by)
    p = sequential.mean_drop_p(
        totals, counts, before=before.value, variance=before.variance, before_n=before.n, whole_n=whole
    )
    return Fall(value, before.value, interval, float(p), n, before.n)


def _parts(current: Some, cases: seasons.Cases) -> tuple[Floats, Floats]:
    told = [found for one in current if (found := cases(one.figure))]
    return np.array([total for total, _ in told]), np.array([n for _, n in told])


def _of_share(one: Figure) -> tuple[float, float] | None:
    return (float(one.successes), float(one.n)) if one.successes is not None and one.n else None


def _of_mean(one: Figure) -> tuple[float, float] | None:
    return None if one.value is None else (one.value * (one.n or 1), float(one.n or 1))


def _whole(before_n: int, baseline: Sequence[Observed], began: datetime, window: timedelta) -> float:
    """Return how many cases a full window will have at the baseline's pace."""
    if not baseline:
        return max(1.0, float(before_n))
    span = max(began - baseline[0].at, timedelta(hours=1))
    return max(1.0, before_n * (window / span))


def _told_before(now: Figure) -> Mean | None:
    """Return the mean of the earlier values that the sender told; two at least have a spread."""
    if len(now.history) < 2:
        return None
    values = np.array(now.history)
    return Mean(float(values.mean()), len(values), float(values.var(ddof=1)))


def _inverted(figure: Figure) -> Figure:
    if figure.successes is not None and figure.n:
        return figure.model_copy(update={"successes": figure.n - figure.successes, "value": None})
    history = tuple(-one for one in figure.history)
    value, baseline = (None if one is None else -one for one in (figure.value, figure.baseline))
    return figure.model_copy(update={"value": value, "baseline": baseline, "history": history})
