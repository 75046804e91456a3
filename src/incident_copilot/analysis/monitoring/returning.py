"""Whether a figure that a monitor found wrong is well again, by what was told since something was done about it.

Two tests must agree: the one that raised it sees nothing in the figures since, and these are surely on the good side of
the middle between what was wrong and what is usual. That not enough was told yet is an answer too. Both tests hold over
all looks (`sequential`), so that looking every minute makes nobody believe in a recovery by chance.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from incident_copilot.analysis.monitoring import sequential, shares, tails
from incident_copilot.analysis.monitoring.shares import Interval
from incident_copilot.analysis.monitoring.windows import FEWEST_CASES, FEWEST_VALUES, mean_of, share_of
from incident_copilot.domain.observation import Figure, pooled
from incident_copilot.domain.verdict import Outcome, Verdict

POWER = 0.9
_FIXED = 1e8  # cases of a line that is known exactly
_NO_SPREAD = 1e-12


class Return(NamedTuple):
    """Whether a figure is well again (None: nobody can tell yet), over how many cases, and how many are needed."""

    is_back: bool | None
    n: int = 0
    wanted: int | None = None


class _Line(NamedTuple):
    """The middle between wrong and usual, turned so that more is better; `aim` is what is usual."""

    middle: float
    aim: float
    sign: float


def is_wrong(verdict: Verdict, level: float) -> bool:
    """Whether a verdict says that something is wrong, and it is not by chance where that was tested."""
    return verdict.outcome in {Outcome.FIRING, Outcome.WEAK} and (verdict.p is None or verdict.p <= level)


def returned(now: Verdict | None, before: Verdict, since: Sequence[Figure], level: float) -> Return:
    """Return how a figure stands since something was done: `now` is the monitor's verdict over `since`.

    `before` is its verdict until then. Figures that tell no cases, such as an age, are well as soon as the monitor
    says so; it has a least number of its own for distributions.
    """
    seen = pooled(since)
    line = _line(before) if is_wrong(before, level) else None
    wanted = _wanted(line, seen, level) if line else None
    n = (seen.n or len(since)) if seen else (now.n if now else None) or 0
    if now is None or now.outcome is Outcome.UNKNOWN:
        return Return(None, n, wanted)
    if is_wrong(now, level):
        return Return(False, n)
    if now.outcome is not Outcome.FINE:
        return Return(None, n, wanted)
    if line is None or not _is_tested(now, since):
        return Return(True, n)
    return Return(_is_beyond(now, line, since, wanted, level) or None, n, wanted)


def interval_of(figure: Figure | None) -> Interval | None:
    """Return the 95 % interval of a share or mean; None where its cases or their spread are not known."""
    share, mean = share_of(figure), mean_of(figure)
    if share:
        return shares.wilson(share)
    if mean is None:
        return None
    half = tails.quantile(0.975) * math.sqrt(mean.variance / mean.n)
    return Interval(mean.value - half, mean.value + half)


def _line(before: Verdict) -> _Line | None:
    if before.value is None or before.baseline is None or before.value == before.baseline:
        return None
    sign = 1.0 if before.baseline > before.value else -1.0
    return _Line(sign * (before.value + before.baseline) / 2, sign * before.baseline, sign)


def _is_tested(now: Verdict, since: Sequence[Figure]) -> bool:
    """Whether there are cases to test: figures without them, such as an age, are held against a limit alone."""
    return now.p is not None or any(one.n and (one.successes, one.squares) != (None, None) for one in since)


def _is_beyond(now: Verdict, line: _Line, since: Sequence[Figure], wanted: int | None, level: float) -> bool:
    """Whether what was told since is surely on the good side of the middle."""
    if now.monitor == "thresholds" and now.value is not None and line.sign * now.value < line.aim:
        return False  # a rule holds where a share is surely beyond its bound; well is only what is not beyond it at all
    if wanted is None:
        return _is_inside(now, line)
    share = share_of(pooled(since))
    p = _share_p(since, line, wanted) if share else _mean_p(since, line, wanted)
    return p <= level


def _is_inside(now: Verdict, line: _Line) -> bool:
    """Of a gap between groups: whether its interval is on the good side; a distribution has its own least number."""
    if now.low is None or now.high is None:
        return True
    return min(line.sign * now.low, line.sign * now.high) > line.middle


def _wanted(line: _Line, seen: Figure | None, level: float) -> int | None:
    """Return how many cases show a full recovery with this power; None where there are none to count."""
    share, mean, far = share_of(seen), mean_of(seen), line.aim - line.middle
    if share:
        needed = shares.cases_needed(_worse(line), far, before_n=int(_FIXED), level=level / 2, power=POWER)
        return max(FEWEST_CASES, needed or 0)
    if mean is None:
        return None
    spreads = (tails.quantile(1 - level / 2) + tails.quantile(POWER)) * math.sqrt(mean.variance)
    return max(FEWEST_VALUES, math.ceil((spreads / far) ** 2))


def _share_p(since: Sequence[Figure], line: _Line, wanted: int) -> float:
    """Return the p of "no better than the middle", over all looks: of a fall of what is not good."""
    told = [share for one in since if (share := share_of(one))]
    worse = [float(one.n - one.successes if line.sign > 0 else one.successes) for one in told]
    counts = np.array([float(one.n) for one in told])
    before = _worse(line) * _FIXED
    return float(sequential.share_drop_p(np.array(worse), counts, before=before, before_n=_FIXED, whole_n=wanted))


def _mean_p(since: Sequence[Figure], line: _Line, wanted: int) -> float:
    told = [(one.value, float(one.n or 1)) for one in since if one.value is not None]
    mean = mean_of(pooled(since))
    return float(
        sequential.mean_drop_p(
            np.array([-line.sign * value * n for value, n in told]),
            np.array([n for _, n in told]),
            before=-line.middle,
            variance=max(mean.variance if mean else 0.0, _NO_SPREAD),
            before_n=_FIXED,
            whole_n=wanted,
        )
    )


def _worse(line: _Line) -> float:
    """Return the share of what is not good at the middle."""
    return 1 - line.middle if line.sign > 0 else -line.middle
