"""Put together what people changed and what was computed anew, line by line, from what both began with."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

Lines = tuple[str, ...]


class Merged(NamedTuple):
    """Both together; where both changed the same lines those of people stay, and `passed_over` are the others."""

    lines: Lines
    passed_over: Lines


class _Change(NamedTuple):
    """Lines `start` up to `end` of the base, and what stands in their place."""

    start: int
    end: int
    lines: Lines


def merge(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Merged:
    """Return `mine` with what only `theirs` changed since `base`."""
    ours, others = _changes(base, mine), _changes(base, theirs)
    merged: list[str] = []
    passed_over: list[str] = []
    place = 0
    while ours or others:
        start = min(changes[0].start for changes in (ours, others) if changes)
        merged += base[place:start]
        end, own, other = _together(ours, others, start)
        if own is None or own == other:
            merged += _applied(base, start, end, other or ())
        elif other is None or (_only_adds(own) and _only_adds(other)):
            merged += _applied(base, start, end, (*own, *(other or ())))
        else:
            merged += _applied(base, start, end, own)
            passed_over += [line for change in other for line in change.lines]
        place = end
    return Merged((*merged, *base[place:]), tuple(passed_over))


def _changes(base: Sequence[str], other: Sequence[str]) -> list[_Change]:
    opcodes = SequenceMatcher(None, base, other, autojunk=False).get_opcodes()
    return [_Change(a, b, tuple(other[c:d])) for tag, a, b, c, d in opcodes if tag != "equal"]


def _together(
    ours: list[_Change], others: list[_Change], start: int
) -> tuple[int, list[_Change] | None, list[_Change] | None]:
    """Take the changes from `start` on that reach into one another; return where they end, and those of each side."""
    end = start
    taken: tuple[list[_Change], list[_Change]] = ([], [])
    is_more = True
    while is_more:
        is_more = False
        for side, changes in zip(taken, (ours, others), strict=True):
            while changes and (changes[0].start < end or changes[0].start == start):
                side.append(changes.pop(0))
                end = max(end, side[-1].end)
                is_more = True
    return end, taken[0] or None, taken[1] or None


def _only_adds(changes: Sequence[_Change]) -> bool:
    return all(change.start == change.end for change in changes)


def _applied(base: Sequence[str], start: int, end: int, changes: Sequence[_Change]) -> list[str]:
    lines: list[str] = []
    for change in changes:
        lines += [*base[start : change.start], *change.lines]
        start = max(start, change.end)
    return [*lines, *base[start:end]]
