"""How far an adviser is trusted, by what came of its suggestions: a beta posterior in which old ones fade."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from incident_copilot.analysis.beta import chance_below, interval
from incident_copilot.domain.advice import Came, Trial

USUAL, WEIGHT = 0.6, 4.0
"""What is assumed of an adviser that nothing is known of, and as how many suggestions that counts."""
HALF_LIFE_DAYS = 90.0
"""After so long a suggestion counts half: systems and runbooks change."""
WORTH = {Came.WORKED: 1.0, Came.TAKEN: 0.75, Came.EDITED: 0.5, Came.REJECTED: 0.0, Came.DID_NOT: 0.0}
"""Who takes a step believes in it; that it helped is known only where it was measured."""
ENOUGH = 3
"""From how many suggestions on they move anything."""
ENOUGH_TO_DEMOTE, POOR, SURE = 5, 0.5, 0.9
"""An adviser is demoted when, after so many, its true share is below POOR with a probability of SURE."""
LOWEST, HIGHEST = 0.5, 1.3
"""How far a factor goes: what is seen in this incident counts for more than what was seen in others."""
NAMED_FIRST = (Came.WORKED, Came.TAKEN, Came.EDITED, Came.REJECTED, Came.DID_NOT)


@dataclass(frozen=True)
class Trust:
    """What is known of an adviser: `mean` is the share of its suggestions that help, between `low` and `high`."""

    counts: Mapping[Came, int]
    mean: float = USUAL
    low: float = 0.0
    high: float = 1.0
    is_demoted: bool = False

    @property
    def number(self) -> int:
        """How many suggestions it rests on."""
        return sum(self.counts.values())

    @property
    def factor(self) -> float:
        """By how much the adviser's suggestions count more or less than those of an unknown one."""
        return 1.0 if self.number < ENOUGH else round(min(HIGHEST, max(LOWEST, self.mean / USUAL)), 3)

    @property
    def record(self) -> str:
        """The counts in words, as in "worked 5 of 6 times, rejected 1"; empty where there are none."""
        return _record(self.counts, self.number) if self.number else ""

    @property
    def why(self) -> str:
        """What it does to the order, and why; empty while there is too little to tell."""
        if self.number < ENOUGH:
            return ""
        return f"{self.record}: {_effect(self)}"

    @property
    def estimate(self) -> str:
        """The estimate with its doubt, in words."""
        return f"helps in {self.mean:.0%}, likely between {self.low:.0%} and {self.high:.0%}"


UNKNOWN = Trust(counts={})


def trust(trials: Sequence[Trial], now: datetime) -> Trust:
    """Return how far an adviser is trusted after these suggestions."""
    if not trials:
        return UNKNOWN
    weights = [0.5 ** (max(0.0, (now - one.at).total_seconds()) / 86_400 / HALF_LIFE_DAYS) for one in trials]
    good = USUAL * WEIGHT + sum(weight * WORTH[one.came] for weight, one in zip(weights, trials, strict=True))
    bad = (1 - USUAL) * WEIGHT + sum(
        weight * (1 - WORTH[one.came]) for weight, one in zip(weights, trials, strict=True)
    )
    low, high = interval(good, bad)
    is_poor = len(trials) >= ENOUGH_TO_DEMOTE and chance_below(POOR, good, bad) >= SURE
    return Trust(
        counts=Counter(one.came for one in trials),
        mean=round(good / (good + bad), 3),
        low=low,
        high=high,
        is_demoted=is_poor,
    )


def _record(counts: Mapping[Came, int], number: int) -> str:
    measured = counts.get(Came.WORKED, 0) + counts.get(Came.DID_NOT, 0)
    if measured == 0:
        first, *others = [(came, counts[came]) for came in NAMED_FIRST if counts.get(came)]
        times = "time" if number == 1 else "times"
        return ", ".join([f"{first[0]} {first[1]} of {number} {times}", *(f"{came} {n}" for came, n in others)])
    return ", ".join(_measured(counts, number, measured))


def _measured(counts: Mapping[Came, int], number: int, measured: int) -> Iterator[str]:
    yield f"worked {counts.get(Came.WORKED, 0)} of {measured} {'time' if measured == 1 else 'times'}"
    if number > measured:
        others = (Came.TAKEN, Came.EDITED, Came.REJECTED)
        yield from (f"{came} {counts[came]}" for came in others if counts.get(came))


def _effect(known: Trust) -> str:
    if known.is_demoted:
        return "it comes last until it does better"
    if known.factor > 1:
        return "it counts more than what is new"
    return "it counts less than what is new" if known.factor < 1 else "it counts as much as what is new"
