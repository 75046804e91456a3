"""TrackRecord: how the latest incidents that an alert opened turned out, and how likely the next one is no trouble."""

from enum import StrEnum

from incident_copilot.domain.base import Frozen

LATEST = 10
"""How many incidents are looked back at; older ones say little of the rule as it is now."""
USUAL, WEIGHT = 0.2, 2
"""What is assumed of an alert that nothing is known of, and as how many incidents that counts."""
ENOUGH = 2
"""From how many incidents on people are told."""


class TurnedOut(StrEnum):
    """How an incident turned out. Self-healed: over in minutes, and nobody had taken it."""

    TROUBLE = "trouble"
    FALSE_ALARM = "false_alarm"
    SELF_HEALED = "self_healed"


class TrackRecord(Frozen):
    """The latest incidents of an alert on a service, newest first."""

    latest: tuple[TurnedOut, ...] = ()

    @property
    def idle(self) -> int:
        """In how many there was nothing to do for anybody."""
        return sum(one is not TurnedOut.TROUBLE for one in self.latest)

    @property
    def likely_false(self) -> float:
        """How likely the next one is nothing to do, from 0 to 1; drawn to the usual where little is known."""
        return round((self.idle + USUAL * WEIGHT) / (len(self.latest) + WEIGHT), 2)

    @property
    def text(self) -> str:
        """The counts in words; empty while there is too little to tell."""
        if len(self.latest) < ENOUGH:
            return ""
        false, healed = self.latest.count(TurnedOut.FALSE_ALARM), self.latest.count(TurnedOut.SELF_HEALED)
        said = [f"{false} of the last {len(self.latest)} were false alarms"] if false or not healed else []
        said += [f"{healed} of the last {len(self.latest)} went away by themselves"] if healed else []
        return ", ".join(said)
