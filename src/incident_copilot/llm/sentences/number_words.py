"""Reads numbers that are written in words, such as "twenty-three", "a quarter" or "three and a half minutes"."""

import re
from collections.abc import Iterator

from incident_copilot.llm.sentences.units import LONG_UNIT, Figure, Kind, unit_of

_SMALL = [
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_LARGE = {"dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
WORDS = {word: float(number) for number, word in enumerate(_SMALL, 2)} | {
    word: 10.0 * number for number, word in enumerate(_TENS, 2)
}
_PARTS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "sixth": 1 / 6, "eighth": 1 / 8} | {
    "tenth": 1 / 10
}
_LARGE_WORD = "|".join(_LARGE)
_WORD = re.compile(
    rf"\b(?P<word>{'|'.join(sorted(WORDS, key=len, reverse=True))}|(?:a )?(?:{_LARGE_WORD})(?!s))"
    rf"(?:-(?P<more>one|{'|'.join(_SMALL[:8])}))?(?:\s(?P<large>{_LARGE_WORD}))?(?P<half> and a half)?"
    rf"\b(?!-[a-z]*[^a-z\s-])(?:[\s-](?P<unit>{LONG_UNIT})\b)?",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"(?<!\band )\b(?P<many>a|one|two|three|four)[ -](?P<part>{'|'.join(_PARTS)})s?\b(?! (?:an?"
    rf"|of an?) (?:{LONG_UNIT})\b)",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"\bhalf (?:of|the|its|all)\b|(?:(?<=\bby )|(?<=\bby nearly )|(?<=\bby almost )|(?<=\bby about ))half\b",
    re.IGNORECASE,
)
_PART_OF_UNIT = re.compile(rf"\b(?:a )?(?P<part>half|quarter)(?: of)? an? (?P<unit>{LONG_UNIT})\b", re.IGNORECASE)
_TIMES_AS = re.compile(r"\b(?P<word>doubl\w+|twice|tripl\w+|quadrupl\w+)\b", re.IGNORECASE)
_FOLD = re.compile(rf"\b(?:a )?(?P<many>{'|'.join(WORDS)}|{_LARGE_WORD}|\d+)[- ]?fold\b", re.IGNORECASE)
_TWICE = re.compile(r"\btwice\b(?! (?:as|the|what|its|that(?! the| a| it| they))\b)", re.IGNORECASE)
_LOOSE = 0.1
"""How far, of its value, what a word such as "a third" or "doubled" tells may be from it."""


def in_words(text: str) -> Iterator[Figure]:
    """Yield the figures of a text that are in words."""
    for match in _PART_OF_UNIT.finditer(text):
        kind, unit = unit_of(match["unit"])
        yield loose(match, kind, _PARTS[match["part"].lower()] * unit)
    rest = _PART_OF_UNIT.sub(_blank, text)
    for match in _PART.finditer(rest):
        many = WORDS.get(match["many"].lower(), 1.0)
        yield loose(match, Kind.SHARE, many * _PARTS[match["part"].lower()])
    rest = _PART.sub(_blank, rest)
    yield from (loose(match, Kind.PLAIN, 2.0) for match in _TWICE.finditer(rest))
    rest = _TWICE.sub(_blank, rest)
    yield from (loose(match, Kind.SHARE, 0.5) for match in _HALF.finditer(rest))
    for match in _TIMES_AS.finditer(rest):
        yield loose(
            match,
            Kind.FACTOR,
            {"t": 3.0, "q": 4.0}.get(match["word"][0].lower(), 2.0) if "twi" not in match["word"].lower() else 2.0,
        )
    yield from (loose(match, Kind.FACTOR, number(match["many"]) or 0.0) for match in _FOLD.finditer(rest))
    yield from (_counted(match) for match in _WORD.finditer(_FOLD.sub(_blank, rest)))


def number(word: str) -> float | None:
    """Return the number that a word or digits stand for; None where it is none."""
    low = word.lower().replace(",", "")
    tens, _, more = low.partition("-")
    if re.fullmatch(r"\d+(?:\.\d+)?", low):
        return float(low)
    if low == "one":
        return 1.0
    if tens in WORDS and more in {"", "one", *_SMALL[:8]}:
        return WORDS[tens] + (number(more) or 0.0 if more else 0.0)
    return _LARGE.get(low)


def loose(match: re.Match[str], kind: Kind, value: float) -> Figure:
    """Return a figure that is told in a word that is seldom meant to the digit."""
    near = value * _LOOSE
    return Figure(match[0], kind, value, value - near, value + near, match.start(), match.end())


def _counted(match: re.Match[str]) -> Figure:
    kind, unit = unit_of(match["unit"] or "")
    value = number(match["word"].lower().removeprefix("a ")) or 0.0
    value += (number(match["more"]) or 0.0) if match["more"] else 0.0
    value = (value * _LARGE[match["large"].lower()] if match["large"] else value) + (0.5 if match["half"] else 0.0)
    step = 0.5 if match["half"] else 1.0
    return Figure(
        match[0], kind, value * unit, (value - step / 2) * unit, (value + step / 2) * unit, match.start(), match.end()
    )


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
