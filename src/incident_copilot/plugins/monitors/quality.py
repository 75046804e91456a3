"""Quality: an accuracy, score or consistency that fell below its baseline, or a confidence that is spread otherwise.

The test holds over all looks at a window (analysis/monitoring/sequential.py).

Reference: https://doi.org/10.1214/20-AOS1991
"""

from collections.abc import Sequence

from pydantic import Field

from incident_copilot.analysis.monitoring import distributions, saying, windows
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

CONFIDENCE = "quality.confidence"
VOICE = saying.Voice("quality", SignalKind.QUALITY_DROP, AiIncident.QUALITY)


class Options(Frozen):
    """How far a metric must fall to be trouble, and to be critical, as a share of its baseline."""

    smallest_drop: float = Field(default=0.02, gt=0, lt=1)
    severe_drop: float = Field(default=0.1, gt=0, lt=1)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Quality(options)


class Quality:
    """Looks at quality.* of a system."""

    name = "quality"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each metric and group that has a baseline."""
        current = windows.by_key(watched.current, lambda metric: metric.startswith("quality."))
        before = windows.by_key(watched.baseline, lambda metric: metric.startswith("quality."))
        found = [self._verdict(watched, key, seen, before.get(key, [])) for key, seen in current.items()]
        return [one for one in found if one]

    def _verdict(
        self, watched: Watched, key: windows.Key, current: windows.Some, before: windows.Some
    ) -> Verdict | None:
        if key[0] == CONFIDENCE:
            return _confidence(watched, key, current, before)
        found = windows.fall(current, before, watched.began, watched.window)
        if found is None:
            return None
        unit = abs(found.before)
        smallest, severe = self._options.smallest_drop * unit, self._options.severe_drop * unit
        return VOICE.of_fall(watched, key, found, smallest=smallest, severe=severe)


def _confidence(watched: Watched, key: windows.Key, current: windows.Some, before: windows.Some) -> Verdict | None:
    found = distributions.shift(windows.counts_of(before), windows.counts_of(current))
    if found is None:
        return None
    is_far = found.psi.value >= distributions.MODERATE
    said = f"confidence is spread otherwise than it was: PSI {found.psi.value:.2f}, most at {found.largest}"
    return VOICE.says(
        watched,
        key,
        Outcome.WEAK if is_far else Outcome.FINE,
        said,
        value=found.psi.value,
        n=found.n,
        baseline_n=found.before_n,
        p=found.jensen_shannon.p,
    )
