"""Retrieval: fewer hits, less relevant or less grounded answers than in the baseline, or texts that become old.

Reference: https://docs.ragas.io/en/stable/concepts/metrics/available_metrics/
"""

from collections.abc import Sequence

from pydantic import Field

from incident_copilot.analysis.monitoring import saying, windows
from incident_copilot.analysis.monitoring.beginning import beginning
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

VOICE = saying.Voice("retrieval", SignalKind.BAD_CONTEXT, AiIncident.CONTEXT)
AGE = "retrieval.age_s"


class Options(Frozen):
    """How far a metric must fall to be trouble, and to be critical (of its baseline); how much older texts may become.

    `max_age_h` is how old they may be at all, where there is such a limit.
    """

    smallest_drop: float = Field(default=0.03, gt=0, lt=1)
    severe_drop: float = Field(default=0.2, gt=0, lt=1)
    older_by_h: float = Field(default=24.0, gt=0)
    max_age_h: float | None = Field(default=None, gt=0)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Retrieval(options)


class Retrieval:
    """Looks at retrieval.* of a system."""

    name = "retrieval"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each metric and group that has a baseline, and for the age of the index."""
        found = (self._verdict(watched, *told) for told in windows.beside(watched, "retrieval."))
        return [one for one in found if one]

    def _verdict(
        self, watched: Watched, key: windows.Key, current: windows.Some, before: windows.Some
    ) -> Verdict | None:
        if key[0] == AGE:
            return self._age(watched, key, current, before)
        options = self._options
        return VOICE.compared(
            watched, key, (current, before), smallest=options.smallest_drop, severe=options.severe_drop
        )

    def _age(self, watched: Watched, key: windows.Key, current: windows.Some, before: windows.Some) -> Verdict | None:
        """An index that is not refreshed any more grows older by an hour in an hour."""
        recent, usual = windows.together(windows.latest(current, watched.now, 60)), windows.together(before)
        if recent is None or recent.value is None:
            return None
        limits = [] if self._options.max_age_h is None else [self._options.max_age_h]
        limits += [usual.value / 3600 + self._options.older_by_h] if usual and usual.value is not None else []
        age_h, limit = recent.value / 3600, min(limits, default=None)
        if limit is None:
            said = f"what is found is {age_h:.1f} h old; nothing is known of before, and no max_age_h is set"
            return VOICE.says(watched, key, Outcome.UNKNOWN, said, value=recent.value)
        outcome = Outcome.FIRING if age_h > limit else Outcome.FINE
        said = f"what is found is {age_h:.1f} h old, {limit:.1f} h are the limit"
        began = beginning(current, limit * 3600, is_upper=True)
        return VOICE.says(
            watched, key, outcome, said, value=recent.value, baseline=limit * 3600, n=recent.n, began=began
        )
