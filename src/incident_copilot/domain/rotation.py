"""Rotation: who is on call by the calendar on the wall; and who a schedule elsewhere says it is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from incident_copilot.domain.base import Frozen, Utc

_LENGTHS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def zone_of(name: str) -> str:
    """Return the name of a time zone that exists; raises ValueError for another."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a missing name is a KeyError, an odd one any of the others
        raise ValueError(f"there is no time zone {name}; take an IANA name such as Europe/Berlin") from None
    return name


class OnDuty(Frozen):
    """Somebody on call by a schedule; `level` 1 is called first. Who it is in the chat follows from id or address."""

    name: str
    level: int = 1
    email: str | None = None
    chat_id: str | None = None
    until: Utc | None = None


class Override(Frozen):
    """Somebody who stands in, from `begins` to `ends`, with their time zones."""

    who: str
    begins: Utc
    ends: Utc

    @model_validator(mode="after")
    def _ends_later(self) -> "Override":
        if self.begins >= self.ends:
            raise ValueError("ends must be later than begins")
        return self


class Rotation(Frozen):
    """People who take turns of `every` (12h, 1d, 1w) since `starts`, a time on the wall in `zone`: "2026-01-05T09:00".

    A turn of days or weeks changes hands at the same time on the wall, also where clocks were changed meanwhile. The
    next person of the list is called second.
    """

    people: tuple[str, ...] = Field(min_length=1, max_length=100)
    starts: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$")
    every: str = Field(default="1w", pattern=r"^[1-9][0-9]{0,2}[hdw]$")
    zone: str = "UTC"
    overrides: tuple[Override, ...] = Field(default=(), max_length=500)

    @field_validator("zone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        return zone_of(zone)

    @field_validator("starts")
    @classmethod
    def _is_a_time(cls, starts: str) -> str:
        datetime.fromisoformat(starts)
        return starts

    def at(self, now: datetime) -> tuple[str, str | None]:
        """Return who is called first and second; nobody second where one person is the whole list."""
        turn = self._turn(now)
        first, second = (self.people[(turn + place) % len(self.people)] for place in (0, 1))
        standing_in = next((one.who for one in self.overrides if one.begins <= now < one.ends), first)
        others = [one for one in (second, first) if one != standing_in]
        return standing_in, others[0] if others else None

    def until(self, now: datetime) -> datetime:
        """Return when this turn ends, or that of whoever stands in."""
        ends = self._begins(self._turn(now) + 1)
        edges = [edge for one in self.overrides for edge in (one.begins, one.ends) if now < edge < ends]
        return min([ends, *edges])

    @property
    def _length(self) -> timedelta:
        return int(self.every[:-1]) * _LENGTHS[self.every[-1]]

    def _turn(self, now: datetime) -> int:
        """How many turns are over. Of hours, those that passed; of days, by the time on the wall."""
        zone = ZoneInfo(self.zone)
        begun = datetime.fromisoformat(self.starts)
        if self.every.endswith("h"):
            return (now - begun.replace(tzinfo=zone)) // self._length
        return (now.astimezone(zone).replace(tzinfo=None) - begun) // self._length

    def _begins(self, turn: int) -> datetime:
        zone = ZoneInfo(self.zone)
        begun = datetime.fromisoformat(self.starts)
        if self.every.endswith("h"):
            return begun.replace(tzinfo=zone).astimezone(ZoneInfo("UTC")) + turn * self._length
        return (begun + turn * self._length).replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
