"""Task: something that people set out to do in an incident; follow-up work after it is an action item."""

from incident_copilot.domain.base import Frozen, Utc


class Task(Frozen):
    """One task; `number` counts within its incident."""

    workspace_id: str
    incident_id: str
    number: int
    text: str
    added_by: str
    added_at: Utc
    assignee: str | None = None
    done_by: str | None = None
    done_at: Utc | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None
