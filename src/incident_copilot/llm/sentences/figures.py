"""Reads figures out of sentences, in digits or words, and how exactly each is meant: "about", "more than", "nearly"."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from incident_copilot.llm.sentences.number_words import in_words
from incident_copilot.llm.sentences.units import HOUR, LONG_UNIT, MINUTE, UNIT, Figure, Kind, unit_of

_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(?<![A-Za-z_][-:/#])"
    r"(?P<number>\d{1,3}(?:[,'\u2009\u202f\u00a0]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
    rf"(?:(?:\s?|-)(?P<unit>(?i:{LONG_UNIT})|{UNIT})(?![A-Za-z0-9_]))?"
    r"(?![A-Za-z0-9_]|\.\d|[:-]\d)"
)
_COMPOUND = re.compile(
    r"(?<![\w.])(?:(?P<h>\d+)\s?h(?:ours?|rs?)?(?:\s|,\s|\sand\s)?)?(?P<m>\d+)\s?m(?:in(?:ute)?s?)?(?:\s|,\s"
    r"|\sand\s)?"
    r"(?:(?P<s>\d+)\s?s(?:ec(?:ond)?s?)?)?(?!\w)",
    re.IGNORECASE,
)
_WITH_DIGITS = re.compile(r"(?<![\w.])[A-Za-z_](?=[\w./:@#-]*\d)\w*(?:[-_./@#]+\w+)*")
"""A name such as gpu-a100-4, whose digits are no figures."""
_HEDGES = (
    # How the figure after these words is meant: how far below it and above it a value may be, of its own size.
    (re.compile(r"\b(?:no|not) (?:more|longer|greater|higher) than (?:the )?$", re.IGNORECASE), 0.5, 0.0),
    (re.compile(r"\b(?:no|not) (?:less|fewer) than (?:the )?$|\bat least (?:the )?$", re.IGNORECASE), 0.0, 0.5),
    (
        re.compile(
            r"\b(?:more than|over|above|exceed\w*|beyond|upwards of|greater than|longer than|higher than) (?:the )?$",
            re.IGNORECASE,
        ),
        0.0,
        0.5,
    ),
    (
        re.compile(
            r"\b(?:less than|fewer than|under|below|at most|up to|within|lower than|shorter than) (?:the )?$",
            re.IGNORECASE,
        ),
        0.5,
        0.0,
    ),
    (re.compile(r"\b(?:nearly|almost|close to|just under) (?:the )?$", re.IGNORECASE), 0.15, 0.0),
    (
        re.compile(r"(?:\b(?:about|around|roughly|approximately|some|circa)\s|[~≈]\s?)(?:the )?$", re.IGNORECASE),
        0.1,
        0.1,
    ),
)
_WAS = re.compile(
    r"(?:\s\([^()]*\))?,\s(?:was|were|usually|normally|promised|planned|allowed|target|limit)\s(?:about )?"
    r"|\s\((?:was|usually)\s",
    re.IGNORECASE,
)
_TO = re.compile(r"\sto\s|\s->\s|\s\u2192\s")
_CHANGES_BEFORE = re.compile(
    r"\bby (?:about |around |roughly |some |nearly |almost |more than |over |another )?$", re.IGNORECASE
)
_CHANGES_AFTER = re.compile(
    r"^(?:\s\w+)?\s(?:fewer|more|less|lower|higher|longer|shorter|slower|faster)\b(?! than \d)|^\s?points?\b",
    re.IGNORECASE,
)
_COUNTED_TIMES = re.compile(
    r"^(?! (?:as|more|higher|lower|larger|slower|faster|longer|later|quicker|shorter|smaller|worse|over|above|the"
    r"|what|its|their|that|a|an|normal|usual|less|fewer"
    r"|greater|bigger)\b)",
    re.IGNORECASE,
)


def figures(text: str) -> list[Figure]:
    """Return the figures of a text in their order; clock times and dates are to be taken out before.

    "1,900 per minute, was 240" and "from 20 to 97%" tell the unit of both once.
    """
    rest = _WITH_DIGITS.sub(_blank, text)
    found = [_compound(match) for match in _compounds(rest)]
    rest = _COMPOUND.sub(lambda match: _blank(match) if match["h"] or match["s"] else match[0], rest)
    found += [_number(match) for match in _NUMBER.finditer(rest)]
    found += in_words(rest)
    told = sorted((as_meant(one, text) for one in found), key=lambda one: one.at)
    for n, (first, second) in enumerate(pairwise(told)):
        between = text[first.end : second.at]
        if second.kind is Kind.PLAIN and _WAS.fullmatch(between):
            told[n + 1] = _in_unit_of(second, first)
        elif first.kind is Kind.PLAIN and _TO.fullmatch(between):
            told[n] = _in_unit_of(first, second)
    return told


def without_figures(text: str) -> str:
    """Return a text without its figures in digits and their units, which are no names."""
    named = [match.span() for match in _WITH_DIGITS.finditer(text)]

    def figure(match: re.Match[str]) -> str:
        return match[0] if any(start <= match.start() < end for start, end in named) else " "

    rest = _COMPOUND.sub(lambda match: _blank(match) if match["h"] or match["s"] else match[0], text)
    return _NUMBER.sub(figure, rest)


def _in_unit_of(figure: Figure, other: Figure) -> Figure:
    """Return a figure that has no unit in that of another; as it is where the other is in words."""
    digits = re.match(r"[\d.]+", other.text.replace(",", ""))
    if not digits or not float(digits[0]) or not re.fullmatch(r"[\d.,]+", figure.text):
        return figure
    unit = other.value / float(digits[0])
    return replace(figure, kind=other.kind, value=figure.value * unit, low=figure.low * unit, high=figure.high * unit)


def _compounds(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _COMPOUND.finditer(text) if match["h"] or match["s"])


def _number(match: re.Match[str]) -> Figure:
    digits = re.sub(r"[^\d.eE+-]", "", match["number"])
    unit = match["unit"] or ""
    kind, factor = unit_of(unit)
    decimals = len(digits.lower().partition("e")[0].partition(".")[2])
    exponent = int(digits.lower().partition("e")[2] or 0)
    value, half = float(digits), 10.0 ** (exponent - decimals) / 2
    is_decimal = kind is Kind.BYTES and unit in {"kB", "KB", "MB", "GB", "TB"}
    power = "kMGT".index(unit[0].replace("K", "k")) + 1 if is_decimal else 0
    other = value * 1024.0**power if is_decimal else None
    low, high = (value - half) * factor, (value + half) * factor
    return Figure(match[0].strip(), kind, value * factor, low, high, match.start(), match.end(), other)


def _compound(match: re.Match[str]) -> Figure:
    hours, minutes, seconds = (int(match[part] or 0) for part in "hms")
    value = hours * HOUR + minutes * MINUTE + seconds
    half = 0.5 if match["s"] else MINUTE / 2
    return Figure(match[0].strip(), Kind.SECONDS, value, value - half, value + half, match.start(), match.end())


def as_meant(figure: Figure, text: str) -> Figure:
    """Return a figure with what the words around it say of it."""
    before, after = text[max(0, figure.at - 24) : figure.at], text[figure.end : figure.end + 24]
    changes = bool(_CHANGES_BEFORE.search(before) or _CHANGES_AFTER.search(after)) or "point" in figure.text
    is_count = figure.kind is Kind.FACTOR and figure.text.endswith("times") and bool(_COUNTED_TIMES.search(after))
    figure = replace(figure, kind=Kind.PLAIN if is_count else figure.kind, changes=changes)
    for words, below, above in _HEDGES:
        if words.search(before):
            low, high = figure.value * (1 - below), figure.value * (1 + above) if above else figure.high
            if below and above:
                low, high = min(low, figure.low), max(high, figure.high)
            return replace(figure, low=low, high=high)
    return figure


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
