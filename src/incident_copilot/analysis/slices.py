"""Which slice of the requests carries a loss: a segment, prompt, language or model version; how much, and how surely.

Each value of each label is held against itself before the onset. What it carries is what its own rise adds to the share
of bad answers of all, so that a mix that shifted carries nothing, and nothing does where all rose alike. A slice whose
rise is gone within the values of another label (Simpson's paradox) is explained by that one. Of all slices at once at
most one in twenty of those named is named by chance (Benjamini and Hochberg).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from incident_copilot.analysis.monitoring.multiplicity import benjamini_hochberg
from incident_copilot.analysis.monitoring.shares import Interval, Share, difference, rise_p

FEWEST = 20
"""Cases since the onset below which nothing is said of a slice."""
LEVEL = 0.05
_MOST_VALUES = 50  # a label with more values, such as a user, is no slice
_ONE_IN_TWENTY = 1.645  # standard errors, one-sided
_STANDS = 0.5  # of a rise that must be left within the values of another label


class Case(NamedTuple):
    """One request: what it can be sliced by, whether its answer was bad, and whether it came since the onset."""

    labels: Mapping[str, str]
    bad: bool
    since: bool


@dataclass(frozen=True)
class Slice:
    """One value of a label; shares are of bad answers. `before` None: it had too few cases then, all stand for it.

    `rise` is the 95 % interval of the difference, `carries` the part of the whole rise (1 is all of it), `p` is
    corrected for all slices that were looked at. `explained_by` names the slice in which the rise really is.
    """

    label: str
    value: str
    before: Share | None
    after: Share
    others: Share
    rise: Interval
    carries: float
    p: float
    explained_by: str = ""

    @property
    def name(self) -> str:
        """The slice as people write it."""
        return f"{self.label}={self.value}"

    @property
    def text(self) -> str:
        """What it says, in one sentence."""
        others = f"; of the others {self.others.rate:.1%}" if self.others.n else ""
        return f"{self.name} carries {self.part:.0%} of the loss: of its answers are bad {self.rates}{others}"

    @property
    def part(self) -> float:
        """What it carries of the whole rise, at most all of it."""
        return max(0.0, min(1.0, self.carries))

    @property
    def rates(self) -> str:
        """Its shares of bad answers, with the interval of their difference."""
        then = f"{self.before.rate:.1%} before, now " if self.before else ""
        low, high = 100 * self.rise.low, 100 * self.rise.high
        return f"{then}{self.after.rate:.1%} of {self.after.n} ({low:.0f} to {high:.0f} points more, 95 %)"


def slices(cases: Sequence[Case]) -> list[Slice]:
    """Return the slices that are worse since the onset than chance has it, the one that carries most first.

    Those that another one explains come last.
    """
    sure = [one for one in compared(cases) if one.p <= LEVEL and one.rise.low > 0]
    worse = [one for one in sure if _is_apart(one, cases)]
    ordered = sorted(worse, key=lambda one: (-one.carries, one.name))
    told = [replace(one, explained_by=_explained_by(one, ordered, cases)) for one in ordered]
    return sorted(told, key=lambda one: bool(one.explained_by))


def compared(cases: Sequence[Case]) -> list[Slice]:
    """Return every slice of which enough is known, whatever it says, those that carry most first."""
    whole = _Counts.of(cases)
    if not whole.now.n or not whole.before.n:
        return []
    found = [_slice(label, value, mine, whole) for (label, value), mine in _by_value(cases).items()]
    if not found:
        return []
    corrected = benjamini_hochberg([one.p for one in found])
    all_of_them = [replace(one, p=float(p)) for one, p in zip(found, corrected, strict=True)]
    return sorted(all_of_them, key=lambda one: (-one.carries, one.name))


class _Counts(NamedTuple):
    before: Share
    now: Share

    @classmethod
    def of(cls, cases: Iterable[Case]) -> "_Counts":
        bad, n = [0, 0], [0, 0]
        for case in cases:
            n[case.since] += 1
            bad[case.since] += case.bad
        return cls(Share(bad[0], n[0]), Share(bad[1], n[1]))


def _by_value(cases: Sequence[Case]) -> dict[tuple[str, str], _Counts]:
    """Return the counts of each value that some cases have and others do not."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for case in cases:
        for pair in case.labels.items():
            row = counts[pair]
            row[case.since] += 1
            row[2 + case.since] += case.bad
    values = Counter(label for label, _ in counts)
    return {
        pair: _Counts(Share(bad_before, before), Share(bad_now, now))
        for pair, (before, now, bad_before, bad_now) in counts.items()
        if values[pair[0]] <= _MOST_VALUES and now >= FEWEST and before + now < len(cases)
    }


def _slice(label: str, value: str, mine: _Counts, whole: _Counts) -> Slice:
    known = mine.before.n >= FEWEST
    then = mine.before if known else whole.before
    weight_now, weight_then = mine.now.n / whole.now.n, mine.before.n / whole.before.n
    weight = (weight_now + weight_then) / 2 if known else weight_now
    total = whole.now.rate - whole.before.rate
    own = weight * (mine.now.rate - then.rate)
    return Slice(
        label=label,
        value=value,
        before=mine.before if known else None,
        after=mine.now,
        others=Share(whole.now.successes - mine.now.successes, whole.now.n - mine.now.n),
        rise=difference(mine.now, then),
        carries=own / total if total > 0 else 0.0,
        p=rise_p(then, mine.now),
    )


def _explained_by(one: Slice, others: Sequence[Slice], cases: Sequence[Case]) -> str:
    """Return the slice of another label within whose values the rise of this one is gone; empty where it stands."""
    crude = _gap(one, cases)
    for other in others:
        if other.label == one.label:
            continue
        within, mirrored = _within(one, other.label, cases), _within(other, one.label, cases)
        is_gone = within is not None and within < _STANDS * crude
        other_stands = mirrored is None or mirrored >= _STANDS * _gap(other, cases)
        if is_gone and other_stands:
            return other.name
    return ""


def _is_apart(one: Slice, cases: Sequence[Case]) -> bool:
    """Whether the slice surely rose by more than the others did: where all became worse alike, none carries it."""
    if _gap(one, cases) <= 0:
        return False
    mine = _Counts.of(case for case in cases if case.labels.get(one.label) == one.value)
    rest = _Counts.of(case for case in cases if case.labels.get(one.label) != one.value)
    gap, told = mine.now.rate - rest.now.rate, [mine.now, rest.now]
    if one.before and rest.before.n:
        gap -= mine.before.rate - rest.before.rate
        told += [mine.before, rest.before]
    return gap > _ONE_IN_TWENTY * math.sqrt(sum(map(_variance, told)))


def _variance(share: Share) -> float:
    """Return the variance of a rate, with a success and a failure more, so that none of few says nothing is sure."""
    rate = (share.successes + 1) / (share.n + 2)
    return rate * (1 - rate) / (share.n + 2)


def _gap(one: Slice, cases: Sequence[Case]) -> float:
    """Return how much more the slice rose than the others did."""
    return _stratified(one, [cases]) or 0.0


def _within(one: Slice, label: str, cases: Sequence[Case]) -> float | None:
    """Return the same within the values of another label; None where the two labels cannot be told apart."""
    strata: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        strata[case.labels.get(label, "")].append(case)
    return _stratified(one, list(strata.values()))


def _stratified(one: Slice, strata: Sequence[Sequence[Case]]) -> float | None:
    """Return the difference of rises, each stratum weighed by what it tells of both sides (Mantel and Haenszel)."""
    total = weights = 0.0
    for cases in strata:
        mine = _Counts.of(case for case in cases if case.labels.get(one.label) == one.value)
        rest = _Counts.of(case for case in cases if case.labels.get(one.label) != one.value)
        if mine.now.n and rest.now.n:
            weight = mine.now.n * rest.now.n / (mine.now.n + rest.now.n)
            then = mine.before.rate - rest.before.rate if mine.before.n and rest.before.n else 0.0
            total += weight * (mine.now.rate - rest.now.rate - then)
            weights += weight
    return total / weights if weights else None
