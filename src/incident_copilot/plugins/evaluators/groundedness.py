"""Looks whether an answer says what was retrieved: the share of its sentences whose words and numbers stand there.

It compares words, so an answer in other words than its source scores low, and one that turns a source's meaning round
scores high; a model as judge looks closer.

API: https://docs.ragas.io/en/stable/concepts/metrics/available_metrics/faithfulness/
"""

import re

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.languages import numbers, telling
from incident_copilot.domain.observation import Signal, SignalKind
from incident_copilot.domain.sampled import NOTHING, Evaluation, Sampled, Usual
from incident_copilot.ports import Evaluator, PluginEnv

_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_FEWEST_WORDS = 3
"""Sentences with fewer telling words, such as greetings, claim nothing."""


class Options(Frozen):
    """Which share of a sentence's telling words has to stand in the passages, and of the sentences to be held."""

    words: float = 0.6
    sentences: float = 0.5


def create(env: PluginEnv, options: Options) -> Evaluator:
    """Return the evaluator."""
    return Groundedness(env, options)


class Groundedness:
    """Answers beside the passages that they were made from."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "groundedness"
        self._options = options

    def look(self, one: Sampled, usual: Usual) -> Evaluation:
        """Return the share of the answer's sentences that stand in the passages; nothing where there are none."""
        del usual
        passages = "\n".join(passage.text for passage in one.retrieved or ())
        claims = [said for said in _SENTENCES.split(one.response) if len(telling(said)) >= _FEWEST_WORDS]
        if not passages or not claims:
            return NOTHING
        words = telling(passages) | telling(one.request)
        figures = numbers(passages) | numbers(one.request)
        score = sum(self._stands(claim, words, figures) for claim in claims) / len(claims)
        is_held = score >= self._options.sentences
        signals = () if is_held else (Signal(kind=SignalKind.BAD_CONTEXT, name="ungrounded", score=score),)
        return Evaluation(score=score, signals=signals, facts={"retrieval.groundedness": is_held})

    def _stands(self, claim: str, words: set[str], figures: set[str]) -> bool:
        said = telling(claim)
        return numbers(claim) <= figures and len(said & words) >= self._options.words * len(said)
