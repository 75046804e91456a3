"""SupportHours: when a service is looked after at once; outside of them its trouble may wait for the morning."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.rotation import zone_of

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
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
