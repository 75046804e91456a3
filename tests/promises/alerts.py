"""The alerts that come in: what Alertmanager says of them, and what is the newest that it said."""

import json
from dataclasses import dataclass
from datetime import datetime

KINDS = (
    ("HighErrorRate", "checkout", "critical", "checkout is failing 20% of requests (threshold 5%)."),
    ("HighLatency", "checkout", "warning", ""),
    ("PaymentsDown", "payments", "critical", ""),
    ("SlowSearch", "search", "warning", ""),
    ("DiskFilling", "batch", "info", ""),
)


@dataclass(frozen=True, order=True)
class Told:
    """One state of one alert; the greater one is the later."""

    kind: int
    starts_at: datetime
    is_over: bool
    ends_at: datetime | None = None

    @property
    def state(self):
        """What tells one state from another."""
        return self.starts_at, self.is_over

    def as_json(self):
        """As Alertmanager sends it."""
        name, service, severity, description = KINDS[self.kind]
        return {
            "status": "resolved" if self.is_over else "firing",
            "labels": {"alertname": name, "service": service, "severity": severity, "env": "production"},
            "annotations": {"summary": f"{name} on {service}", "description": description},
            "startsAt": self.starts_at.isoformat(),
            "endsAt": self.ends_at.isoformat() if self.ends_at else "0001-01-01T00:00:00Z",
            "fingerprint": f"{self.kind:016x}",
        }


class Alertmanager:
    """Knows which alerts fire, and says so."""

    def __init__(self, clock):
        self._clock = clock
        self._now = {}

    def fire(self, kinds):
        """Say that these fire: anew, or still."""
        return tuple(self._tell(kind, is_over=False) for kind in sorted(kinds))

    def resolve(self, kinds):
        """Say that these are over; those that never fired are left out."""
        return tuple(self._tell(kind, is_over=True) for kind in sorted(kinds) if kind in self._now)

    def _tell(self, kind, *, is_over):
        last = self._now.get(kind)
        if last is None or (last.is_over and not is_over):
            last = Told(kind, self._clock(), is_over=False)
        if is_over and not last.is_over:
            last = Told(kind, last.starts_at, is_over=True, ends_at=self._clock())
        self._now[kind] = last
        return last


def body_of(told):
    """The body of one webhook."""
    return json.dumps({"version": "4", "status": "firing", "alerts": [one.as_json() for one in told]}).encode()
