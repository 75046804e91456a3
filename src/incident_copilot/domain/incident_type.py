"""Incident types: what kind of trouble it is, in the words of alerts; whose it is, and who may read of it.

The types of AI systems are those of seeds 001 and 002: the service answers, and what it answers is wrong, unfair or
steered by somebody else. Weights are those of seed 001's detector, moved to what each type is bad for.
"""

from collections.abc import Mapping
from typing import NamedTuple

Weights = Mapping[str, float]
USUAL: Weights = {"business": 0.3, "user": 0.3, "system": 0.2, "compliance": 0.2}
UNKNOWN = "availability"
"""The type of an alert whose words speak of none."""


class IncidentType(NamedTuple):
    """One type. `words` are beginnings of words; `owner` is the team of that name, where the catalogue has one.

    What is `restricted` is for its owner and those whom they bring in: it opens in private, and is not summed up
    elsewhere. `runbook` is the shipped one to begin with.
    """

    name: str
    words: tuple[str, ...] = ()
    weights: Weights = USUAL
    owner: str | None = None
    restricted: bool = False
    of_ai: bool = False
    runbook: str | None = None

    @property
    def title(self) -> str:
        """Its name as people read it."""
        return self.name.replace("_", " ")


def _beginnings(words: str) -> tuple[str, ...]:
    return tuple(words.split(", "))


TYPES = (
    IncidentType(
        "prompt_injection",
        _beginnings("prompt injection, prompt_injection, promptinjection, jailbreak, indirect injection"),
        {"business": 0.2, "user": 0.2, "system": 0.2, "compliance": 0.4},
        owner="security",
        restricted=True,
        of_ai=True,
        runbook="ai-prompt-injection",
    ),
    IncidentType(
        "security",
        _beginnings(
            "security, intrusion, injection, pii, vulnerab, unauthor, adversarial, poisoning, exfiltrat, "
            "model extraction, model theft, attacker, malicious, data leak, information leak"
        ),
        {"business": 0.2, "user": 0.2, "system": 0.2, "compliance": 0.4},
        owner="security",
        restricted=True,
        runbook="ai-security",
    ),
    IncidentType(
        "bias_and_fairness",
        _beginnings("fairness, unfair, bias, parity, equalised odds, equalized odds, discriminat, disparate"),
        {"business": 0.2, "user": 0.3, "system": 0.1, "compliance": 0.4},
        owner="legal-and-ethics",
        restricted=True,
        of_ai=True,
        runbook="ai-fairness-gap",
    ),
    IncidentType(
        "context_retrieval",
        _beginnings(
            "retriev, groundedness, ungrounded, stale index, index stale, index is stale, stale document, "
            "embedding index, vector index, vector store, context relevance, citation"
        ),
        {"business": 0.3, "user": 0.4, "system": 0.1, "compliance": 0.2},
        owner="ai",
        of_ai=True,
        runbook="ai-retrieval",
    ),
    IncidentType(
        "model_regression",
        _beginnings(
            "model regression, eval regression, evaluation regression, evaluation suite, eval suite, "
            "eval score, evaluation score, golden set, model version"
        ),
        {"business": 0.3, "user": 0.4, "system": 0.1, "compliance": 0.2},
        owner="ai",
        of_ai=True,
        runbook="ai-model-regression",
    ),
    IncidentType(
        "quality_degradation",
        _beginnings(
            "accuracy, quality, hallucin, toxic, drift, regression, misinformation, wrong answer, "
            "confidence distribution, consistency drop, f1 score, precision drop, recall drop"
        ),
        {"business": 0.3, "user": 0.4, "system": 0.1, "compliance": 0.2},
        owner="ai",
        of_ai=True,
        runbook="ai-quality-degradation",
    ),
    IncidentType(
        "data_quality",
        _beginnings(
            "freshness, schema, missingdata, missing data, data quality, staleness, null ratio, null rate, "
            "missing values, row count, out of range"
        ),
        runbook="ai-data-quality",
    ),
    IncidentType(
        "dependency",
        _beginnings("provider, upstream, dependency, thirdparty, third party, openai, llm"),
        runbook="ai-provider-outage",
    ),
    IncidentType(
        "performance",
        _beginnings("latency, slow, saturation, p95, p99, throttl, queue, lag, cpu, memory"),
        runbook="ai-latency",
    ),
    IncidentType(UNKNOWN),
)
BY_NAME = {one.name: one for one in TYPES}
RESTRICTED = frozenset(one.name for one in TYPES if one.restricted)
"""Types that are nobody's business but their audience's, unless the catalogue says otherwise."""


def of(name: str) -> IncidentType:
    """Return the type of a name; one that nobody knows is an outage like any other."""
    return BY_NAME.get(name) or IncidentType(name)
