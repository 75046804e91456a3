"""SourceHealth: how an alert source has been doing."""

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.heartbeat import Heartbeat


class SourceHealth(Frozen):
    """When a source last delivered, how long after its start its newest alert came, how much was not understood.

    `last_at` None: it has not delivered yet. `lag_s` None: no alert of it has told when it started.
    """

    source: str
    last_at: Utc | None = None
    lag_s: float | None = None
    not_understood: int = 0
    heartbeats: tuple[Heartbeat, ...] = ()
