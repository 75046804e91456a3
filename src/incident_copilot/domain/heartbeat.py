"""Heartbeat: the alert that always fires, by whose absence people learn that monitoring itself is silent."""

from datetime import datetime, timedelta

from pydantic import Field

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.incident import Severity

AWAY = timedelta(minutes=5)
"""From how long a pause between two looks on nobody was looking, and the count starts anew."""
SHORTEST = timedelta(minutes=5)
"""No silence is shorter, however often a heartbeat comes."""
_FADES = 0.9


class Watchdog(Frozen):
    """Alerts that match are heartbeats: they open no incident, and their absence does.

    Without `silent_after_min` silence is twice the usual interval, five minutes at least. `opens` is the severity of
    the incident that silence opens; where it is None operators are told and nothing more.
    """

    match: dict[str, str] = Field(min_length=1)
    silent_after_min: int | None = Field(default=None, ge=1, le=10_080)
    opens: Severity | None = Severity.P1


WATCHDOGS = tuple(Watchdog(match={"alertname": name}) for name in ("Watchdog", "DeadMansSwitch"))
"""As Prometheus' own rule sets call it, now and earlier."""


class Heartbeat(Frozen):
    """One watchdog of one source; `usual_s` is None until it came twice.

    `watched_since` is since when somebody has looked on without a pause, `checked_at` when it was looked at last.
    `silent_since` is when its silence was told, with the incident that was opened for it.
    """

    source: str
    alert: Alert
    last_at: Utc
    usual_s: float | None = None
    watched_since: Utc
    checked_at: Utc
    silent_since: Utc | None = None
    incident_id: str | None = None

    @classmethod
    def first(cls, source: str, alert: Alert, now: datetime) -> "Heartbeat":
        """Return one that is heard for the first time."""
        return cls(source=source, alert=alert, last_at=now, watched_since=now, checked_at=now)

    def heard(self, alert: Alert, now: datetime) -> "Heartbeat":
        """Return it heard again; what was missed while nobody looked, or while it was silent, is no usual interval."""
        is_watched = now - self.checked_at < AWAY and self.watched_since <= self.last_at
        usual_s = self.usual_s
        if is_watched and self.silent_since is None:
            gap = (now - self.last_at).total_seconds()
            # The longest of late, not the mean: two replicas of a source send each heartbeat twice.
            usual_s = gap if usual_s is None else max(gap, _FADES * usual_s + (1 - _FADES) * gap)
        return self.model_copy(update={"alert": alert, "last_at": now, "usual_s": usual_s})

    def checked(self, now: datetime) -> "Heartbeat":
        """Return it looked at; after a pause of ours the time starts to count anew."""
        since = now if now - self.checked_at >= AWAY else self.watched_since
        return self.model_copy(update={"checked_at": now, "watched_since": since})

    def limit(self, watchdog: Watchdog) -> timedelta | None:
        """Return how long it may be absent; None while its interval is not known."""
        if watchdog.silent_after_min:
            return timedelta(minutes=watchdog.silent_after_min)
        return max(SHORTEST, 2 * self.usual) if self.usual is not None else None

    def is_silent(self, watchdog: Watchdog, now: datetime) -> bool:
        """Whether it has been absent for too long, as far as we could hear."""
        limit = self.limit(watchdog)
        return limit is not None and now - max(self.last_at, self.watched_since) > limit

    @property
    def usual(self) -> timedelta | None:
        """How often it comes, as far as that is known."""
        return timedelta(seconds=self.usual_s) if self.usual_s is not None else None

    @property
    def subject(self) -> str:
        """What it stands for: the source, and the cluster where it names one."""
        return self._with_cluster(self.source)

    @property
    def named(self) -> str:
        """What it is called beside its source."""
        return self._with_cluster(self.alert.name)

    def _with_cluster(self, name: str) -> str:
        cluster = self.alert.labels.get("cluster")
        return f"{name}, cluster {cluster}" if cluster else name
