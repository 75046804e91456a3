"""How differently an AI system treats groups of people, with the interval of the gap.

Demographic parity holds the rate of good outcomes equal, equalised odds those of true and false positives
(Hardt, Price and Srebro 2016, https://arxiv.org/abs/1610.02413); like cases are in `pairs`. A gap that is allowed is no
finding, however sure it is.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

from incident_copilot.analysis.monitoring.shares import Interval, Share, difference, gap_p

FEWEST = 100
"""Cases of a group without which nothing is said of it."""


class Gap(NamedTuple):
    """The widest gap between two groups, the interval of it, and the p of "it is no wider than allowed".

    `p` and interval are corrected for the number of pairs (Bonferroni).
    """

    favoured: str
    other: str
    gap: float
    interval: Interval
    p: float
    n: int
    ratio: float


def parity(groups: Mapping[str, Share], *, allowed: float, fewest: int = FEWEST) -> Gap | None:
    """Return the gap between groups that is surest to be wider than allowed; None with fewer than two large enough."""
    large = {name: share for name, share in sorted(groups.items()) if share.n >= fewest}
    pairs = [_ordered(large, one, other) for one, other in combinations(large, 2)]
    if not pairs:
        return None
    gaps = [_gap(large, favoured, other, allowed, len(pairs)) for favoured, other in pairs]
    return min(gaps, key=lambda one: (one.p, -one.gap))


def too_small(groups: Mapping[str, Share], fewest: int = FEWEST) -> list[str]:
    """Return the groups of which too few cases are known, by name."""
    return sorted(name for name, share in groups.items() if share.n < fewest)


def _ordered(groups: Mapping[str, Share], one: str, other: str) -> tuple[str, str]:
    return (one, other) if groups[one].rate >= groups[other].rate else (other, one)


def _gap(groups: Mapping[str, Share], favoured: str, other: str, allowed: float, pairs: int) -> Gap:
    high, low = groups[favoured], groups[other]
    return Gap(
        favoured=favoured,
        other=other,
        gap=high.rate - low.rate,
        interval=difference(high, low, 1 - 0.05 / pairs),
        p=min(1.0, gap_p(high, low, allowed) * pairs),
        n=min(high.n, low.n),
        ratio=low.rate / high.rate if high.rate else 1.0,
    )
