"""Computes what a sentence says of before and after, where the evidence has a clock time for both sides."""

import re
from collections.abc import Sequence

from incident_copilot.llm import clock_times
from incident_copilot.llm.direction import DIRECTIONS
from incident_copilot.llm.figures import figures
from incident_copilot.llm.names import Known
from incident_copilot.llm.places import Place, claimed
from incident_copilot.llm.stems import stems
from incident_copilot.llm.units import DAY, Figure, Kind

_LATER = re.compile(
    r"\b(?:(?:only |shortly |soon |right |just )?after|following|follow(?:s|ed)(?: by)?|once|in the wake of|later than)\b",
    re.IGNORECASE,
)
_SOONER = re.compile(
    r"\b(?:(?:shortly |just |right )?before|ahead of|prior to|preced(?:es|ed|ing)|(?:earlier|sooner) than)\b",
    re.IGNORECASE,
)
_NO_EVENT = re.compile(r"^\s*(?:(?:that|it|then|this|usual|as|too|now|which)\b|\W*$)", re.IGNORECASE)
_LAST = re.compile(r"\b(?:last|latest|second|again|end(?:s|ed)?|finish\w*|until|stop\w*)\b", re.IGNORECASE)
_LEAST_SHARED = 0.5
"""Of the words of one side, for a place to be the one that it speaks of."""
_WRONG = "its evidence has them in another order"


def misplaced(sentence: str, seen: Sequence[Place], known: Known) -> str | None:
    """Return why the order or distance of two events is not that of their clock times; None where it is or may be."""
    for word, sign in ((_LATER, 1), (_SOONER, -1)):
        if (match := word.search(sentence)) is None:
            continue
        one, other, distance = _sides(sentence, match)
        sign = -sign if match[0].lower().endswith("followed by") else sign
        apart = [
            sign * (first - second)
            for first in _moments(one, seen, known)
            for second in _moments(other, seen, known)
            if abs(first - second) < DAY / 2
        ]
        if apart and max(apart) < 0:
            return _WRONG
        if distance and apart and not any(distance.rounds(seconds) for seconds in apart):
            return f"figure {distance.text} is not the time between them in its evidence"
    return None


def _sides(sentence: str, match: re.Match[str]) -> tuple[str, str, Figure | None]:
    """Return what is said to be later or sooner, than what, and by how much: "After X, Y" has Y first."""
    before, after = sentence[: match.start()], sentence[match.end() :]
    told = [one for one in figures(clock_times.times(before).rest) if one.kind is Kind.SECONDS]
    distance = told[-1] if told and before.rstrip().endswith(told[-1].text) else None
    if not stems(before) and "," in after:
        before, after = after.partition(",")[::-2]
    return before, after, distance


def _moments(side: str, seen: Sequence[Place], known: Known) -> list[int]:
    """Return when that may have been of which a side speaks: its own time, or those of the places most alike."""
    clauses = [] if _NO_EVENT.match(side) else claimed(side, known)
    if not clauses or seen and any(place.times.dates for place in seen if place.times.moments):
        return []
    [*_, event] = clauses
    if event.times.moments:
        return [event.times.moments[-1].second]
    last = bool(_LAST.search(side))
    return [place.times.moments[-1 if last else 0].second for place in _nearest(event, seen)]


def _nearest(event: Place, seen: Sequence[Place]) -> list[Place]:
    asked = (event.stems - DIRECTIONS) | event.names
    timed = [place for place in seen if place.times.moments and place.may_be_about(event)]
    shared = [len(asked & (place.stems | place.names)) / len(asked or "-") for place in timed]
    best = max(shared, default=0.0)
    return [place for place, share in zip(timed, shared, strict=True) if share == best >= _LEAST_SHARED]
