"""Times as vendors write them: ISO 8601 with or without a zone, epochs, e-mail dates, and their own formats."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from incident_copilot.vendors.bodies import cut

FROM_YEAR = 2000
AHEAD = timedelta(days=1)
"""How far a vendor's clock may be ahead; what is later than that is no time."""
_LONGEST = 64
# An epoch of seconds has 10 digits for centuries to come; one of ms, us or ns three, six or nine more.
_UNITS = ((1e11, 1), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
_SUFFIXES = (" UTC", " GMT")


def usable(at: datetime | None, now: datetime) -> datetime | None:
    """Return a time that something can have begun at, or None: neither before 2000 nor after tomorrow."""
    return at if at and at.year >= FROM_YEAR and at <= now + AHEAD else None


def iso(text: Any) -> datetime | None:
    """Return an aware time; a naive one counts as UTC. None for anything else and for Go's year 1."""
    try:
        at = datetime.fromisoformat(text)
        return None if at.year == 1 else (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def read(value: Any, *formats: str) -> datetime | None:
    """Return the time that a number or text says, in UTC; None where it says none. `formats` are strptime's.

    A number is an epoch in s, ms, us or ns, whichever its size says. A text without a zone counts as UTC.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        # Before ISO 8601, which takes thirteen digits for a date of the eighteenth century.
        return _epoch(float(value))
    except OverflowError:
        return None
    except ValueError:
        return _written(cut(str(value).strip(), _LONGEST), formats)


def _epoch(value: float) -> datetime | None:
    if not math.isfinite(value) or value <= 0:
        return None
    unit = next((unit for most, unit in _UNITS if value < most), None)
    return datetime.fromtimestamp(value / unit, UTC) if unit else None


def _written(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return _in_utc(datetime.strptime(text, form))  # noqa: DTZ007 -- the zone is attached by `_in_utc`
        except (ValueError, OverflowError):
            continue
    plain = next((text.removesuffix(end) for end in _SUFFIXES if text.endswith(end)), text)
    if found := iso(plain):
        return found
    try:
        return _in_utc(parsedate_to_datetime(text))
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _in_utc(at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
