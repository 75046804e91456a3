"""Incident: what people handle; severity, status and the transitions allowed between them."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc


class Severity(StrEnum):
    """P0 critical to P3 low, as in seed 003's runbook."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"

    @property
    def word(self) -> str:
        """The word people read beside the code."""
        return {"P0": "critical", "P1": "high", "P2": "medium", "P3": "low"}[self.value]

    @property
    def rank(self) -> int:
        """0 is the most severe."""
        return int(self.value[1])

    @property
    def response_time(self) -> timedelta:
        """How long until somebody must have acknowledged."""
        return {
            "P0": timedelta(minutes=15),
            "P1": timedelta(minutes=30),
            "P2": timedelta(hours=2),
            "P3": timedelta(hours=24),
        }[self.value]


class Status(StrEnum):
    """Where an incident is in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


class Ending(StrEnum):
    """How an incident ended."""

    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"
    SELF_RECOVERED = "self_recovered"
    MERGED = "merged"


class Duty(StrEnum):
    """A part that one person at a time plays in an incident; what people may do is `domain.person.Role`.

    These four are the usual ones; teams may have others, written as one word.
    """

    COMMANDER = "commander"
    COMMS = "comms"
    SCRIBE = "scribe"
    OPS = "ops"

    @property
    def word(self) -> str:
        """What people call whoever has it, where their team has no other name for it."""
        return {"comms": "comms lead", "ops": "operations lead"}.get(self, self.value)

    @classmethod
    def _missing_(cls, value: object) -> "Duty | None":
        if not isinstance(value, str) or not re.fullmatch(DUTY_WORD, value):
            return None
        duty = str.__new__(cls, value)
        duty._name_ = duty._value_ = value
        return duty


DUTY_WORD = "[a-z][a-z0-9_-]{1,29}"


ALLOWED: dict[Status, frozenset[Status]] = {
    Status.OPEN: frozenset({Status.ACKNOWLEDGED, Status.MITIGATED, Status.RESOLVED}),
    Status.ACKNOWLEDGED: frozenset({Status.MITIGATED, Status.RESOLVED}),
    Status.MITIGATED: frozenset({Status.ACKNOWLEDGED, Status.RESOLVED}),
    Status.RESOLVED: frozenset({Status.OPEN}),
}
"""From which status to which; resolved to open is a reopening."""


class Factor(Frozen):
    """One line of the score sheet: an impact between 0 and 1, or None where nothing is known."""

    name: str
    impact: float | None
    weight: float
    reason: str


class ScoreSheet(Frozen):
    """Why an incident has its severity: factors, score, floors and the result, readable by people."""

    factors: tuple[Factor, ...]
    score: float | None
    floors: tuple[str, ...] = ()
    severity: Severity
    incident_type: str


class Incident(Frozen):
    """One incident; `number` is what people say (INC-42).

    `started_at` is the best known onset, `opened_at` when the copilot opened it. `thread_ts` is set when the incident
    lives in a thread of `channel_id` and not in a channel of its own. `duties` names all but the commander; `roles` are
    the ones there are and what the team calls them, empty for the usual four.
    `related` are names of others. What is `private` is seen in its channel, and by those who have a part in it.
    A `test` counts in no statistics. `channels` are those of its team, by place, where it has its own.
    """

    id: str
    workspace_id: str
    number: int
    title: str
    severity: Severity
    status: Status
    ending: Ending | None = None
    incident_type: str = "availability"
    service: str | None = None
    environment: str | None = None
    team: str | None = None
    cluster: str | None = None
    correlation_key: str
    private: bool = False
    test: bool = False
    started_at: Utc
    opened_at: Utc
    acknowledged_at: Utc | None = None
    acknowledged_by: str | None = None
    commander: str | None = None
    duties: dict[Duty, str] = Field(default_factory=dict)
    roles: dict[Duty, str] = Field(default_factory=dict)
    mitigated_at: Utc | None = None
    resolved_at: Utc | None = None
    ended_at: Utc | None = None
    channel_id: str | None = None
    thread_ts: str | None = None
    score_sheet: ScoreSheet | None = None
    quiet: bool = False
    snoozed_until: Utc | None = None
    archive_at: Utc | None = None
    channel_kept: bool = False
    channel_archived: bool = False
    related: tuple[str, ...] = ()
    declared_by: str | None = None
    links: dict[str, str] = Field(default_factory=dict)
    severity_name: str | None = None
    vendor_cases: dict[str, str] = Field(default_factory=dict)
    authorities_told: dict[str, Utc] = Field(default_factory=dict)
    legal_hold: bool = False
    channels: dict[str, str] = Field(default_factory=dict)

    @property
    def severity_in_words(self) -> str:
        """The code, and what the team calls it: P1 high."""
        return f"{self.severity} {self.severity_name or self.severity.word}"

    @property
    def label(self) -> str:
        """The name people say; that of a test says so wherever it is said."""
        return f"INC-{self.number}{' [TEST]' if self.test else ''}"

    @property
    def by_invitation(self) -> bool:
        """Whether people alone bring others in: it is private, and a person opened it so."""
        return self.private and self.declared_by is not None

    def is_snoozed(self, now: datetime) -> bool:
        """Whether nobody wants to be reminded just now."""
        return self.snoozed_until is not None and now < self.snoozed_until

    def holder(self, duty: Duty) -> str | None:
        """Return who has a duty, by chat id; None where nobody has."""
        return self.commander if duty is Duty.COMMANDER else self.duties.get(duty)

    def with_holder(self, duty: Duty, who: str | None) -> "Incident":
        """Return the incident with a duty given to somebody; None makes it free."""
        if duty is Duty.COMMANDER:
            return self.model_copy(update={"commander": who})
        others = {one: holder for one, holder in self.duties.items() if one != duty}
        return self.model_copy(update={"duties": others | ({duty: who} if who else {})})

    @property
    def all_duties(self) -> tuple[Duty, ...]:
        """The duties that there are in it, those first that its team names first; whatever somebody has is one."""
        return tuple(dict.fromkeys((*(self.roles or Duty), *self.duties)))

    def called(self, duty: Duty) -> str:
        """What its team calls whoever has a duty."""
        return self.roles.get(duty, duty.word)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None


def number_of(label: str) -> int | None:
    """Return the number of an incident that is written as people say it, INC-42 or 42; None where it is not."""
    digits = label.upper().removeprefix("INC-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < MOST_DIGITS else None


MOST_DIGITS = 10
"""No database has numbers of so many."""

OPENED_IT = "opened the incident"
"""The reason of the alert that an incident was opened for."""


class Membership(Frozen):
    """An alert that belongs to an incident, and why it was joined."""

    incident_id: str
    fingerprint: str
    reason: str
    joined_at: Utc
