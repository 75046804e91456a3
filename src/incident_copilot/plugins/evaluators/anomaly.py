"""Looks for interactions that are unlike the others of their system: far slower, dearer, or with far more tokens.

Such figures have long tails, so both is asked for: many standard deviations, and several times the mean.

API: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/
"""

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import Signal, SignalKind
from incident_copilot.domain.sampled import MEASURED, Evaluation, Sampled, Usual
from incident_copilot.ports import Evaluator, PluginEnv


class Options(Frozen):
    """How far from the mean is unusual, and how many interactions have to be known before anything is."""

    deviations: float = 6.0
    times: float = 3.0
    at_least: int = 100


def create(env: PluginEnv, options: Options) -> Evaluator:
    """Return the evaluator."""
    return Anomaly(env, options)


class Anomaly:
    """Figures of single interactions."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "anomaly"
        self._options = options

    def look(self, one: Sampled, usual: Usual) -> Evaluation:
        """Return the figures that are unusual, with how many times the mean they are."""
        found = {name: value for name in MEASURED if (value := getattr(one, name)) is not None}
        times = {name: self._times(value, name, usual) for name, value in found.items()}
        signals = [
            Signal(kind=SignalKind.ANOMALY, name=f"anomaly.{name}", score=round(ratio, 1))
            for name, ratio in times.items()
            if ratio
        ]
        # They have one cause as a rule, and count as one signal.
        return Evaluation(signals=tuple(signals[:1]), facts={"interactions.unusual": bool(signals)} if found else {})

    def _times(self, value: float, name: str, usual: Usual) -> float:
        typical = usual.get(name)
        if typical is None or typical.n < self._options.at_least or typical.mean <= 0:
            return 0.0
        is_far = value > typical.mean + self._options.deviations * typical.spread
        ratio = value / typical.mean
        return ratio if is_far and ratio >= self._options.times else 0.0
