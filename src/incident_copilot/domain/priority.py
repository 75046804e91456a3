"""Priority: in which order people should look at incidents; severity first, then what is urgent about each.

Severity says how bad it is, and stays; priority says who is waited for. The tables below are all there is to it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.support_hours import SupportHours

BY_SEVERITY = {Severity.P0: 40, Severity.P1: 30, Severity.P2: 20, Severity.P3: 10}
LATE, WAITS, MITIGATED = 6, 3, -6
GROWS, NOBODY_ON_CALL = 3, 3
OUT_OF_HOURS, MOSTLY_NOTHING = -6, -4
LIKELY_FALSE = 0.5
"""From which likelihood on an alert's record counts."""
TREND = timedelta(minutes=10)
FEW = 3
"""So many alerts in ten minutes are no trend, whatever there was before."""


class Urgency(Frozen):
    """One thing that moves an incident up or down."""

    points: int
    reason: str


class Circumstances(Frozen):
    """What is known around an incident; `begun` and `begun_before` are alerts of the last ten minutes and those before.

    `on_call` None: the catalogue names no teams. `likely_false` is that of the alert that opened it.
    """

    now: datetime
    hours: SupportHours | None = None
    on_call: bool | None = None
    begun: int = 0
    begun_before: int = 0
    likely_false: float | None = None


class Priority(Frozen):
    """The points of an incident and where they come from; the higher the sooner it is looked at."""

    severity: Severity
    urgency: tuple[Urgency, ...] = ()

    @property
    def points(self) -> int:
        """The sum."""
        return BY_SEVERITY[self.severity] + sum(one.points for one in self.urgency)

    @property
    def text(self) -> str:
        """The sum and its parts in words."""
        parts = [f"{one.reason} {one.points:+d}" for one in self.urgency]
        return ", ".join([f"{self.points}: {self.severity} {BY_SEVERITY[self.severity]}", *parts])


def priority_of(incident: Incident, around: Circumstances) -> Priority:
    """Return the priority of a running incident."""
    return Priority(severity=incident.severity, urgency=(*_attention(incident, around), *_circumstances(around)))


def _attention(incident: Incident, around: Circumstances) -> Iterator[Urgency]:
    if incident.status is Status.OPEN:
        is_late = around.now - incident.opened_at > incident.severity.response_time
        late, waits = "nobody has acknowledged in time", "nobody has acknowledged"
        yield Urgency(points=LATE, reason=late) if is_late else Urgency(points=WAITS, reason=waits)
        if around.on_call is False:
            yield Urgency(points=NOBODY_ON_CALL, reason="nobody is on call")
    if incident.status is Status.MITIGATED:
        yield Urgency(points=MITIGATED, reason="it is mitigated")


def _circumstances(around: Circumstances) -> Iterator[Urgency]:
    if around.begun > max(FEW - 1, around.begun_before):
        yield Urgency(points=GROWS, reason=f"{around.begun} alerts began in the last 10 min")
    if around.hours and not around.hours.cover(around.now):
        yield Urgency(points=OUT_OF_HOURS, reason="outside support hours")
    if around.likely_false is not None and around.likely_false >= LIKELY_FALSE:
        yield Urgency(points=MOSTLY_NOTHING, reason="its alert was mostly nothing")
