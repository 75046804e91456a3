"""How people took what was proposed for a service, and what that says about how far the copilot should go. Pure."""

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.catalog import Automation

ENOUGH = 5
"""From how many decisions on a record tells something."""
GOOD, BAD = 0.8, 0.5


class Acceptance(Frozen):
    """Counts of the actions that were proposed; of those that were approved `worked` and `failed` are known."""

    proposed: int = 0
    approved: int = 0
    rejected: int = 0
    worked: int = 0
    failed: int = 0

    @property
    def accepted(self) -> float | None:
        """Which share of what was decided was approved; None where there are too few decisions."""
        decided = self.approved + self.rejected
        return self.approved / decided if decided >= ENOUGH else None

    @property
    def helped(self) -> float | None:
        """Which share of what was carried out worked; None where nothing was."""
        ended = self.worked + self.failed
        return self.worked / ended if ended else None

    def advice(self, level: Automation) -> str:
        """Return in words whether the record speaks for more, for less, or for neither."""
        if self.accepted is None:
            return f"Fewer than {ENOUGH} decisions: too few to judge by."
        helped = 1.0 if self.helped is None else self.helped
        if min(self.accepted, helped) < BAD:
            less = {Automation.SUPERVISED: Automation.SUGGEST, Automation.SUGGEST: Automation.OBSERVE}.get(level)
            return f"The record is bad{f'; {less} would be safer' if less else ''}."
        if min(self.accepted, helped) >= GOOD:
            more = {Automation.OBSERVE: Automation.SUGGEST, Automation.SUGGEST: Automation.SUPERVISED}.get(level)
            return f"The record speaks for {more or level}."
        return f"The record speaks for {level} as it is."
