"""How far the copilot goes for a service: the levels, the rule by which people raise one, and each change of one."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc


class Automation(StrEnum):
    """What the copilot does for a service: looks only; says what people could do; or does it once they approved."""

    OBSERVE = "observe"
    SUGGEST = "suggest"
    SUPERVISED = "supervised"

    @property
    def more(self) -> "Automation | None":
        """The level above; None above the last."""
        return next((one for one in Automation if one.rank == self.rank + 1), None)

    @property
    def less(self) -> "Automation | None":
        """The level below; None below the first."""
        return next((one for one in Automation if one.rank == self.rank - 1), None)

    @property
    def rank(self) -> int:
        """Its place, from the level that does least."""
        return list(Automation).index(self)


class AutomationPolicy(Frozen):
    """The rule by which people raise a level; `at_most` is as far as the copilot goes for any service.

    Of at least `decisions` on proposals within `days`, a share of `accepted` must surely have been accepted: the lower
    end of the interval counts. A request waits `request_hours` for a second person.
    """

    at_most: Automation = Automation.SUPERVISED
    decisions: int = Field(default=10, ge=0, le=10_000)
    accepted: float = Field(default=0.7, ge=0, lt=1)
    days: int = Field(default=90, ge=1, le=366)
    request_hours: int = Field(default=24, ge=1, le=720)


class ChangeState(StrEnum):
    """Where a change of a level is: the first three are its life, the others its ends."""

    ADVISED = "advised"
    ASKED = "asked"
    IN_FORCE = "in_force"
    REPLACED = "replaced"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class LevelChange(Frozen):
    """One change of a service's level: advised by the copilot, asked for, or made by people.

    `reason` is the id of the text that says why; the text is kept apart, and can be erased.
    """

    id: str
    workspace_id: str
    service: str
    was: Automation
    wanted: Automation
    state: ChangeState
    asked_by: str
    asked_at: Utc
    expires_at: Utc | None = None
    reason: str | None = None
    decided_by: str | None = None
    decided_at: Utc | None = None

    @property
    def subject(self) -> str:
        """What it changes, in the copilot's own words."""
        return f"how far I go for {self.service}"

    @property
    def step(self) -> str:
        """What it changes, from where to where."""
        return f"{self.subject}, from {self.was} to {self.wanted}"

    def is_over(self, now: datetime) -> bool:
        """Whether its time is over, where it has one."""
        return self.expires_at is not None and self.expires_at <= now
