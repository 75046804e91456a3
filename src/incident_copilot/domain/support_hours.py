"""SupportHours: when a service is looked after at once; outside of them its trouble may wait for the morning."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.rotation import zone_of

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_IN_WORDS = re.compile(r"(?P<days>[a-z,-]+) (?P<begin>[0-9:]{5})-(?P<end>[0-9:]{5})(?: (?P<zone>\S+))?")
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"


class SupportHours(Frozen):
    """Days of the week, and times of the day in quotes as "08:00", in a time zone by its IANA name."""

    days: tuple[Day, ...] = DAYS[:5]
    begin: str = Field(default="08:00", pattern=_TIME)
    end: str = Field(default="18:00", pattern=_TIME)
    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        return zone_of(zone)

    @model_validator(mode="after")
    def _ends_later(self) -> "SupportHours":
        if self.begin >= self.end:
            raise ValueError("end must be later than begin, on the same day")
        return self

    def cover(self, now: datetime) -> bool:
        """Whether a time is within them."""
        local = now.astimezone(ZoneInfo(self.zone))
        return DAYS[local.weekday()] in self.days and self.begin <= f"{local:%H:%M}" < self.end

    def next_time(self, now: datetime) -> datetime:
        """Return `now` where it is within them, else when they begin next."""
        if self.cover(now):
            return now
        local = now.astimezone(ZoneInfo(self.zone))
        hour, minute = map(int, self.begin.split(":"))
        begins = (
            (local + timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
            for days in range(8)
        )
        return next(one for one in begins if one > local and self.cover(one)).astimezone(UTC)


WORKING_HOURS = SupportHours(begin="09:00", end="17:00")
"""When people may be asked for what can wait, where nothing else is set."""


def hours_of(text: str) -> SupportHours:
    """Return what `mon-fri 09:00-17:00 Europe/Berlin` says; without a zone it is UTC. Raises ValueError."""
    found = _IN_WORDS.fullmatch(text.strip())
    if found is None:
        raise ValueError("write days, times and zone, as in mon-fri 09:00-17:00 Europe/Berlin")
    days = [day for part in found["days"].split(",") for day in _days(part)]
    given = {"days": days, "begin": found["begin"], "end": found["end"], "zone": found["zone"] or "UTC"}
    try:
        return SupportHours.model_validate(given)
    except ValidationError as error:
        raise ValueError(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from None


def _days(part: str) -> tuple[Day, ...]:
    first, _, last = part.partition("-")
    named = [place for day in filter(None, (first, last)) for place, known in enumerate(DAYS) if known == day]
    if len(named) != 1 + bool(last):
        raise ValueError(f"{part} names no days; they are {', '.join(DAYS)}")
    return DAYS[named[0] : named[-1] + 1]
