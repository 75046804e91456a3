"""Providers: one that answers less often than it did, or that is slower than it usually is at this hour.

Reference: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/
"""

from collections.abc import Sequence

from pydantic import Field

from incident_copilot.analysis.monitoring import saying, windows
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

AWAY = saying.Voice("provider", SignalKind.UNAVAILABLE, AiIncident.DEPENDENCY)
SLOW = saying.Voice("provider", SignalKind.SLOW, AiIncident.PERFORMANCE)
AVAILABILITY, LATENCY = "provider.availability", "provider.latency_p95_s"


class Options(Frozen):
    """How many points of availability are trouble, and are critical; how much slower than usual is."""

    smallest_drop: float = Field(default=0.02, gt=0, lt=1)
    severe_drop: float = Field(default=0.05, gt=0, lt=1)
    deviations: float = Field(default=4.0, gt=0)
    smallest_rise: float = Field(default=0.5, gt=0)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Provider(options)


class Provider:
    """Looks at provider.* of a system; groups are providers, as in provider=openai."""

    name = "provider"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each provider that has a baseline."""
        current = windows.by_key(watched.current, lambda metric: metric in {AVAILABILITY, LATENCY})
        before = windows.by_key(watched.baseline, lambda metric: metric in {AVAILABILITY, LATENCY})
        found = [self._verdict(watched, key, seen, before.get(key, [])) for key, seen in current.items()]
        return [one for one in found if one]

    def _verdict(
        self, watched: Watched, key: windows.Key, current: windows.Some, before: windows.Some
    ) -> Verdict | None:
        options = self._options
        if key[0] == AVAILABILITY:
            fallen = windows.fall(current, before, watched.began, watched.window)
            return fallen and AWAY.of_fall(
                watched, key, fallen, smallest=options.smallest_drop, severe=options.severe_drop
            )
        found = windows.unusual_hour([*before, *current], watched.now)
        if found is None:
            return None
        is_slow = found.z >= options.deviations and found.rise >= options.smallest_rise
        return SLOW.says(
            watched,
            key,
            Outcome.FIRING if is_slow else Outcome.FINE,
            f"{saying.named(key)} of the last hour: {found.value:.2f} s, usually {found.usual:.2f} s by {found.by}",
            value=found.value,
            baseline=found.usual,
            baseline_n=found.n,
            details={"z": found.z},
        )
