"""What another `for:` or another limit would have changed, on the incidents that an alert opened so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FEWEST = 5
"""From how many incidents on anything is proposed; fewer are fitted by any number."""
LONGER_S = (120.0, 300.0, 600.0, 900.0, 1_800.0)
"""Additions to `for:` that are tried; the shortest that saves most is proposed."""
LEAST_SAVED = 0.5
"""Which share of the pages with nothing to do must be saved for a change to be worth it."""


@dataclass(frozen=True)
class Episode:
    """One incident that an alert opened: how long it fired, its metric's worst value, whether anything was to do."""

    is_real: bool
    lasted_s: float | None = None
    worst: float | None = None


@dataclass(frozen=True)
class Tuned:
    """A change and what it would have come to: pages saved of those with nothing to do, real ones missed."""

    value: float
    saved: int
    idle: int
    missed: int
    real: int


def longer(episodes: Sequence[Episode]) -> Tuned | None:
    """Return the addition to `for:` that saves most without a real one missed; None where none is worth it.

    What fired for less than the addition would not have fired at all; all others would have fired that much later.
    """
    known = [one for one in episodes if one.lasted_s is not None]
    tried = [_tuned(addition, known, [(one.lasted_s or 0.0) < addition for one in known]) for addition in LONGER_S]
    return _best(tried, known)


def higher(episodes: Sequence[Episode], limit: float) -> Tuned | None:
    """Return the limit, beyond this one, that saves most without a real one missed; None where none is worth it.

    It is put halfway between the worst of those it saves and the mildest of those it keeps.
    """
    known = [one for one in episodes if one.worst is not None and one.worst != limit]
    if not known:
        return None
    sign = 1.0 if sum((one.worst or 0.0) > limit for one in known) * 2 >= len(known) else -1.0
    beyond = sorted({sign * (one.worst or 0.0) for one in known})
    halfway = [(low + high) / 2 for low, high in pairwise(beyond)]
    tried = [
        _tuned(sign * value, known, [sign * (one.worst or 0.0) < value for one in known])
        for value in halfway
        if value > sign * limit
    ]
    return _best(tried, known)


def _tuned(value: float, known: Sequence[Episode], silent: Sequence[bool]) -> Tuned:
    pairs = list(zip(known, silent, strict=True))
    return Tuned(
        value=value,
        saved=sum(is_silent and not one.is_real for one, is_silent in pairs),
        idle=sum(not one.is_real for one in known),
        missed=sum(is_silent and one.is_real for one, is_silent in pairs),
        real=sum(one.is_real for one in known),
    )


def _best(tried: Sequence[Tuned], known: Sequence[Episode]) -> Tuned | None:
    worth = [one for one in tried if not one.missed and one.idle and one.saved >= LEAST_SAVED * one.idle]
    return max(worth, key=lambda one: one.saved, default=None) if len(known) >= FEWEST else None
