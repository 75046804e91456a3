"""The specialists: each with its instructions, the type of its answer, and only its own tools.

A changed instruction needs a higher version and an eval run noted in evals/results.md.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.prompt import Prompt

CauseKind = Literal[
    "change", "saturation", "dependency", "external provider", "traffic", "infrastructure", "configuration", "defect"
]
RULES = """\
You test hypotheses about a running incident; they were computed from the evidence and may be in the wrong order. Look
with your tools before you answer: first at what would separate the likeliest two, then at what speaks against the one
that you prefer. Judge each hypothesis by its label (H1), from 0 to 1, and cite evidence by its label (E4); what you do
not cite does not count. Keep at least two hypotheses open until evidence separates them. If another cause of your field
fits better than all of them, name it with its service; else leave `another` empty. `next_step` is the label of a step
that exists (A1), or empty. Explain in one short sentence each, with numbers and names exactly as you read them.
"""


class Judged(BaseModel):
    """What a specialist thinks of one hypothesis."""

    model_config = ConfigDict(extra="forbid")

    hypothesis: str = Field(max_length=8)
    confidence: float = Field(ge=0, le=1)
    evidence: list[str] = Field(max_length=8)
    against: list[str] = Field(max_length=8)
    because: str = Field(max_length=300)


class Another(BaseModel):
    """A cause that is not among the hypotheses."""

    model_config = ConfigDict(extra="forbid")

    kind: CauseKind
    service: str = Field(max_length=100)
    confidence: float = Field(ge=0, le=1)
    evidence: list[str] = Field(max_length=8)
    because: str = Field(max_length=300)


class SpecialistAnswer(BaseModel):
    """What every specialist answers."""

    model_config = ConfigDict(extra="forbid")

    judged: list[Judged] = Field(max_length=8)
    another: Another | None
    next_step: str | None = Field(max_length=8)


class ChangeAnswer(SpecialistAnswer):
    """With what it was about the change."""

    touched: Literal["setting", "code", "dependency", "schema", "flag", "none"]


class SaturationAnswer(SpecialistAnswer):
    """With what ran out."""

    ran_out: Literal["connections", "CPU", "memory", "disk", "queue", "threads", "quota", "none"]


class DependencyAnswer(SpecialistAnswer):
    """With where on the call path it begins."""

    begins_at: Literal["itself", "below", "provider", "unknown"]


class DataAnswer(SpecialistAnswer):
    """With what is wrong with the data."""

    wrong: Literal["late", "missing", "schema", "content", "none"]


class DatabaseAnswer(SpecialistAnswer):
    """With what the database is short of."""

    short_of: Literal["connections", "locks", "storage", "CPU", "IO", "replication", "memory", "none"]


class NetworkAnswer(SpecialistAnswer):
    """With what does not get through."""

    trouble: Literal["name resolution", "certificate", "loss", "latency", "refused", "none"]


class KubernetesAnswer(SpecialistAnswer):
    """With what the platform does."""

    doing: Literal["restarting", "evicting", "not scheduling", "not pulling", "scaling", "none"]


class SecurityAnswer(SpecialistAnswer):
    """With whether somebody means it."""

    intent: Literal["attack", "leak", "misuse", "none"]


class QualityAnswer(SpecialistAnswer):
    """With what changed in what the AI system answers."""

    drifted: Literal["model", "prompt", "retrieval", "input", "provider", "none"]


@dataclass(frozen=True)
class Specialist:
    """One specialist. `causes`, `types` and `words` say when it is asked; `kinds` what it may read."""

    name: str
    instructions: str
    answer: type[SpecialistAnswer]
    tools: tuple[str, ...]
    kinds: frozenset[EvidenceKind]
    causes: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    version: int = 1

    @property
    def prompt(self) -> Prompt:
        """Its instructions, as they are sent."""
        return Prompt(
            purpose=f"investigate.{self.name}", version=self.version, instructions=f"{self.instructions}\n{RULES}"
        )


SEEN = frozenset({EvidenceKind.ALERT, EvidenceKind.METRIC, EvidenceKind.LOG})

SPECIALISTS = (
    Specialist(
        name="change",
        instructions="You know what deploys, merges, flags and settings break, and how their diffs show in symptoms.",
        answer=ChangeAnswer,
        tools=("list_changes", "read_metric", "search_logs", "read_topology", "ask_source"),
        kinds=SEEN | {EvidenceKind.CHANGE},
        causes=frozenset({"change", "configuration", "defect", "no change explains this"}),
    ),
    Specialist(
        name="saturation",
        instructions="You know what it looks like when a resource runs out, and which of several ran out first.",
        answer=SaturationAnswer,
        tools=("read_metric", "search_logs", "read_evidence", "search_runbooks", "ask_source"),
        kinds=SEEN | {EvidenceKind.PROFILE},
        causes=frozenset({"saturation", "traffic"}),
        words=frozenset({"pool", "cpu", "memory", "disk", "queue", "quota", "heap", "saturation"}),
    ),
    Specialist(
        name="dependency",
        instructions="You know how trouble travels along calls, and tell where it begins from where it is felt.",
        answer=DependencyAnswer,
        tools=("read_topology", "read_metric", "search_logs", "read_evidence", "ask_source"),
        kinds=SEEN | {EvidenceKind.TRACE, EvidenceKind.STATUS_PAGE, EvidenceKind.ERROR},
        causes=frozenset({"dependency", "external provider"}),
        words=frozenset({"upstream", "provider", "timeout"}),
    ),
    Specialist(
        name="data",
        instructions="You know pipelines: data that is late, missing, wrong or of another shape, and what uses it.",
        answer=DataAnswer,
        tools=("read_metric", "search_logs", "list_changes", "read_topology", "past_incidents", "ask_source"),
        kinds=SEEN | {EvidenceKind.CHANGE},
        types=frozenset({"data_quality", "context_retrieval"}),
        words=frozenset({"freshness", "schema", "pipeline", "etl", "lag", "topic"}),
    ),
    Specialist(
        name="database",
        instructions=(
            "You know databases: connections, locks, storage, replication, slow statements and what waits for what; and"
            " that a busy database is often the victim of one statement or of the traffic above it."
        ),
        answer=DatabaseAnswer,
        tools=("read_metric", "search_logs", "read_evidence", "search_runbooks", "past_incidents", "ask_source"),
        kinds=SEEN | {EvidenceKind.TRACE, EvidenceKind.CHANGE},
        causes=frozenset({"saturation"}),
        words=frozenset(
            {"database", "db", "postgres", "mysql", "rds", "replica", "replication", "sql", "deadlock", "storage"}
        ),
    ),
    Specialist(
        name="network",
        instructions="You know networks: names that do not resolve, certificates, loss, latency and refusals.",
        answer=NetworkAnswer,
        tools=("read_metric", "search_logs", "read_topology", "read_evidence", "ask_source"),
        kinds=SEEN | {EvidenceKind.TRACE, EvidenceKind.STATUS_PAGE},
        causes=frozenset({"infrastructure"}),
        words=frozenset({"dns", "tls", "certificate", "network", "packet", "latency", "connection", "ingress"}),
    ),
    Specialist(
        name="kubernetes",
        instructions="You know Kubernetes: pods that restart, are evicted or do not start, nodes, probes and limits.",
        answer=KubernetesAnswer,
        tools=("search_logs", "read_metric", "list_changes", "read_evidence", "search_runbooks", "ask_source"),
        kinds=SEEN | {EvidenceKind.CHANGE},
        causes=frozenset({"infrastructure"}),
        words=frozenset({"pod", "pods", "node", "kube", "kubernetes", "container", "oom", "crashloop", "deployment"}),
    ),
    Specialist(
        name="security",
        instructions="You know attacks, leaks and misuse, and how they differ from load and from mistakes of our own.",
        answer=SecurityAnswer,
        tools=("search_logs", "read_metric", "list_changes", "search_runbooks"),
        kinds=SEEN | {EvidenceKind.CHANGE},
        types=frozenset({"security"}),
        words=frozenset({"unauthorized", "intrusion", "injection", "token", "credential"}),
    ),
    Specialist(
        name="ai quality",
        instructions=(
            "You know systems built on language models: answers that get worse by a new model, prompt, index or input,"
            " or because a provider fails or limits."
        ),
        answer=QualityAnswer,
        tools=("read_metric", "list_changes", "search_logs", "read_evidence", "past_incidents", "ask_source"),
        kinds=SEEN | {EvidenceKind.CHANGE, EvidenceKind.STATUS_PAGE, EvidenceKind.SAMPLE},
        causes=frozenset({"external provider"}),
        types=frozenset({"quality_degradation", "model_regression", "context_retrieval"}),
        words=frozenset({"accuracy", "hallucination", "llm", "model", "prompt", "retrieval", "toxicity"}),
    ),
)
