"""How people took what was proposed for a service: counts, to decide how far the copilot should go for it."""

from typing import NamedTuple

from incident_copilot.domain.automation import Automation
from incident_copilot.domain.base import Frozen


class Acceptance(Frozen):
    """Counts of proposals.

    `verified` were seen to help, `failed` failed or were seen not to. `accepted` are those that were approved or done
    and neither undone nor failed.
    """

    proposed: int = 0
    approved: int = 0
    edited: int = 0
    rejected: int = 0
    undone: int = 0
    verified: int = 0
    failed: int = 0
    accepted: int = 0

    @property
    def decided(self) -> int:
        """How many people decided; what expired says nothing."""
        return self.approved + self.rejected


class Record(NamedTuple):
    """How everything that was proposed in a service's incidents was taken, and of it the actions on the service."""

    proposals: Acceptance = Acceptance()
    actions: Acceptance = Acceptance()

    def speaks_for(self, level: Automation) -> Acceptance:
        """Return what a level is judged by: that actions are carried out, by actions; less, by everything."""
        return self.actions if level is Automation.SUPERVISED else self.proposals
