"""Computes what a sentence says is more or less than something else, where the evidence has a figure for both."""

import re
from collections.abc import Iterator, Sequence

from incident_copilot.llm.names import Known, names
from incident_copilot.llm.sentences.figures import figures
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems
from incident_copilot.llm.sentences.units import Figure, Kind

_MORE = "more|higher|larger|greater|slower|longer|bigger|harder|worse|fuller|busier|hotter|later|heavier|oftener"
_LESS = "less|fewer|lower|smaller|shorter|faster|quicker|emptier|cooler|lighter"
_THAN = re.compile(
    rf"\b(?P<how>{_MORE}|{_LESS})\b(?P<what>(?:[^.;]|\.(?=\d))*?)\bthan\b(?P<other>(?:[^.;,]|\.(?=\d))*)", re.IGNORECASE
)
_AS_MUCH = re.compile(
    r"(?<!times )(?<!twice )\b(?:just |exactly |about |equally )?as (?:often|much|many|high|large|slow|fast|long"
    r"|bad|busy|full|frequent\w*)"
    r"(?P<what>(?:[^.;]|\.(?=\d))*?)\bas\b(?P<other>(?:[^.;,]|\.(?=\d))*)",
    re.IGNORECASE,
)
_EXCEEDS = re.compile(
    r"\b(?:exceeds?|is above|are above|surpass\w*|outnumber\w*)\b(?P<what>)(?P<other>(?:[^.;,]|\.(?=\d))*)",
    re.IGNORECASE,
)
_OF_SPEED = ("slower", "faster", "quicker")
_NONE = re.compile(r"\b(?:none|zero)\b", re.IGNORECASE)
_WITH = re.compile(r"\bwith(?:out)?\b", re.IGNORECASE)
_LABELLED = re.compile(
    r"\b(?:zone|region|shard|partition|group|rack|step|phase|version|tier) [a-z0-9]{1,2}\b", re.IGNORECASE
)
_CAPITAL = re.compile(r"\W*([A-Z]\w+)")
_FORMER = re.compile(r"\s*(?:was|were|usually|normally|before)\b", re.IGNORECASE)
_ALIKE = 0.1
"""How far two values that are called the same may be apart, of the larger."""


def misjudged(sentence: str, seen: Sequence[Place], known: Known) -> str | None:
    """Return why a comparison is not what the figures of both sides say; None where it is, or they are not known."""
    for pattern in (_THAN, _AS_MUCH, _EXCEEDS):
        for match in pattern.finditer(sentence):
            how = match.groupdict().get("how") or ("as" if pattern is _AS_MUCH else "more")
            left, right = sentence[: match.start()] + match["what"], match["other"]
            if not _is_so(how.lower(), list(_pairs(left, right, _about(match["what"], seen), known))):
                return "its evidence compares them otherwise"
    return None


def _about(what: str, seen: Sequence[Place]) -> list[Place]:
    """Return the places in lines that have a word for what is compared; all where none has."""
    asked = stems(what)
    return [place for place in seen if asked & stems(place.line)] or list(seen)


def _is_so(how: str, told: Sequence[tuple[Figure, Figure]]) -> bool:
    """Whether one of these pairs of figures is as it is said; a rate that is faster is higher, a time is shorter."""
    if not told:
        return True
    if how == "as":
        return any(abs(a.value - b.value) <= _ALIKE * max(a.value, b.value) for a, b in told)
    more = how in _MORE.split("|")
    return any(
        (a.value > b.value) == (more != (how in _OF_SPEED and a.kind is not Kind.SECONDS)) and a.value != b.value
        for a, b in told
    )


def _pairs(left: str, right: str, seen: Sequence[Place], known: Known) -> Iterator[tuple[Figure, Figure]]:
    """Yield the figures of one kind that a line has for one side and for the other."""
    sides = _called(left, right, known)
    told = [(place.line, part.casefold(), value) for place in seen for part, value in _parts(place)]
    for line, part, one in told:
        for other_line, other_part, other in told:
            is_pair = line == other_line and part != other_part and one.kind is other.kind
            if is_pair and any(_names(part, ones) and _names(other_part, others) for ones, others in sides):
                yield one, other


def _called(left: str, right: str, known: Known) -> list[tuple[set[str], set[str]]]:
    """Return what either side is called that the other is not: names, or "with" and "without", or its words."""
    ones, others = ({name.casefold() for name in names(side, known.all)} for side in (left, right))
    for side, called in ((left, ones), (right, others)):
        called.update(match[0].lower() for pattern in (_WITH, _LABELLED) for match in pattern.finditer(side))
    if others and not ones and (begins := _CAPITAL.match(left)):  # a capital that may be that of the sentence
        ones.add(begins[1].casefold())
    if ones - others and others - ones:
        return [(ones - others, others - ones)]
    return [(set(stems(left) - stems(right)), set(stems(right) - stems(left)))] if not ones | others else []


def _parts(place: Place) -> Iterator[tuple[str, Figure]]:
    """Yield the parts of a place that commas make, with their first figure, and none for "none"."""
    for part in re.split(r",\s", place.times.rest):
        if _FORMER.match(part):
            continue
        found = figures(part)
        if found:
            yield part, found[0]
        elif _NONE.search(part):
            yield part, Figure("none", Kind.PLAIN, 0.0, 0.0, 0.0)


def _names(part: str, called: set[str]) -> bool:
    """Whether a part of a place has a name, or a word of the same stem."""
    return any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", part) for name in called) or bool(
        stems(part) & called
    )
