"""The specialists of the five phases in which the cause of trouble with an AI system is looked for (seed 001).

They are asked in the place of the others where an incident is of an AI system; each has only its own tools. A changed
instruction needs a higher version and an eval run noted in evals/results.md.
"""

from typing import Literal

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Phase
from incident_copilot.pipeline.by_model.specialists import SPECIALISTS, Specialist, SpecialistAnswer


class StatisticalAnswer(SpecialistAnswer):
    """With how the figures moved."""

    pattern: Literal["step", "drift", "season", "spike", "none"]


class ComponentsAnswer(SpecialistAnswer):
    """With where on the way to an answer it begins."""

    begins_in: Literal["service", "retrieval", "model server", "store", "provider", "none"]


class LineageAnswer(SpecialistAnswer):
    """With what is wrong with what the model is fed."""

    fault: Literal["late", "missing", "schema", "volume", "content", "none"]


class BehaviourAnswer(SpecialistAnswer):
    """With what tells the bad answers from the good ones."""

    carried_by: Literal["model version", "prompt", "language", "segment", "everything", "none"]


class EnvironmentAnswer(SpecialistAnswer):
    """With what around the system changed."""

    outside: Literal["provider", "load", "flag", "configuration", "cost", "none"]


PHASES = (
    Specialist(
        name=Phase.STATISTICAL,
        instructions=(
            "You know time series of AI systems: when figures changed their level, whether they do so each week, and"
            " which moved first. What moved later is no cause of what moved before it."
        ),
        answer=StatisticalAnswer,
        tools=("change_points", "seasonality", "correlated_metrics", "read_metric"),
        kinds=frozenset({EvidenceKind.METRIC}),
        types=frozenset({"quality_degradation"}),
    ),
    Specialist(
        name=Phase.COMPONENTS,
        instructions=(
            "You know what an answer of an AI system passes through: gateway, retrieval, model server, provider. Tell"
            " where trouble begins from where it is felt."
        ),
        answer=ComponentsAnswer,
        tools=("component_health", "read_topology", "provider_status", "ask_source"),
        kinds=frozenset({EvidenceKind.METRIC, EvidenceKind.LOG, EvidenceKind.STATUS_PAGE}),
        causes=frozenset({"dependency", "saturation", "infrastructure", "defect"}),
        types=frozenset({"performance", "availability"}),
    ),
    Specialist(
        name=Phase.LINEAGE,
        instructions=(
            "You know where the data of a model comes from: datasets, features and indexes, the runs that fill them,"
            " and what it looks like when one is late, empty or of another shape."
        ),
        answer=LineageAnswer,
        tools=("lineage", "data_findings"),
        kinds=frozenset({EvidenceKind.CHANGE, EvidenceKind.SAMPLE}),
        types=frozenset({"data_quality", "context_retrieval"}),
    ),
    Specialist(
        name=Phase.MODEL,
        instructions=(
            "You know what models do when a version, a prompt or an index changes: which slice of the requests carries"
            " the loss, and whether evaluations saw it. A slice that does not stand out explains nothing."
        ),
        answer=BehaviourAnswer,
        tools=("slices_by", "evaluations", "versions"),
        kinds=frozenset({EvidenceKind.CHANGE, EvidenceKind.SAMPLE}),
        causes=frozenset({"change", "configuration", "no change explains this"}),
        types=frozenset({"model_regression", "quality_degradation"}),
    ),
    Specialist(
        name=Phase.ENVIRONMENT,
        instructions=(
            "You know what surrounds an AI system: flags and settings, load, and what a provider costs, how fast it"
            " answers and how many tokens it takes."
        ),
        answer=EnvironmentAnswer,
        tools=("other_changes", "usage"),
        kinds=frozenset({EvidenceKind.CHANGE, EvidenceKind.METRIC}),
        causes=frozenset({"external provider", "traffic"}),
        types=frozenset({"dependency"}),
    ),
)
BY_NAME = {one.name: one for one in (*SPECIALISTS, *PHASES)}
