"""Looks whether an answer is JSON where the system asked for JSON.

API: https://www.rfc-editor.org/rfc/rfc8259
"""

import json

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import Signal, SignalKind
from incident_copilot.domain.sampled import NOTHING, Evaluation, Sampled, Usual
from incident_copilot.ports import Evaluator, PluginEnv


class Options(Frozen):
    """Nothing is to be set."""


def create(env: PluginEnv, options: Options) -> Evaluator:
    """Return the evaluator."""
    return Form(env, options)


class Form:
    """Answers for programs."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        del options
        self.name = env.instance or "form"

    def look(self, one: Sampled, usual: Usual) -> Evaluation:
        """Return 1 for JSON and 0 for anything else, also for JSON in a code fence, which a program cannot read."""
        del usual
        if one.format is None:
            return NOTHING
        is_json = _is_json(one.response)
        signals = () if is_json else (Signal(kind=SignalKind.LOW_QUALITY, name="form.json"),)
        return Evaluation(score=float(is_json), signals=signals, facts={"quality.format": is_json})


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
