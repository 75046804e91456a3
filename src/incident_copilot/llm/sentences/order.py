"""Computes what a sentence says of before and after, where the evidence has a clock time for both sides."""

import re
from collections.abc import Sequence

from incident_copilot.llm.names import Known
from incident_copilot.llm.sentences.clock_times import Moment
from incident_copilot.llm.sentences.direction import DIRECTIONS
from incident_copilot.llm.sentences.places import Place, claimed
from incident_copilot.llm.sentences.stems import stems
from incident_copilot.llm.sentences.units import DAY

_LATER = re.compile(
    r"\b(?:(?:only |shortly |soon |right |just )?after|following|follow(?:s|ed)(?: by)?|once|in the wake of"
    r"|(?<!times )later than)\b",
    re.IGNORECASE,
)
_SOONER = re.compile(
    r"\b(?:(?:shortly |just |right )?(?<!as )(?<!than )before|ahead of"
    r"|prior to|preced(?:es|ed|ing)|(?:earlier|sooner) than)\b",
    re.IGNORECASE,
)
_NO_EVENT = re.compile(
    r"^\s*(?:(?:usual|planned|expected|intended|its target|as|too|now|which)\b|(?:that|it|then|this)?\W*$)",
    re.IGNORECASE,
)
_LAST = re.compile(r"\b(?:last|latest|second|again|end(?:s|ed)?|finish\w*|until|stop\w*)\b", re.IGNORECASE)
_MOST_WORDS = 8
"""Of what stands between "After" and the comma; more, and it tells more than one event."""
_LEAST_SHARED = 0.5
"""Of the words of one side, for a place to be the one that it speaks of."""


def misplaced(sentence: str, seen: Sequence[Place], known: Known) -> str | None:
    """Return why the order of two events is not that of their clock times; None where it is, or may be."""
    for word, sign in ((_LATER, 1), (_SOONER, -1)):
        if (match := word.search(sentence)) is None:
            continue
        way = -sign if match[0].lower().endswith("followed by") else sign
        one, other = _sides(sentence, match)
        pairs = [(a, b) for a in _moments(one, seen, known) for b in _moments(other, seen, known)]
        if pairs and all(_is_later(*((b, a) if way > 0 else (a, b))) for a, b in pairs):
            return "its evidence has them in another order"
    return None


def _is_later(one: Moment, other: Moment) -> bool:
    """Whether one is surely after the other on a day; 10:47 may be any second of that minute."""
    latest = other.second + (0 if other.to_the_second else 59)
    return latest < one.second < latest + DAY / 2


def _sides(sentence: str, match: re.Match[str]) -> tuple[str, str]:
    """Return what is said to be later or sooner, and than what: "After X, Y" has Y first."""
    before, after = sentence[: match.start()], sentence[match.end() :]
    if stems(before) or "," not in after:
        return before, after
    other, _, one = after.partition(",")
    return (one, other) if len(other.split()) <= _MOST_WORDS else ("", "")


def _moments(side: str, seen: Sequence[Place], known: Known) -> list[Moment]:
    """Return when that may have been of which a side speaks: its own time, or those of the places most alike."""
    clauses = [] if _NO_EVENT.match(side) else claimed(side, known)
    if not clauses or any(place.times.dates and place.times.moments for place in seen):
        return []
    event = clauses[-1]
    if event.times.moments:
        return [event.times.moments[-1]]
    last = -1 if _LAST.search(side) else 0
    return [place.times.moments[last] for place in _nearest(event, seen)]


def _nearest(event: Place, seen: Sequence[Place]) -> list[Place]:
    asked = (event.stems - DIRECTIONS) | event.names
    timed = [place for place in seen if place.times.moments and place.may_be_about(event)]
    shared = [len(asked & (place.stems | place.names)) / len(asked or "-") for place in timed]
    best = max(shared, default=0.0)
    return [place for place, share in zip(timed, shared, strict=True) if share == best >= _LEAST_SHARED]
