"""Drift: features or outputs that are spread otherwise than in the baseline, by PSI, Jensen-Shannon and KS.

Reference: https://scholarworks.wmich.edu/dissertations/3208
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from incident_copilot.analysis.monitoring import distributions, saying, seasons, windows
from incident_copilot.analysis.monitoring.beginning import beginning
from incident_copilot.analysis.monitoring.distributions import Shift
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

VOICE = saying.Voice("drift", SignalKind.DRIFT, AiIncident.QUALITY)
FAMILIES = ("feature.", "output.")


class Options(Frozen):
    """From which PSI on a change is a weak signal, and from which on it alerts; of `fewest` cases at least."""

    moderate: float = Field(default=distributions.MODERATE, gt=0)
    large: float = Field(default=distributions.LARGE, gt=0)
    fewest: int = Field(default=500, ge=20)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Drift(options)


class Drift:
    """Looks at feature.* and output.* of a system, each for itself."""

    name = "drift"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each feature and output that was counted before and now."""
        told = [(key, seen, self._usual(seen, before)) for key, seen, before in windows.beside(watched, FAMILIES)]
        shifts = [
            (key, seen, usual, distributions.shift(windows.counts_of(usual), windows.counts_of(seen)))
            for key, seen, usual in told
        ]
        return [
            self._verdict(watched, key, found, _began(found, usual, seen))
            for key, seen, usual, found in shifts
            if found
        ]

    def _usual(self, seen: windows.Some, before: windows.Some) -> windows.Some:
        """Who asks at night, and what, is another than by day."""
        return seasons.of_same_hours(seen, before, self._options.fewest)

    def _verdict(self, watched: Watched, key: windows.Key, found: Shift, began: datetime | None) -> Verdict:
        options = self._options
        if min(found.n, found.before_n) < options.fewest:
            said = (
                f"{saying.named(key)}: {found.n:,} cases and {found.before_n:,} before; {options.fewest:,} are needed"
            )
            return VOICE.says(watched, key, Outcome.UNKNOWN, said, n=found.n, baseline_n=found.before_n)
        outcome = Outcome.WEAK if found.psi.value >= options.moderate else Outcome.FINE
        outcome = Outcome.FIRING if found.psi.value >= options.large else outcome
        measures = {"psi": found.psi.value, "jensen_shannon": found.jensen_shannon.value, "ks": found.ks.value}
        return VOICE.says(
            watched,
            key,
            outcome,
            f"{key[0].split('.')[0]} {saying.named(key)} is spread otherwise than it was: PSI {found.psi.value:.2f}, "
            f"Jensen-Shannon {found.jensen_shannon.value:.3f}, KS {found.ks.value:.2f}, most at {found.largest}",
            value=found.psi.value,
            n=found.n,
            baseline_n=found.before_n,
            p=found.jensen_shannon.p,
            details=measures,
            began=began,
        )


def _began(found: Shift, before: windows.Some, current: windows.Some) -> datetime | None:
    """Return since when the part of the bucket that changed most was nearer to what it is than to what it was."""
    was, now = (windows.part_of(windows.together(some), found.largest).share or 0.0 for some in (before, current))
    parts = [one.model_copy(update={"figure": windows.part_of(one.figure, found.largest)}) for one in current]
    return beginning(parts, (was + now) / 2, is_upper=now > was)
