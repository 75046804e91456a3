"""Computes what a sentence says is more or less than something else, where the evidence has a figure for both."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from incident_copilot.llm.names import Known, names
from incident_copilot.llm.sentences.figures import figures
from incident_copilot.llm.sentences.number_words import WORDS
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems
from incident_copilot.llm.sentences.units import Figure, Kind

_MORE = (
    "more|higher|larger|greater|slower|longer|bigger|fuller|busier|hotter|later|heavier|oftener|further"
    "|most|highest|largest|greatest|slowest|longest|biggest|fullest|busiest"
)
_LESS = (
    "less|fewer|lower|smaller|shorter|faster|quicker|emptier|cooler|lighter"
    "|least|fewest|lowest|smallest|shortest|fastest|quickest"
)
_HIT = r"worse(?: off)?|(?:hit|affected) (?:harder|more)|(?:harder|more) (?:hit|affected)|(?:a )?(?:bigger|harder) hit"
_HIT_MOST = r"(?:hit|affected) (?:hardest|most|worst)|(?:hardest|most|worst) (?:hit|affected)|worst off"
_OTHER = r"(?:[^.;,]|\.(?=\d))*"
_NUMBER = (
    r"(?:a |an |about |around )*(?:\d[\d,]*(?:\.\d+)?(?![.\w-])|half|third|quarter|fifth|tenth|twice"
    rf"|{'|'.join(WORDS)})\b"
)
_THAN = re.compile(
    rf"\b(?P<how>{_HIT}|{_MORE}|{_LESS})\b(?P<what>(?:[^.;]|\.(?=\d))*?)\bthan\b(?! {_NUMBER})(?P<other>{_OTHER})",
    re.IGNORECASE,
)
_AS_MUCH = re.compile(
    r"(?<!times )(?<!twice )\b(?:just |exactly |about |equally )?as (?:often|much|many|high|large|slow|fast|long"
    rf"|bad|busy|full|frequent\w*)(?P<what>(?:[^.;]|\.(?=\d))*?)\bas\b(?P<other>{_OTHER})",
    re.IGNORECASE,
)
_EXCEEDS = re.compile(
    rf"\b(?:exceeds?|is above|are above|surpass\w*|outnumber\w*)\b(?P<what>)(?P<other>{_OTHER})", re.IGNORECASE
)
_MOST = re.compile(
    rf"\b(?:(?P<hit>{_HIT_MOST})|the (?P<how>{_MORE}|{_LESS}))\b(?! (?:part|half|portion)\b)(?P<what>[^.;,]*)",
    re.IGNORECASE,
)
_OF_SPEED = ("slower", "faster", "quicker", "slowest", "fastest", "quickest")
_NONE = re.compile(r"\b(?:none|zero|(?:not|un)[ -]?affected)\b", re.IGNORECASE)
_WITH = re.compile(r"\bwith(?:out)?\b", re.IGNORECASE)
_LABELLED = re.compile(
    r"\b(?:zone|region|shard|partition|group|rack|step|phase|version|tier) [a-z0-9]{1,2}\b", re.IGNORECASE
)
_CAPITAL = re.compile(r"\W*([A-Z]\w+)")
_FORMER = re.compile(r"\s*(?:was|were|usually|normally|before)\b", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(\D{0,12}(?=\d)")
_WELCOME = re.compile(
    r"\b(?:deliver\w*|approv\w*|success\w*|succe\w+|hit (?:rate|ratio)|\w+-free|availab\w+|ready|accept\w*|match\w*"
    r"|conversion|revenue|throughput|free)\b",
    re.IGNORECASE,
)
"""What there should be more of; of all else that incidents are told in there should be less."""
_OTHERWISE = "its evidence compares them otherwise"
_ALIKE = 0.1
"""How far two values that are called the same may be apart, of the larger."""


@dataclass(frozen=True)
class Part:
    """What a line has of one thing: the words, the figure, and what it was before where that is told."""

    text: str
    line: str
    now: Figure
    former: Figure | None = None

    @property
    def harm(self) -> float:
        """How hard it is hit: by how many times it changed, or else its value, or its lack of what is welcome."""
        if self.former is not None and self.former.value and self.now.value:
            return max(self.now.value / self.former.value, self.former.value / self.now.value)
        return -self.now.value if _WELCOME.search(self.line) else self.now.value


def misjudged(sentence: str, seen: Sequence[Place], known: Known) -> str | None:
    """Return why a comparison is not what the figures of both sides say; None where it is, or they are not known."""
    for pattern in (_THAN, _AS_MUCH, _EXCEEDS):
        for match in pattern.finditer(sentence):
            how = match.groupdict().get("how") or ("as" if pattern is _AS_MUCH else "more")
            left, right = sentence[: match.start()] + match["what"], match["other"]
            if not _is_so(how.lower(), list(_pairs(left, right, _about(match["what"], seen), known))):
                return _OTHERWISE
    for match in _MOST.finditer(sentence):
        how, left = (match["how"] or "worse").lower(), sentence[: match.start()]
        if not _is_so_of_all(how, left, _about(match["what"], seen), known):
            return _OTHERWISE
    return None


def _about(what: str, seen: Sequence[Place]) -> list[Place]:
    """Return the places in lines that have a word for what is compared; all where none has."""
    asked = stems(what)
    return [place for place in seen if asked & stems(place.line)] or list(seen)


def _is_so(how: str, told: Sequence[tuple[Part, Part]]) -> bool:
    """Whether one of these pairs is as it is said; a rate that is faster is higher, a time is shorter."""
    if not told:
        return True
    values = [(a.now.value, b.now.value, a.now.kind) for a, b in told]
    if how == "as":
        return any(abs(a - b) <= _ALIKE * max(a, b) for a, b, _ in values)
    if re.fullmatch(_HIT, how):
        return any(a.harm > b.harm for a, b in told if (a.former is None) == (b.former is None))
    more = how in _MORE.split("|")
    return any((a > b) == (more != (how in _OF_SPEED and kind is not Kind.SECONDS)) and a != b for a, b, kind in values)


def _is_so_of_all(how: str, left: str, seen: Sequence[Place], known: Known) -> bool:
    """Whether a thing that is named has more, or less, than each of the others in one of the lines that have it."""
    [called] = _named((left,), known)
    told = [part for place in seen for part in _parts(place)]
    lines = [
        (
            one,
            [other for other in told if other.line == one.line and other is not one and _is_alike(one.now, other.now)],
        )
        for one in told
        if any(_has(one.text, name) for name in called)
    ]
    compared = [(one, others) for one, others in lines if others]
    return not compared or any(all(_is_so(how, [(one, other)]) for other in others) for one, others in compared)


def _pairs(left: str, right: str, seen: Sequence[Place], known: Known) -> Iterator[tuple[Part, Part]]:
    """Yield what a line has of one side and of the other, in figures of one kind."""
    sides = _called(left, right, known)
    told = [part for place in seen for part in _parts(place)]
    for one in told:
        for other in told:
            is_pair = one.line == other.line and one.text != other.text and _is_alike(one.now, other.now)
            if is_pair and any(_names(one.text, ones) and _names(other.text, others) for ones, others in sides):
                yield one, other


def _is_alike(one: Figure, other: Figure) -> bool:
    return one.kind is other.kind or "none" in {one.text, other.text}


def _called(left: str, right: str, known: Known) -> list[tuple[set[str], set[str]]]:
    """Return what either side is called that the other is not: names, or "with" and "without", or its words."""
    ones, others = _named((left, right), known)
    if ones - others and others - ones:
        return [(ones - others, others - ones)]
    return [(set(stems(left) - stems(right)), set(stems(right) - stems(left)))] if not (ones and others) else []


def _named(sides: Sequence[str], known: Known) -> list[set[str]]:
    """Return the names of each side, its labels and its "with", and a capital that may be that of the sentence."""
    named = []
    for side in sides:
        called = {name.casefold() for name in names(side, known.all)}
        called.update(match[0].lower() for pattern in (_WITH, _LABELLED) for match in pattern.finditer(side))
        if not called and (begins := _CAPITAL.match(side)):
            called.add(begins[1].casefold())
        named.append(called)
    return named


def _parts(place: Place) -> Iterator[Part]:
    """Yield the parts of a place that commas make, with their figure, that of before, and none for "none"."""
    parts = re.split(r",\s", place.times.rest)
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        if _FORMER.match(part):
            continue
        found = figures(part)
        former = figures(following) if _FORMER.match(following) else found[1:] if _IN_BRACKETS.search(part) else []
        if found:
            yield Part(part.casefold(), place.line, found[0], former[0] if former else None)
        elif _NONE.search(part):
            yield Part(part.casefold(), place.line, Figure("none", Kind.PLAIN, 0.0, 0.0, 0.0))


def _names(part: str, called: set[str]) -> bool:
    """Whether a part of a place has a name, or a word of the same stem."""
    return any(_has(part, name) for name in called) or bool(stems(part) & called)


def _has(part: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", part) is not None
