"""Looks at what was retrieved: whether the right passages were found, cited ones exist, and how old they are.

API: https://docs.ragas.io/en/stable/concepts/metrics/available_metrics/context_recall/
"""

from collections.abc import Iterator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.languages import telling
from incident_copilot.domain.observation import Signal, SignalKind
from incident_copilot.domain.sampled import NOTHING, Evaluation, Sampled, Usual
from incident_copilot.ports import Evaluator, PluginEnv

_DAY_S = 86_400


class Options(Frozen):
    """From which age in days on a passage is stale."""

    stale_days: float = 180.0


def create(env: PluginEnv, options: Options) -> Evaluator:
    """Return the evaluator."""
    return Retrieval(env, options)


class Retrieval:
    """The passages of one interaction."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "retrieval"
        self._options = options

    def look(self, one: Sampled, usual: Usual) -> Evaluation:
        """Return how well the passages fit; nothing where the system retrieves none."""
        del usual
        if one.retrieved is None:
            return NOTHING
        facts = dict(_known(one))
        ages = [(one.at - each.updated_at).total_seconds() for each in one.retrieved if each.updated_at]
        measures = {"retrieval.relevance": _relevance(one)}
        measures |= {"retrieval.age_s": max(0.0, sum(ages) / len(ages))} if ages else {}
        faults = {
            "empty": not one.retrieved,
            "miss": facts.get("retrieval.hit_rate") is False,
            "citation": facts.get("retrieval.citations") is False,
            "stale": measures.get("retrieval.age_s", 0.0) > self._options.stale_days * _DAY_S,
        }
        wrong = [name for name, is_so in faults.items() if is_so]
        return Evaluation(
            score=0.0 if wrong else 1.0,
            signals=tuple(Signal(kind=SignalKind.BAD_CONTEXT, name=f"retrieval.{name}") for name in wrong[:1]),
            facts=facts,
            measures=measures,
        )


def _known(one: Sampled) -> Iterator[tuple[str, bool]]:
    """Yield what can be said by the ids of passages."""
    found = {passage.id for passage in one.retrieved or ()}
    if one.relevant:
        yield "retrieval.hit_rate", not found.isdisjoint(one.relevant)
    if one.cited:
        yield "retrieval.citations", found.issuperset(one.cited)


def _relevance(one: Sampled) -> float:
    """Which share of the telling words of the request stand in a passage."""
    asked = telling(one.request)
    told = telling("\n".join(passage.text for passage in one.retrieved or ()))
    return len(asked & told) / len(asked) if asked else 1.0
