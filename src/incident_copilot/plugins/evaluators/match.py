"""Looks whether an answer is the right one, where the right one is known.

API: https://github.com/openai/evals/blob/main/docs/eval-templates.md
"""

import re
from typing import Literal

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import Signal, SignalKind
from incident_copilot.domain.plain_letters import plain
from incident_copilot.domain.sampled import NOTHING, Evaluation, Sampled, Usual
from incident_copilot.ports import Evaluator, PluginEnv

_NOT_SAID = re.compile(r"[^\w.%\-]+|\.(?!\d)")


class Options(Frozen):
    """Whether the answer has to be the expected text, or only to have it as whole words."""

    mode: Literal["exact", "contains"] = "contains"


def create(env: PluginEnv, options: Options) -> Evaluator:
    """Return the evaluator."""
    return Match(env, options)


class Match:
    """Answers beside the expected ones; case, blanks and punctuation do not count."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "match"
        self._mode = options.mode

    def look(self, one: Sampled, usual: Usual) -> Evaluation:
        """Return 1 for the right answer and 0 for another."""
        del usual
        if one.expected is None:
            return NOTHING
        said, wanted = _normal(one.response), _normal(one.expected)
        is_right = said == wanted or (self._mode == "contains" and f" {wanted} " in f" {said} ")
        signals = () if is_right else (Signal(kind=SignalKind.LOW_QUALITY, name="match.wrong"),)
        return Evaluation(score=float(is_right), signals=signals, facts={"quality.accuracy": is_right})


def _normal(text: str) -> str:
    return _NOT_SAID.sub(" ", plain(text).casefold()).strip()
