"""What a figure is, and the units that people and systems write figures in."""

import re
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
    """A number in the base unit of its kind, and from where to where a value is told rightly by it.

    `at` and `end` are its place in the text. `other` is its value if MB means MiB. `changes` where it tells by how much
    something changed or differs, as in "two fewer".
    """

    text: str
    kind: Kind
    value: float
    low: float
    high: float
    at: int = 0
    end: int = 0
    other: float | None = None
    changes: bool = False

    def rounds(self, value: float) -> bool:
        """Whether `value`, rounded as this figure is written, is this figure."""
        near = 1e-9 * abs(self.value)
        if self.low - near <= abs(value) <= self.high + near:
            return True
        scale = self.other / self.value if self.other is not None and self.value else 0.0
        return self.low * scale <= abs(value) <= self.high * scale if scale else False


MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
UNITS: dict[str, tuple[Kind, float]] = {
    **dict.fromkeys(("%", "percent", "per cent", "pp", "percentage points", "percentage point"), (Kind.SHARE, 0.01)),
    **dict.fromkeys(("points", "point"), (Kind.SHARE, 0.01)),
    **dict.fromkeys(("ns", "nanoseconds"), (Kind.SECONDS, 1e-9)),
    **dict.fromkeys(("us", "µs", "μs", "microseconds"), (Kind.SECONDS, 1e-6)),
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds", "millisecond"), (Kind.SECONDS, 1e-3)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), (Kind.SECONDS, 1.0)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), (Kind.SECONDS, MINUTE)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), (Kind.SECONDS, HOUR)),
    **dict.fromkeys(("d", "day", "days"), (Kind.SECONDS, DAY)),
    **dict.fromkeys(("week", "weeks"), (Kind.SECONDS, 7 * DAY)),
    **dict.fromkeys(("B", "byte", "bytes"), (Kind.BYTES, 1.0)),
    **{f"{prefix}B": (Kind.BYTES, 1000.0**power) for power, prefix in enumerate("kMGT", 1)},
    **{f"{prefix}iB": (Kind.BYTES, 1024.0**power) for power, prefix in enumerate("KMGT", 1)},
    **{f"{prefix}i": (Kind.BYTES, 1024.0**power) for power, prefix in enumerate("KMGT", 1)},
    "KB": (Kind.BYTES, 1000.0),
    **{
        f"{prefix}byte{plural}": (Kind.BYTES, 1000.0**power)
        for power, prefix in enumerate(("kilo", "mega", "giga", "tera", "peta"), 1)
        for plural in ("", "s")
    },
    **dict.fromkeys(("k", "K", "thousand"), (Kind.PLAIN, 1e3)),
    **dict.fromkeys(("M", "million", "mln"), (Kind.PLAIN, 1e6)),
    **dict.fromkeys(("bn", "billion"), (Kind.PLAIN, 1e9)),
    **dict.fromkeys(("rps", "qps", "req/s", "requests/s", "requests per second", "/s", "per second"), (Kind.RATE, 1.0)),
    **dict.fromkeys(("rpm", "/min", "per minute", "requests per minute", "a minute"), (Kind.RATE, 1 / 60)),
    **dict.fromkeys(("x", "\u00d7", "times"), (Kind.FACTOR, 1.0)),
}
LOWER = {unit.lower(): found for unit, found in UNITS.items() if len(unit) > 3}
UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
LONG_UNIT = "|".join(re.escape(unit) for unit in sorted(LOWER, key=len, reverse=True))


def unit_of(unit: str) -> tuple[Kind, float]:
    """Return what a unit measures and how many base units it is; a PLAIN 1 for none."""
    return UNITS.get(unit) or LOWER.get(unit.lower()) or (Kind.PLAIN, 1.0)
