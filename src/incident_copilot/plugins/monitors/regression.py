"""Regression: an evaluation set on which a model's version does worse than the one before it.

Cases that both versions answered are compared in pairs: right or wrong by McNemar's exact test, scores by bootstrap.

Reference: https://doi.org/10.1007/BF02295996
"""

import itertools
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from pydantic import Field

from incident_copilot.analysis.monitoring import means, saying, shares, windows
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import Figure, Observed, SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

VOICE = saying.Voice("regression", SignalKind.REGRESSION, AiIncident.REGRESSION)
ONLY_BEFORE, ONLY_NOW = "only_before", "only_now"


class Options(Frozen):
    """How far a result must fall to be trouble, and to be critical, as a share of the one before."""

    smallest_drop: float = Field(default=0.01, gt=0, lt=1)
    severe_drop: float = Field(default=0.05, gt=0, lt=1)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Regression(options)


class Regression:
    """Looks at evaluation.* of a system; runs are told apart by the label `version`."""

    name = "regression"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each evaluation set that two versions went through."""
        runs = windows.all_by_key(watched, lambda metric: metric.startswith("evaluation."))
        found = (self._verdict(watched, key, _last_two(some), _first_of(some)) for key, some in runs.items())
        return [one for one in found if one]

    def _verdict(
        self, watched: Watched, key: windows.Key, runs: tuple[Observed, Observed] | None, began: datetime
    ) -> Verdict | None:
        if runs is None:
            return None
        before, now = runs
        value, earlier = now.figure.share, before.figure.share
        if value is None or earlier is None:
            return None
        p, interval, by = _compared(before.figure, now.figure)
        drop = earlier - value
        beyond = Outcome.WEAK if p is None else Outcome.FIRING
        return VOICE.says(
            watched,
            key,
            beyond if drop >= self._options.smallest_drop * abs(earlier) else Outcome.FINE,
            f"version {now.labels.get('version')} has {saying.number(value)} on {saying.named(key)}, "
            f"version {before.labels.get('version')} had {saying.number(earlier)} (n {now.figure.n or 1:,}, {by})",
            severity="critical" if drop >= self._options.severe_drop * abs(earlier) else "warning",
            value=value,
            baseline=earlier,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            n=now.figure.n,
            baseline_n=before.figure.n,
            p=p,
            began=began,
        )


def _first_of(runs: windows.Some) -> datetime:
    """Return when the version of the newest run was first evaluated, as far as no other was since."""
    now = runs[-1].labels.get("version")
    same = itertools.takewhile(lambda one: one.labels.get("version") == now, reversed(runs))
    return [one.at for one in same][-1]


def _last_two(runs: windows.Some) -> tuple[Observed, Observed] | None:
    """Return the newest run, and the newest of another version before it."""
    now = runs[-1]
    others = [one for one in runs if one.labels.get("version") != now.labels.get("version")]
    return (others[-1], now) if others else None


def _compared(before: Figure, now: Figure) -> tuple[float | None, shares.Interval | None, str]:
    """Return p, interval of the difference and how both were compared; None where nothing can be tested."""
    first, second = windows.share_of(before), windows.share_of(now)
    interval = shares.difference(second, first) if first and second else None
    if ONLY_BEFORE in now.counts or ONLY_NOW in now.counts:
        p = shares.worse_pairs_p(now.counts.get(ONLY_BEFORE, 0), now.counts.get(ONLY_NOW, 0))
        return p, interval, "the same cases"
    if now.history and len(now.history) == len(before.history):
        scores, earlier = np.array(now.history), np.array(before.history)
        return (
            means.drawn_drop_p(scores, earlier),
            means.drawn_difference(scores, earlier, paired=True),
            "the same cases",
        )
    if first and second:
        return shares.drop_p(first, second), interval, "cases of their own"
    return None, None, "no cases told, so nothing is tested"
