"""What the tests of evaluators share: one that is set up, and an interaction to look at."""

from datetime import UTC, datetime

from incident_copilot.domain.sampled import Sampled
from incident_copilot.ports import PluginEnv

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def look(module, told=None, usual=None, /, *, options=None, **fields):
    """Return what a module says of an interaction: of a recorded one, or of these fields."""
    env = PluginEnv(http=None, now=lambda: NOW, instance="")
    one = Sampled.model_validate({"id": "r", "at": NOW, "request": "", **(told or {}), **fields})
    return module.create(env, module.Options.model_validate(options or {})).look(one, usual or {})


def names(evaluation):
    """Return the names of its signals."""
    return [signal.name for signal in evaluation.signals]
