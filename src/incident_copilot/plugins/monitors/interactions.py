"""Interactions: two signals on one of them alert at once, and of single ones the rate is held against the baseline.

Where two signals at once are usual, as in a busy system they are, their rate is tested as well.

Reference: https://genai.owasp.org/llm-top-10/
"""

from collections.abc import Sequence

from pydantic import Field

from incident_copilot.analysis.monitoring import saying, windows
from incident_copilot.analysis.monitoring.beginning import beginning
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

VOICE = saying.Voice("interactions", SignalKind.ANOMALY, AiIncident.QUALITY)
INJECTION = saying.Voice("interactions", SignalKind.ANOMALY, AiIncident.INJECTION)
TOGETHER, ATTEMPTS = "interactions.together", "interactions.injection_attempts"


class Options(Frozen):
    """How many points more of a signal are trouble, and are critical; how long two signals at once go on alerting."""

    smallest_rise: float = Field(default=0.02, gt=0, lt=1)
    severe_rise: float = Field(default=0.2, gt=0, lt=1)
    over_min: int = Field(default=60, ge=1, le=1440)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Interactions(options)


class Interactions:
    """Looks at the shares among interactions.* of a system: of all that were sampled, those with a signal."""

    name = "interactions"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each kind of signal that was counted."""
        told = list(windows.beside(watched, "interactions."))
        found = (self._verdict(watched, *one, _voice(one[0], told)) for one in told)
        return [one for one in found if one]

    def _verdict(
        self, watched: Watched, key: windows.Key, current: windows.Some, before: windows.Some, voice: saying.Voice
    ) -> Verdict | None:
        usual = windows.share_of(windows.together(before))
        if key[0] == TOGETHER and not (usual and usual.successes):
            return self._first(watched, key, current, voice)
        if usual is None or windows.share_of(windows.together(current)) is None:
            return None
        options = self._options
        return voice.compared(
            watched,
            key,
            (current, before),
            smallest=options.smallest_rise,
            severe=options.severe_rise,
            rises=True,
        )

    def _first(self, watched: Watched, key: windows.Key, current: windows.Some, voice: saying.Voice) -> Verdict | None:
        recent = windows.latest(current, watched.now, self._options.over_min)
        share = windows.share_of(windows.together(recent))
        if share is None:
            return None
        said = (
            f"{share.successes:,} of {share.n:,} interactions had two signals or more in {self._options.over_min} min"
            f"{saying.none_since(recent)}"
        )
        outcome = Outcome.FIRING if share.successes else Outcome.FINE
        began = beginning(recent, 0.0, is_upper=True) if share.successes else None
        return voice.says(watched, key, outcome, said, value=share.rate, baseline=0.0, n=share.n, began=began)


def _voice(key: windows.Key, told: Sequence[tuple[windows.Key, windows.Some, windows.Some]]) -> saying.Voice:
    """Where attacks were tried, two signals at once may be one: that is for those who see to attacks alone."""
    attempts = [windows.share_of(windows.together(now)) for (metric, *_), now, _ in told if metric == ATTEMPTS]
    tried = any(share and share.successes for share in attempts)
    return INJECTION if key[0] == ATTEMPTS or (key[0] == TOGETHER and tried) else VOICE
