"""Says whether evidence holds a figure: as it is written, or computed from two figures of one of its lines."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from incident_copilot.llm.sentences.changes import changed
from incident_copilot.llm.sentences.figures import as_meant
from incident_copilot.llm.sentences.number_words import WORDS, number
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems
from incident_copilot.llm.sentences.units import DAY, Figure, Kind

_ONE = rf"\d[\d,]*(?:\.\d+)?|one|{'|'.join(WORDS)}"
_OF = re.compile(
    rf"(?<![\w.])(?P<some>{_ONE})(?:\s[a-z]+){{0,3}}?\s?(?P<how>of|out of|in|/)\s?(?:every |the |its |all )?"
    rf"(?P<all>{_ONE})(?![\w.]\w|\s?(?:min(?:ute)?s?|h|hours?|s|sec(?:ond)?s?|days?|weeks?)\b|-)",
    re.IGNORECASE,
)
_OF_THEM = re.compile(
    rf"(?<![\w.])(?P<all>{_ONE})\s[^;:.]*?(?P<some>{_ONE}) of (?:them|these|those|which)\b", re.IGNORECASE
)
_ENUMERATED = re.compile(r"[\w./:@-]+(?:, (?!and)[\w./:@-]+)*,? and [\w./:@-]+")
_TWO = re.compile(r"\w and \w")
_RANGE = re.compile(r"(?<![\w.])(?P<name>[A-Za-z][\w-]*?[-_ ])(?P<first>\d+) to (?:(?P=name))?(?P<last>\d+)(?![\w.%])")
"""What is numbered from one to another, as in "stor-01 to stor-10" and "chunks 1 to 11"."""
_COUNTED = re.compile(r"\s(?:of (?:all |the |its )?)?(?P<what>[a-z]{3,})\b")
_STATUSES = re.compile(r"([45]\d\d)s")
"""As in "it answers with 503s"."""
_OTHERS = re.compile(r"\b(?:not|cannot|no|none|never|unknown|others?|rest|remaining|left|without)\b", re.IGNORECASE)
_ROUGHLY = 0.08
"""How far "one in six" may be from the share that it tells, of its value."""
_MOST_COUNTED = 12
_A_YEAR = 2026
"""Of dates that tell none."""
# What a metric's name says of values that are written without a unit.
_IN_NAMES = (
    (re.compile(r"_milliseconds|_ms\b", re.IGNORECASE), Kind.SECONDS, 1e-3),
    (re.compile(r"_seconds|\bin seconds\b", re.IGNORECASE), Kind.SECONDS, 1.0),
    (re.compile(r"_bytes|\bin bytes\b", re.IGNORECASE), Kind.BYTES, 1.0),
    (re.compile(r"_ratio\b|\bratio\b|\bshare\b", re.IGNORECASE), Kind.SHARE, 1.0),
    (re.compile(r"_percent\b|\bpercentage\b", re.IGNORECASE), Kind.SHARE, 0.01),
    (re.compile(r"\b(?:per|a) second\b", re.IGNORECASE), Kind.RATE, 1.0),
    (re.compile(r"\b(?:per|a) minute\b", re.IGNORECASE), Kind.RATE, 1 / 60),
)


def held(figure: Figure, clause: Place, seen: Sequence[Place]) -> bool:
    """Whether the evidence holds a figure, as it is written or computed: "3 of 5", "twice", "two fewer", a duration.

    It is computed from lines that have a word of its clause, or from any where none has. A metric's name may say the
    unit of values that are written without one.
    """
    if any(figure.rounds(value) for place in seen for value in stated(figure.kind, place)):
        return True
    if _is_written(figure, seen) or (figure.kind is Kind.SECONDS and any(map(figure.rounds, _durations(seen)))):
        return True
    if figure.kind is Kind.SHARE and _OTHERS.search(clause.text) and any(map(figure.rounds, _rests(seen))):
        return True
    lines = _lines(seen)
    like_it = [line for line in lines if any(clause.shares(place) for place in line)]
    return any(figure.rounds(value) for line in like_it or lines for value in _computed(figure, line))


def _is_written(figure: Figure, seen: Sequence[Place]) -> bool:
    """Whether evidence has these digits with a unit, as in "30 s, usually 45", or as a status, as in "503s"."""
    if (status := _STATUSES.fullmatch(figure.text)) is not None:
        return any(status[1] in place.text for place in seen)
    is_bare = figure.kind is Kind.PLAIN and figure.text[0].isdigit()
    return is_bare and any(figure.text == re.sub(r"\D+$", "", one.text) for place in seen for one in place.figures)


def _rests(seen: Sequence[Place]) -> Iterator[float]:
    """Yield what is left of the whole by each share: of 78% that are known, 22% are not."""
    return (1 - value for place in seen for value in stated(Kind.SHARE, place) if value <= 1)


def stated(kind: Kind, place: Place) -> Iterator[float]:
    """Yield the values of a kind that a place states, with those that have no unit of their own."""
    plain = [one.value for one in place.figures if one.kind is Kind.PLAIN]
    yield from (one.value for one in place.figures if one.kind is kind)
    if kind is Kind.SHARE:
        yield from (value for value in plain if value < 1)
        yield from (some / whole for some, whole in parts(place.times.rest))
    yield from (some for some, _ in _measured(kind, place))
    if kind is Kind.PLAIN:
        yield from (one.value for one in place.figures if one.kind is Kind.SHARE and one.value < 1)
        yield from (one.value for one in place.figures if one.kind is Kind.RATE)
    for name, named, unit in _IN_NAMES:
        if named is kind and name.search(place.text):
            yield from (value * unit for value in plain)


def parts(text: str) -> list[tuple[float, float]]:
    """Return the parts and wholes of a text, such as 3 and 5 of "3 of 5 pods"."""
    told = [*_OF.finditer(text), *_OF_THEM.finditer(text)]
    found = [(number(match["some"]), number(match["all"])) for match in told]
    return [(some, whole) for some, whole in found if some is not None and whole and some <= whole]


def split(place: Place, line: Sequence[Place]) -> Iterator[float]:
    """Yield the share that a place counts of things that its line counts in two parts, as in "3 fail; 5 do not"."""
    for one in place.figures:
        what = counted(one, place)
        others = [other for part in line for other in part.figures if other is not one and what & counted(other, part)]
        yield from (one.value / (one.value + other.value) for other in others if one.kind is other.kind is Kind.PLAIN)


def counted(figure: Figure, place: Place) -> frozenset[str]:
    """Return the word after a figure, as what it counts; none where there is no such word."""
    after = _COUNTED.match(place.times.rest[figure.end :])
    return stems(after["what"]) if after else frozenset()


def _measured(kind: Kind, place: Place) -> Iterator[tuple[float, float]]:
    """Yield parts and wholes whose unit stands after the whole, as in "60.8 of 80 GiB"."""
    for match in _OF.finditer(place.times.rest):
        some, whole = number(match["some"]), number(match["all"])
        for figure in place.figures:
            if figure.at == match.start("all") and figure.kind is kind is not Kind.PLAIN and some and whole:
                yield some * figure.value / whole, figure.value


def shares(text: str) -> Iterator[tuple[Figure, bool]]:
    """Yield what a sentence tells as "four in five" or "3 of 5", as a share, and whether it is no count of things."""
    for match in _OF.finditer(text):
        some, whole = number(match["some"]), number(match["all"])
        if some is not None and whole and some <= whole:
            share, near = some / whole, some / whole * _ROUGHLY
            figure = Figure(match[0], Kind.SHARE, share, share - near, share + near, match.start(), match.end())
            yield as_meant(figure, text), match["how"].lower() == "in"


def _computed(figure: Figure, line: Sequence[Place]) -> Iterator[float]:
    """Yield what can be computed from one line: ratios, differences, the rest of a whole, how many are named."""
    have = [one for place in line for one in place.figures]
    pairs = [(a.value, b.value) for a in have for b in have if a.kind is b.kind and a.value > b.value > 0]
    alike = [(a.value, b.value) for a in have for b in have if a.kind is b.kind is figure.kind and a.value > b.value]
    text = " ".join(place.times.rest for place in line)
    if figure.kind is Kind.FACTOR:
        yield from (more / less for more, less in pairs)
    if figure.changes:
        yield from (more - less for more, less in alike)
        if figure.kind is Kind.SHARE:
            yield from (part for more, less in pairs for part in ((more - less) / more, (more - less) / less))
    if figure.kind is Kind.SHARE and not figure.text[0].isdigit():
        yield from (after.value / before.value for place in line for before, after in changed(place) if before.value)
        yield from (share for place in line for share in split(place, line))
        counts = [(a, b) for a in have for b in have if a.kind is b.kind is Kind.PLAIN and a.value > b.value > 0]
        yield from (
            part
            for more, less in ((a.value, b.value) for a, b in counts)
            for part in (less / more, less / (less + more))
        )
    if figure.kind is Kind.PLAIN:
        yield from (whole - some for some, whole in parts(text))
    yield from (whole - some for place in line for some, whole in _measured(figure.kind, place))
    if figure.kind is Kind.PLAIN and figure.value <= _MOST_COUNTED and not figure.text[0].isdigit():
        systems = len(frozenset().union(*(place.about for place in line)))
        told = (
            systems,
            systems - 1,
            *(len(place.times.dates) for place in line),
            *(len(place.times.moments) for place in line),
        )
        yield from (float(count) for count in told if count > 1)
        yield from (float(len(re.split(r", (?:and )?| and ", match[0]))) for match in _ENUMERATED.finditer(text))
        yield from (2.0 for _ in _TWO.finditer(text))
        yield from (float(int(match["last"]) - int(match["first"]) + 1) for match in _RANGE.finditer(text))


def _durations(seen: Sequence[Place]) -> Iterator[float]:
    clocks = sorted({moment.second for place in seen for moment in place.times.moments})
    yield from (float(later - sooner) for later in clocks for sooner in clocks if later > sooner)
    dates = {told for place in seen for told in place.times.dates if told[2]}
    days = sorted(date(year or _A_YEAR, month, 1).toordinal() + day for year, month, day in dates)
    yield from ((later - sooner) * DAY for later in days for sooner in days if later > sooner)


def _lines(seen: Sequence[Place]) -> list[list[Place]]:
    return [list(line) for _, line in groupby(seen, key=lambda place: place.line)]
