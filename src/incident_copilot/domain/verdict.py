"""Verdict: what a monitor says of one metric of an AI system, with the figures that it rests on."""

from enum import StrEnum

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.incident_type import RESTRICTED
from incident_copilot.domain.observation import SignalKind

SOURCE = "monitors"
"""The source of the alerts that verdicts become."""


class Outcome(StrEnum):
    """What a look came to."""

    FINE = "fine"
    WEAK = "weak"
    """A signal that alerts only beside another."""
    FIRING = "firing"
    UNKNOWN = "unknown"
    """Too little was observed to say anything; `summary` says how much is needed."""


class AiIncident(StrEnum):
    """The incident types of AI systems; the label `incident_type` of an alert holds one."""

    QUALITY = "quality_degradation"
    REGRESSION = "model_regression"
    CONTEXT = "context_retrieval"
    BIAS = "bias_and_fairness"
    PERFORMANCE = "performance"
    DATA = "data_quality"
    SECURITY = "security"
    INJECTION = "prompt_injection"
    DEPENDENCY = "dependency"


class Verdict(Frozen):
    """What one look at one metric came to.

    `value` is held against `baseline`; `low` and `high` are the 95 % interval of their difference. `p` is the chance of
    such a difference where nothing changed, None where none was tested. `severity` is critical, warning or info.
    It was noticed at `since`, and began at `began`, as far as the figures tell; before `mended` they are not looked at.
    A weak signal that was told beside what fired, and is over, alerts with no other such until `explained_until`.
    """

    system: str
    monitor: str
    name: str = ""
    metric: str
    group: str = ""
    outcome: Outcome
    kind: SignalKind
    incident_type: AiIncident
    severity: str = "warning"
    summary: str = ""
    value: float | None = None
    baseline: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    baseline_n: int | None = None
    p: float | None = None
    at: Utc
    since: Utc | None = None
    began: Utc | None = None
    mended: Utc | None = None
    explained_until: Utc | None = None
    details: dict[str, float] = Field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether it is a weak signal that is news: no incident that is over explains it."""
        is_explained = self.explained_until is not None and self.at < self.explained_until
        return self.outcome is Outcome.WEAK and not is_explained

    def may_tell_of(self, other: "Verdict") -> bool:
        """Whether those who are told of this may read the other: what concerns attacks or fairness has its audience."""
        return self.incident_type in RESTRICTED or other.incident_type not in RESTRICTED

    @property
    def key(self) -> str:
        """What makes two verdicts about the same thing."""
        return f"{self.system}|{self.monitor}|{self.metric}|{self.group}"
