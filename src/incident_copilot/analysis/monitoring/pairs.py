"""Pairs of like cases, and whether they were treated alike: across groups, and within one.

Like cases are to be treated alike (Dwork et al. 2012, https://arxiv.org/abs/1104.3913). What is decided by chance is
decided otherwise within a group as well; so that is counted beside it, and only what is more is between the groups.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from incident_copilot.analysis.monitoring.shares import Share
from incident_copilot.analysis.monitoring.tails import Floats

ALIKE = 0.8
"""Near is what shares so many of the words of both."""
_MOST = 300


class Case(NamedTuple):
    """The words of a request, whose it is, and whether the outcome is a good one."""

    words: frozenset[str]
    group: str
    is_good: bool


class Unlike(NamedTuple):
    """How many pairs were decided otherwise, across groups and within one; and which cases have found no like one."""

    across: Share
    within: Share
    waiting: Sequence[Case]


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.lower().split())


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of words that both have; of two without any it is all."""
    return len(one & other) / len(one | other) if one or other else 1.0


def unlike(waiting: Sequence[Case], new: Sequence[Case]) -> Unlike:
    """Return what pairs of new cases, and of new and waiting ones, come to; the nearest are paired first.

    Each case is in one pair at most. Of more than 300 the last count. Within a group only new ones are paired, so that
    none is counted again with the next ones.
    """
    cases = [*waiting, *new][-_MOST:]
    near, groups = _likenesses(cases), np.array([one.group for one in cases])
    is_same = groups[:, None] == groups[None, :]
    across = _paired(np.where(is_same, 0.0, near))
    taken = {place for pair in across for place in pair}
    known = max(0, len(cases) - len(new))
    alone = np.array([place >= known and place not in taken for place in range(len(cases))], dtype=bool)
    within = _paired(np.where(is_same & alone[:, None] & alone[None, :], near, 0.0))
    left = [one for place, one in enumerate(cases) if place not in taken]
    return Unlike(_share(cases, across), _share(cases, within), left)


def _likenesses(cases: Sequence[Case]) -> Floats:
    place = {word: number for number, word in enumerate(sorted({word for one in cases for word in one.words}))}
    said = np.zeros((len(cases), len(place)), dtype=np.float32)
    for row, one in enumerate(cases):
        said[row, [place[word] for word in one.words]] = 1
    shared = said @ said.T
    lengths = said.sum(axis=1)
    return np.asarray(shared / np.maximum(lengths[:, None] + lengths[None, :] - shared, 1), dtype=float)


def _paired(near: Floats) -> list[tuple[int, int]]:
    """Return disjoint pairs that are near enough, the nearest first."""
    rows, columns = np.nonzero(np.triu(near, 1) >= ALIKE)
    order: NDArray[np.intp] = np.argsort(-near[rows, columns], kind="stable")
    taken: set[int] = set()
    found = []
    for one, other in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if one not in taken and other not in taken:
            taken |= {one, other}
            found.append((one, other))
    return found


def _share(cases: Sequence[Case], found: Sequence[tuple[int, int]]) -> Share:
    return Share(sum(cases[one].is_good != cases[other].is_good for one, other in found), len(found))
