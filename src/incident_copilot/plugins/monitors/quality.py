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

CONFIDENCE, CONSISTENCY = "quality.confidence", "quality.consistency"
SAMPLED = "interactions.signals"
VOICE = saying.Voice("quality", SignalKind.QUALITY_DROP, AiIncident.QUALITY)


class Options(Frozen):
    """How far a metric must fall to be trouble, and to be critical, as a share of its baseline."""

    smallest_drop: float = Field(default=0.02, gt=0, lt=1)
    severe_drop: float = Field(default=0.1, gt=0, lt=1)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Quality(options)


class Quality:
    """Looks at quality.* of a system, and at what a model as judge says of its answers."""

    name = "quality"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each metric and group that has a baseline."""
        told = list(windows.beside(watched, ("quality.", "judge.")))
        found = (self._verdict(watched, *one) for one in told)
        return [*(one for one in found if one), *_nothing_twice(watched, [key for key, *_ in told])]

    def _verdict(
        self, watched: Watched, key: windows.Key, current: windows.Some, before: windows.Some
    ) -> Verdict | None:
        if key[0] == CONFIDENCE:
            return _confidence(watched, key, current, before)
        options = self._options
        return VOICE.compared(
            watched, key, (current, before), smallest=options.smallest_drop, severe=options.severe_drop
        )


def _nothing_twice(watched: Watched, told: Sequence[windows.Key]) -> Sequence[Verdict]:
    """Say why nothing is said of consistency where interactions are sent, none of which was asked before."""
    if (CONSISTENCY, "") in told or not windows.by_key(watched.current, SAMPLED.__eq__):
        return []
    said = f"consistency: no request was asked twice; {windows.FEWEST_CASES} pairs are needed to tell"
    return [VOICE.says(watched, (CONSISTENCY, ""), Outcome.UNKNOWN, said, n=0)]


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
