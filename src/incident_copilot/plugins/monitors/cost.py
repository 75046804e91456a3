"""Cost: money, tokens and traffic of an hour that are unusual for that hour of the week.

Reference: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/
"""

from collections.abc import Sequence

from pydantic import Field

from incident_copilot.analysis.monitoring import saying, windows
from incident_copilot.analysis.monitoring.seasonal import Unusual
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

VOICE = saying.Voice("cost", SignalKind.COST, AiIncident.PERFORMANCE)


class Options(Frozen):
    """How many robust deviations above the usual are a signal; from a rise of `alerts_from` on it alerts alone."""

    deviations: float = Field(default=3.0, gt=0)
    smallest_rise: float = Field(default=0.2, gt=0)
    alerts_from: float = Field(default=1.0, gt=0)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Cost(options)


class Cost:
    """Looks at cost.* of a system by the hour."""

    name = "cost"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each metric and group whose last hour can be held against two days at the least."""
        seen = windows.all_by_key(watched, lambda metric: metric.startswith("cost."))
        hours = ((key, windows.unusual_hour(some, watched.now)) for key, some in seen.items())
        return [self._verdict(watched, key, found) for key, found in hours if found]

    def _verdict(self, watched: Watched, key: windows.Key, found: Unusual) -> Verdict:
        options = self._options
        is_high = found.z >= options.deviations and found.rise >= options.smallest_rise
        outcome = (Outcome.FIRING if found.rise >= options.alerts_from else Outcome.WEAK) if is_high else Outcome.FINE
        return VOICE.says(
            watched,
            key,
            outcome,
            f"{saying.named(key)} of the last hour: {saying.number(found.value)}, usually {saying.number(found.usual)} "
            f"by {found.by} ({found.rise:+.0%})",
            value=found.value,
            baseline=found.usual,
            baseline_n=found.n,
            details={"z": found.z, "rank_p": found.p},
        )
