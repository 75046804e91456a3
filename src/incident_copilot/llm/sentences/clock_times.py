"""Reads clock times and dates out of sentences, and says whether evidence holds one of them."""

import re
from dataclasses import dataclass

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DATE = r"(?P<year>[12]\d{3})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
_MOMENT = re.compile(
    rf"(?<![\w:])(?:{_DATE}(?:[T ]|\s?at\s))?{_TIME}"
    r"(?:\s?(?P<half>[ap]\.?m\b\.?))?(?:\s?(?P<zone>Z|UTC|GMT|(?-i:[A-Z]{3,4}))\b)?(?!\w|:\d)",
    re.IGNORECASE,
)
_DAY = re.compile(rf"(?<![\w-]){_DATE}(?![\w-])")
_MONTH = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?"
)
_SPELT = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<month>{_MONTH})|(?P<month2>{_MONTH})\s(?P<day2>\d{{1,2}})"
    r"(?:st|nd|rd|th)?)\b(?:,?\s(?P<year>\d{4}))?"
)
_MONTH_OF = re.compile(
    rf"\b(?P<month>{_MONTH})\s(?P<year>\d{{4}})\b|\b(?:in|since|until)\s(?P<alone>{_MONTH})\b(?!\s\d)"
)
"""A month of a year, or alone after a word that makes "May" one."""
_ZONES = frozenset({"", "z", "utc", "gmt"})


@dataclass(frozen=True)
class Moment:
    """A clock time, in seconds of its day; `to_the_second` where seconds are written. `zone` is "" for UTC and none."""

    text: str
    second: int
    to_the_second: bool
    zone: str = ""

    def is_told_by(self, other: "Moment") -> bool:
        """Whether `other` is this time, or one that is written 10:47 for short."""
        if self.zone != other.zone:
            return False
        if self.to_the_second:
            return self.second == other.second
        return -30 <= other.second - self.second < 60


@dataclass(frozen=True)
class Times:
    """The moments and dates, (year or 0, month, day or 0), of a text, and the text without them."""

    moments: tuple[Moment, ...]
    dates: tuple[tuple[int, int, int], ...]
    rest: str

    def unheld(self, evidence: "Times") -> str | None:
        """Return the first time or date that the evidence does not hold, as it is written; None where it holds all."""
        for moment in self.moments:
            if not any(moment.is_told_by(other) for other in evidence.moments):
                return moment.text
        for year, month, day in self.dates:
            same = [held for held in evidence.dates if held[1] == month and day in {0, held[2]}]
            if not any(held[0] == year or 0 in {held[0], year} for held in same):
                return written(year, month, day)
        return None


def times(text: str) -> Times:
    """Return what is a time or date in a text; numbers that cannot be one are left where they are."""
    moments: list[Moment] = []
    dates: list[tuple[int, int, int]] = []

    def moment(match: re.Match[str]) -> str:
        hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
        if match["half"]:
            hour = hour % 12 + (12 if match["half"][0].lower() == "p" else 0)
        if hour > 23 or minute > 59:
            return match[0]
        zone = (match["zone"] or "").lower()
        is_zone = zone in _ZONES or (match["zone"] or "").isupper()
        seen = Moment(match[0], hour * 3600 + minute * 60 + second, bool(match["second"]), "")
        moments.append(
            seen if zone in _ZONES or not is_zone else Moment(seen.text, seen.second, seen.to_the_second, zone)
        )
        if match["year"]:
            dates.append((int(match["year"]), int(match["month"]), int(match["day"])))
        return " " if is_zone else f" {match['zone']}"

    def day(match: re.Match[str]) -> str:
        dates.append((int(match["year"]), int(match["month"]), int(match["day"])))
        return " "

    def spelt(match: re.Match[str]) -> str:
        month = _MONTHS.index((match["month"] or match["month2"])[:3].lower()) + 1
        dates.append((int(match["year"] or 0), month, int(match["day"] or match["day2"])))
        return " "

    def month(match: re.Match[str]) -> str:
        number = _MONTHS.index((match["month"] or match["alone"])[:3].lower()) + 1
        dates.append((int(match["year"] or 0), number, 0))
        return " "

    rest = _MONTH_OF.sub(month, _SPELT.sub(spelt, _DAY.sub(day, _MOMENT.sub(moment, text))))
    return Times(tuple(moments), tuple(dates), rest)


def written(year: int, month: int, day: int) -> str:
    """Return a date as people read it; a year or day of 0 is not known."""
    name = _MONTHS[month - 1].title()
    if not day:
        return f"{name} {year}" if year else name
    return f"{year:04}-{month:02}-{day:02}" if year else f"{day} {name}"
