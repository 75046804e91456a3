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


# Who is harmed weighs most: those attacked or treated unfairly by law, those who read wrong answers as users.
_ATTACK: Weights = {"business": 0.2, "user": 0.2, "system": 0.2, "compliance": 0.4}
_UNFAIR: Weights = {"business": 0.2, "user": 0.3, "system": 0.1, "compliance": 0.4}
_WRONG: Weights = {"business": 0.3, "user": 0.4, "system": 0.1, "compliance": 0.2}
_WORDS = {
    "prompt_injection": "prompt injection, prompt_injection, promptinjection, jailbreak, indirect injection",
    "security": "security, intrusion, injection, pii, vulnerab, unauthor, adversarial, poisoning, exfiltrat,"
    " model extraction, model theft, attacker, malicious, data leak, information leak",
    "bias_and_fairness": "fairness, unfair, bias, parity, equalised odds, equalized odds, discriminat, disparate",
    "context_retrieval": "retriev, groundedness, ungrounded, stale index, index stale, index is stale, stale document,"
    " embedding index, vector index, vector store, context relevance, citation",
    "model_regression": "model regression, eval regression, evaluation regression, evaluation suite, eval suite,"
    " eval score, evaluation score, golden set, model version",
    "quality_degradation": "accuracy, quality, hallucin, toxic, drift, regression, misinformation, wrong answer,"
    " confidence distribution, consistency drop, f1 score, precision drop, recall drop",
    "data_quality": "freshness, schema, missingdata, missing data, data quality, staleness, null ratio, null rate,"
    " missing values, row count, out of range",
    "dependency": "provider, upstream, dependency, thirdparty, third party, openai, llm",
    "performance": "latency, slow, saturation, p95, p99, throttl, queue, lag, cpu, memory",
    UNKNOWN: "",
}
"""Beginnings of the words of each type; the first that an alert has counts."""
_REST: Mapping[str, tuple[Weights, str | None, bool, bool, str | None]] = {
    "prompt_injection": (_ATTACK, "security", True, True, "ai-prompt-injection"),
    "security": (_ATTACK, "security", True, False, "ai-security"),
    "bias_and_fairness": (_UNFAIR, "legal-and-ethics", True, True, "ai-fairness-gap"),
    "context_retrieval": (_WRONG, "ai", False, True, "ai-retrieval"),
    "model_regression": (_WRONG, "ai", False, True, "ai-model-regression"),
    "quality_degradation": (_WRONG, "ai", False, True, "ai-quality-degradation"),
    "data_quality": (USUAL, None, False, False, "ai-data-quality"),
    "dependency": (USUAL, None, False, False, "ai-provider-outage"),
    "performance": (USUAL, None, False, False, "ai-latency"),
    UNKNOWN: (USUAL, None, False, False, None),
}
"""Weights, owner, restricted, of AI, and runbook."""
TYPES = tuple(
    IncidentType(name, tuple(filter(None, words.split(", "))), *_REST[name]) for name, words in _WORDS.items()
)
BY_NAME = {one.name: one for one in TYPES}
RESTRICTED = frozenset(one.name for one in TYPES if one.restricted)
"""Types that are nobody's business but their audience's, unless the catalogue says otherwise."""


def of(name: str) -> IncidentType:
    """Return the type of a name; one that nobody knows is an outage like any other."""
    return BY_NAME.get(name) or IncidentType(name)
