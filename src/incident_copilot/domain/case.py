"""Case: an incident that is over, as a file that can be replayed: what was known, what people decided, the answers."""

from typing import Literal

from pydantic import Field

from incident_copilot.domain.advice import Came
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.evidence import Evidence, EvidenceGap
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.investigation import Spent


class NamedCause(Frozen):
    """A cause: its kind, and what it is about: a service, or a change as `payments v2.31.0`."""

    kind: str
    about: str

    @property
    def text(self) -> str:
        """It in words."""
        return f"{self.kind}: {self.about}"


class Decided(Frozen):
    """A suggestion and what people made of it; `key` is the same for the same suggestion."""

    kind: str
    key: str
    title: str
    came: Came
    by: tuple[str, ...] = ()


class Answers(Frozen):
    """What it came to: the severity that people left it at, the cause that an action proved, the runbook they used."""

    severity: Severity
    cause: NamedCause | None = None
    runbook: str | None = None


class Case(Frozen):
    """One incident, anonymised. `as_of` is when people decided first; what was found later is not replayed.

    `then` is the cause that the brief named first at that time, `took_s` how long until its phases ended.
    """

    shape: Literal["incident-copilot-case/1"] = "incident-copilot-case/1"
    name: str
    title: str
    service: str | None = None
    environment: str | None = None
    incident_type: str
    opened_at: Utc
    as_of: Utc
    alerts: tuple[Alert, ...]
    evidence: tuple[Evidence, ...]
    gaps: tuple[EvidenceGap, ...] = ()
    decided: tuple[Decided, ...] = ()
    answers: Answers
    then: NamedCause | None = None
    took_s: dict[str, float] = Field(default_factory=dict)
    spent: Spent = Spent()
