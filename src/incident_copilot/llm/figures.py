"""Reads figures, clock times and dates out of sentences, and says whether a figure is one that evidence holds.

Tolerant of what people do to figures: rounding, thousands separators, percent or ratio, ms or s, k or M, MB or MiB.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a figure is a figure of; a PLAIN one has no unit."""

    PLAIN = "plain"
    SHARE = "share"
    SECONDS = "seconds"
    BYTES = "bytes"
    RATE = "rate"
    FACTOR = "factor"


@dataclass(frozen=True)
class Figure:
    """A number in the base unit of its kind; `step` is one of its last digit. `other` is its value if MB means MiB."""

    text: str
    kind: Kind
    value: float
    step: float
    other: float | None = None

    def rounds(self, value: float) -> bool:
        """Whether `value`, rounded as this figure is written, is this figure."""
        near = self.step / 2 + 1e-9 * abs(self.value)
        return abs(abs(value) - self.value) <= near or (
            self.other is not None and abs(abs(value) - self.other) <= near * self.other / max(self.value, 1e-12)
        )


_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_UNITS: dict[str, tuple[Kind, float]] = {
    **dict.fromkeys(("%", "percent", "per cent", "pp", "percentage points", "percentage point"), (Kind.SHARE, 0.01)),
    **dict.fromkeys(("ns", "nanoseconds"), (Kind.SECONDS, 1e-9)),
    **dict.fromkeys(("us", "µs", "μs", "microseconds"), (Kind.SECONDS, 1e-6)),
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds", "millisecond"), (Kind.SECONDS, 1e-3)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), (Kind.SECONDS, 1.0)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), (Kind.SECONDS, _MINUTE)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), (Kind.SECONDS, _HOUR)),
    **dict.fromkeys(("d", "day", "days"), (Kind.SECONDS, _DAY)),
    **dict.fromkeys(("week", "weeks"), (Kind.SECONDS, 7 * _DAY)),
    **dict.fromkeys(("B", "byte", "bytes"), (Kind.BYTES, 1.0)),
    **{f"{prefix}B": (Kind.BYTES, 1000.0**power) for power, prefix in enumerate("kMGT", 1)},
    **{f"{prefix}iB": (Kind.BYTES, 1024.0**power) for power, prefix in enumerate("KMGT", 1)},
    **{f"{prefix}i": (Kind.BYTES, 1024.0**power) for power, prefix in enumerate("KMGT", 1)},
    "KB": (Kind.BYTES, 1000.0),
    **dict.fromkeys(("k", "K", "thousand"), (Kind.PLAIN, 1e3)),
    **dict.fromkeys(("M", "million", "mln"), (Kind.PLAIN, 1e6)),
    **dict.fromkeys(("bn", "billion"), (Kind.PLAIN, 1e9)),
    **dict.fromkeys(("rps", "qps", "req/s", "requests/s", "requests per second", "/s", "per second"), (Kind.RATE, 1.0)),
    **dict.fromkeys(("rpm", "/min", "per minute", "requests per minute"), (Kind.RATE, 1 / 60)),
    **dict.fromkeys(("x", "\u00d7", "times"), (Kind.FACTOR, 1.0)),
}
_LOWER = {unit.lower(): found for unit, found in _UNITS.items() if len(unit) > 3}
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_LONG_UNIT = "|".join(re.escape(unit) for unit in sorted(_LOWER, key=len, reverse=True))
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(?<![A-Za-z_][-:/#])"
    r"(?P<number>\d{1,3}(?:[,'\u2009\u202f\u00a0]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
    rf"(?:\s?(?P<unit>(?i:{_LONG_UNIT})|{_UNIT})(?![A-Za-z0-9_]))?"
    r"(?![A-Za-z0-9_]|\.\d|[:-]\d)"
)
_COMPOUND = re.compile(
    r"(?<![\w.])(?:(?P<h>\d+)\s?h(?:ours?|rs?)?(?:\s|,\s|\sand\s)?)?(?P<m>\d+)\s?m(?:in(?:ute)?s?)?(?:\s|,\s|\sand\s)?"
    r"(?:(?P<s>\d+)\s?s(?:ec(?:ond)?s?)?)?(?!\w)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|nearly|almost|some|over|circa)\s|[~≈])\s*$", re.IGNORECASE
)
_WORDS = {
    word: float(number)
    for number, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 2
    )
} | {"dozen": 12.0, "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "hundred": 100.0}
_PARTS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_WORD = re.compile(rf"\b(?P<word>{'|'.join(_WORDS)})\b(?!-)(?:\s(?P<unit>{_LONG_UNIT})\b)?", re.IGNORECASE)
_PART = re.compile(r"\b(?P<many>a|one|two|three|four)[ -](?P<part>half|third|quarter|fifth|tenth)s?\b", re.IGNORECASE)
_HALF = re.compile(r"\bhalf (?:of|the|its|all)\b", re.IGNORECASE)
_TIMES_AS = re.compile(r"\b(?P<word>doubl\w+|twice|tripl\w+|quadrupl\w+)\b", re.IGNORECASE)
_OF = re.compile(r"(?<![\w.])(?P<some>\d+)\s?(?:of|out of|/)\s?(?:the )?(?P<all>\d+)(?![\w.]\w)")
# What a metric's name says of values that are written without a unit.
_IN_NAMES = (
    (re.compile(r"_milliseconds|_ms\b", re.IGNORECASE), Kind.SECONDS, 1e-3),
    (re.compile(r"_seconds|\bin seconds\b", re.IGNORECASE), Kind.SECONDS, 1.0),
    (re.compile(r"_bytes|\bin bytes\b", re.IGNORECASE), Kind.BYTES, 1.0),
    (re.compile(r"_ratio\b|\bratio\b|\bshare\b", re.IGNORECASE), Kind.SHARE, 1.0),
    (re.compile(r"_percent\b|\bpercentage\b", re.IGNORECASE), Kind.SHARE, 0.01),
)


def figures(text: str) -> list[Figure]:
    """Return the figures of a text, in digits or words; clock times and dates are to be taken out before."""
    found: list[Figure] = []

    def take(match: re.Match[str]) -> str:
        found.append(_compound(match))
        return " " * len(match[0])

    rest = _COMPOUND.sub(lambda match: take(match) if match["h"] or match["s"] else match[0], text)
    for match in _NUMBER.finditer(rest):
        unsure = bool(_ABOUT.search(rest[max(0, match.start() - 16) : match.start()]))
        found.append(_number(match, unsure=unsure))
    return found + _in_words(rest)


def without_figures(text: str) -> str:
    """Return a text without its figures in digits and their units, which are no names."""
    rest = _COMPOUND.sub(lambda match: " " if match["h"] or match["s"] else match[0], text)
    return _NUMBER.sub(" ", rest)


def held(figure: Figure, evidence: str, clocks: Sequence[float] = ()) -> bool:
    """Whether the evidence holds a figure: so or so written, as "3 of 5", or as the time between two of its `clocks`.

    `clocks` are seconds of the day. A metric's name may say the unit of values that are written without one.
    """
    have = figures(evidence)
    if any(figure.rounds(value) for value in _values(figure.kind, have, evidence)):
        return True
    if figure.kind is Kind.SECONDS:
        return any(figure.rounds(later - sooner) for later in clocks for sooner in clocks if later > sooner)
    if figure.kind is Kind.FACTOR:
        return any(
            figure.rounds(a.value / b.value) for a in have for b in have if a.kind is b.kind and a.value > b.value > 0
        )
    return False


def _values(kind: Kind, have: Sequence[Figure], evidence: str) -> list[float]:
    values = [one.value for one in have if one.kind is kind]
    plain = [one.value for one in have if one.kind is Kind.PLAIN]
    if kind is Kind.SHARE:
        values += [value for value in plain if value < 1]
        values += [int(found["some"]) / int(found["all"]) for found in _OF.finditer(evidence) if int(found["all"])]
    if kind is Kind.PLAIN:
        values += [one.value for one in have if one.kind is Kind.SHARE and one.value < 1]
        values += [one.value for one in have if one.kind is Kind.RATE]
    for name, named, unit in _IN_NAMES:
        if named is kind and name.search(evidence):
            values += [value * unit for value in plain]
    return values


def _number(match: re.Match[str], *, unsure: bool) -> Figure:
    digits = re.sub(r"[^\d.eE+-]", "", match["number"])
    unit = match["unit"] or ""
    kind, factor = _UNITS.get(unit) or _LOWER.get(unit.lower()) or (Kind.PLAIN, 1.0)
    decimals = len(digits.lower().partition("e")[0].partition(".")[2])
    exponent = int(digits.lower().partition("e")[2] or 0)
    value = float(digits)
    step = 10.0 ** (exponent - decimals)
    if unsure:
        step = max(step, value * 0.1)  # "about 20" stands for 19 to 21
    is_decimal = kind is Kind.BYTES and unit in {"kB", "KB", "MB", "GB", "TB"}
    power = "kMGT".index(unit[0].replace("K", "k")) + 1 if is_decimal else 0
    other = value * 1024.0**power if is_decimal else None
    return Figure(match[0].strip(), kind, value * factor, step * factor, other)


def _compound(match: re.Match[str]) -> Figure:
    hours, minutes, seconds = (int(match[part] or 0) for part in "hms")
    value = hours * _HOUR + minutes * _MINUTE + seconds
    return Figure(match[0].strip(), Kind.SECONDS, value, 1.0 if match["s"] else _MINUTE)


def _in_words(text: str) -> list[Figure]:
    found = []
    for match in _PART.finditer(text):
        many = _WORDS.get(match["many"].lower(), 1.0)
        share = many * _PARTS[match["part"].lower()]
        found.append(Figure(match[0], Kind.SHARE, share, share * 0.2))
    found += [Figure("half", Kind.SHARE, 0.5, 0.1) for _ in _HALF.finditer(text)]
    for match in _TIMES_AS.finditer(text):
        factor = {"d": 2.0, "t": 3.0, "q": 4.0}[match["word"][0].lower()] if match["word"].lower() != "twice" else 2.0
        found.append(Figure(match[0], Kind.FACTOR, factor, factor * 0.2))
    for match in _WORD.finditer(_PART.sub(" ", text)):
        kind, unit = _LOWER[match["unit"].lower()] if match["unit"] else (Kind.PLAIN, 1.0)
        value = _WORDS[match["word"].lower()] * unit
        found.append(Figure(match[0], kind, value, unit))
    return found
