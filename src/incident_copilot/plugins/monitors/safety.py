"""Safety: one finding alerts at once, such as an injected prompt or personal data in an answer; and rates over a limit.

Reference: https://genai.owasp.org/llm-top-10/
"""

from collections.abc import Sequence

from pydantic import Field

from incident_copilot.analysis.monitoring import saying, shares, tails, windows
from incident_copilot.analysis.monitoring.beginning import beginning
from incident_copilot.analysis.monitoring.shares import Share
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

VOICE = saying.Voice("safety", SignalKind.SAFETY_VIOLATION, AiIncident.SECURITY)
INJECTION = saying.Voice("safety", SignalKind.SAFETY_VIOLATION, AiIncident.INJECTION)
MANY = 10
"""Findings from which on nobody takes it for a single case."""


class Options(Frozen):
    """How long a finding goes on alerting, and for which metrics a rate is expected that is no finding by itself."""

    over_min: int = Field(default=60, ge=1, le=10_080)
    expected: dict[str, float] = Field(default_factory=lambda: {"safety.toxicity": 0.001})


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Safety(options)


class Safety:
    """Looks at safety.* of a system; a share's successes are what was flagged."""

    name = "safety"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each kind of finding and group."""
        told = windows.latest([*watched.baseline, *watched.current], watched.now, self._options.over_min)
        seen = windows.by_key(told, lambda metric: metric.startswith("safety."))
        totals = ((key, some, windows.share_of(windows.together(some))) for key, some in seen.items())
        return [self._verdict(watched, key, some, flagged) for key, some, flagged in totals if flagged]

    def _verdict(self, watched: Watched, key: windows.Key, told: windows.Some, flagged: Share) -> Verdict:
        expected = self._options.expected.get(key[0], 0.0)
        interval = shares.wilson(flagged)
        is_found = flagged.rate > expected
        of = f"{saying.named(key)}: {flagged.successes:,} of {flagged.n:,} in {self._options.over_min} min"
        compared = f", {expected:.1%} are expected" if expected else saying.none_since(told)
        return (INJECTION if "injection" in key[0] else VOICE).says(
            watched,
            key,
            Outcome.FIRING if is_found else Outcome.FINE,
            f"{of}{compared}",
            severity="critical" if flagged.successes >= MANY else "warning",
            value=flagged.rate,
            baseline=expected,
            low=interval.low,
            high=interval.high,
            n=flagged.n,
            began=beginning(told, expected, is_upper=True) if is_found else None,
            p=tails.binomial(flagged.successes, flagged.n, expected) if expected else None,
        )
