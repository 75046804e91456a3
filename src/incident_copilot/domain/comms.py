"""CommsPolicy: how often people are told, in which time zone times are said, and when an update was promised."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Severity

CADENCE_MIN = {Severity.P0: 30, Severity.P1: 60, Severity.P2: 120, Severity.P3: 1440}
"""Minutes until the next update is due, by severity."""
STALE_MIN = {Severity.P0: 60, Severity.P1: 120, Severity.P2: 480, Severity.P3: 1440}
"""Minutes in which nobody touches an incident until its commander is asked whether it is over."""
_PROMISE = re.compile(
    r"\bnext\s+(?:update|notice)\b[^.\n]{0,40}?\b(?:by|at|before|around|until)\s+"
    r"(?P<hour>[01]?[0-9]|2[0-3])(?:[:.h](?P<minute>[0-5][0-9]))?\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>[A-Z][A-Za-z]{1,4})?",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"\bnext\s+(?:update|notice)\b[^.\n]{0,20}?\bin\s+(?P<number>[0-9]{1,3})\s*(?P<unit>min|minutes?|h|hours?)\b",
    re.IGNORECASE,
)
_UNIVERSAL = frozenset({"UTC", "GMT", "Z"})
_A_MINUTE_PAST = timedelta(minutes=1)


class CommsPolicy(Frozen):
    """Times are said in `timezone`, an IANA name; `lead` (a chat id) sends updates where an incident names nobody.

    `cadence_min` is how many minutes after an update the next one is due, by severity; who is to send it is reminded
    `remind_before_min` minutes before. After `stale_min` minutes without a touch the commander is asked about the end.
    """

    timezone: str = "UTC"
    cadence_min: dict[Severity, int] = Field(default_factory=dict)
    remind_before_min: int = Field(default=5, ge=0, le=60)
    stale_min: dict[Severity, int] = Field(default_factory=dict)
    lead: str | None = None

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, KeyError):  # a missing name is a KeyError, an odd one any of the others
            raise ValueError(f"there is no time zone {zone}; take an IANA name such as Europe/Berlin") from None
        return zone

    @field_validator("cadence_min", "stale_min")
    @classmethod
    def _takes_time(cls, cadence: dict[Severity, int]) -> dict[Severity, int]:
        if any(minutes < 1 for minutes in cadence.values()):
            raise ValueError("write whole minutes, at least 1")
        return cadence

    def cadence(self, severity: Severity) -> timedelta:
        """Return how long after an update the next one is due."""
        return timedelta(minutes=(CADENCE_MIN | self.cadence_min)[severity])

    def stale_after(self, severity: Severity) -> timedelta:
        """Return how long an incident may go untouched."""
        return timedelta(minutes=(STALE_MIN | self.stale_min)[severity])

    def clock(self, moment: datetime) -> str:
        """Return a time as it is told: 14:30 UTC, or 15:30 CET."""
        local = moment.astimezone(ZoneInfo(self.timezone))
        return f"{local:%H:%M %Z}"

    def day(self, moment: datetime) -> str:
        """Return the date as it is told: 21 November 2026."""
        return f"{moment.astimezone(ZoneInfo(self.timezone)):%-d %B %Y}"

    def promised(self, text: str, now: datetime) -> datetime | None:
        """Return when a text promises the next update, None where it does not; of several lines the last counts.

        Ours stands at the end; what is above may quote an alert. A time of the day is the next one after `now`, in the
        zone that the text names (UTC, or what ours is called on that day), else in ours. One in another zone is not
        understood.
        """
        found = (self._promised(line, now) for line in reversed(text.split("\n")))
        return next((at for at in found if at), None)

    def _promised(self, text: str, now: datetime) -> datetime | None:
        if span := _SPAN.search(text):
            minutes = int(span["number"]) * (60 if span["unit"].lower().startswith("h") else 1)
            return now + timedelta(minutes=minutes)
        said = _PROMISE.search(text)
        if said is None or (said["minute"] is None and said["half"] is None):
            return None
        hour = _in_24_hours(int(said["hour"]), said["half"])
        named = (said["zone"] or "").upper()
        zone = ZoneInfo("UTC") if named in _UNIVERSAL else ZoneInfo(self.timezone)
        at = _next(now, hour, int(said["minute"] or 0), zone)
        is_ours = not named or named in _UNIVERSAL or named in _names_of(zone, at) or not said["zone"].isupper()
        return at if is_ours else None


def _in_24_hours(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    return hour % 12 + (12 if half.lower().startswith("p") else 0)


def _next(now: datetime, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    """Return the first such time of the day that is not over; what a change of the clocks skips is as late as it."""
    local = now.astimezone(zone)
    days = (local.date() + timedelta(days=number) for number in range(3))
    # Each time that happens twice, when clocks are set back, is tried in its first and in its second turn.
    times = (
        datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold).astimezone(ZoneInfo("UTC"))
        for day in days
        for fold in (0, 1)
    )
    return next(time for time in times if time > now - _A_MINUTE_PAST).astimezone(now.tzinfo)


def _names_of(zone: ZoneInfo, moment: datetime) -> frozenset[str]:
    """Return what a zone is called at a time, with what people say all year: CET for CEST, ET for EST."""
    name = str(moment.astimezone(zone).tzname()).upper()
    return frozenset({name, name.replace("ST", "T").replace("DT", "T"), name.replace("CEST", "CET")})
