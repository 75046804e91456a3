"""What the weighing of causes is given and what it answers; keys are the caller's names for its evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from incident_copilot.analysis.changes import RankedChange, Verdict
from incident_copilot.analysis.comparison import Contrast
from incident_copilot.analysis.logs import TemplateChange
from incident_copilot.analysis.ranking import RankedSeries
from incident_copilot.analysis.readings import Reading
from incident_copilot.analysis.topology import Graph
from incident_copilot.analysis.trust import Trust

CauseKind = Literal[
    "change",
    "saturation",
    "dependency",
    "external provider",
    "traffic",
    "infrastructure",
    "configuration",
    "defect",
    "nothing is wrong",
    "no change explains this",
    "not enough data",
]


@dataclass(frozen=True)
class ProviderStatus:
    """What a provider's status page says; `since` is the start of its incident in epoch seconds, if it has one."""

    name: str
    status: Literal["operational", "degraded", "outage", "unknown"]
    since: float | None = None
    detail: str = ""


@dataclass(frozen=True)
class Event:
    """Something that a platform told about a service, such as a failover or a pod that was evicted."""

    at: float
    text: str
    service: str = ""


@dataclass(frozen=True)
class Part:
    """What a load is made of: a statement, wait or user, how much of it that is, and what a statement waits for."""

    by: Literal["statement", "wait", "user"]
    name: str
    value: float
    waits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """One sentence and the keys of the evidence it rests on (never empty)."""

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Findings:
    """All that is known so far. `alert` and each mapping's keys name the evidence that a statement may rest on.

    `gaps` says in words what could not be looked at. `changes_known` is False when a source of changes did not answer,
    so that having seen none means nothing. `undone` says of changes that taking them back did not help.
    `trust` says of rules, by signature or kind of cause, how they have done in other incidents.
    `is_measured` says that the alert is a monitor's, which has tested what it tells of.
    `contrasts` says of metrics which label sets those apart that changed, `carried` of versions that the requests that
    they answered carry the loss. `readings` are of all series, `parts` of those whose load is known by its parts.
    """

    alert: str
    service: str
    onset_at: float
    changes: Mapping[str, RankedChange] = field(default_factory=dict)
    series: Mapping[str, RankedSeries] = field(default_factory=dict)
    templates: Mapping[str, TemplateChange] = field(default_factory=dict)
    providers: Mapping[str, ProviderStatus] = field(default_factory=dict)
    gaps: Mapping[str, str] = field(default_factory=dict)
    depends_on: Graph = field(default_factory=dict)
    changes_known: bool = True
    undone: Mapping[str, Statement] = field(default_factory=dict)
    contrasts: Sequence[Contrast] = ()
    carried: Mapping[str, Statement] = field(default_factory=dict)
    trust: Mapping[str, Trust] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    events: Mapping[str, Event] = field(default_factory=dict)
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    is_measured: bool = False


@dataclass(frozen=True)
class Cause:
    """A possible cause: `subject` is the service, change key, provider or resource; `confidence` is 0 to 1.

    `mechanism` says how it would produce the symptoms, `confirm` and `refute` what would settle it. `signature` names
    the rule that proposed it, so that its precision can be counted. `follows` says that another cause explains it,
    `record` how its rule has done before.
    """

    kind: CauseKind
    subject: str
    title: str
    mechanism: str
    confidence: float
    verdict: Verdict
    supporting: tuple[Statement, ...]
    contradicting: tuple[Statement, ...]
    next_check: str
    confirm: str
    refute: str
    signature: str = ""
    follows: bool = False
    record: str = ""

    @property
    def rule(self) -> str:
        """The name of the rule that proposed it."""
        return self.signature or self.kind
