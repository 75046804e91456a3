"""What the app did: effects that were accepted and calls that were refused."""

from collections import Counter
from dataclasses import dataclass

from incident_copilot.sandbox.wire import Json


@dataclass(frozen=True, slots=True)
class Effect:
    """A call that changed something, even when its reply never arrived."""

    at: float
    method: str
    args: Json
    response: Json
    reply_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call Slack would refuse, or accept with a complaint (`unknown_argument`)."""

    at: float
    method: str
    error: str
    detail: str
    args: Json

    def __str__(self) -> str:
        return f"{self.method}: {self.error}" + (f" ({self.detail})" if self.detail else "")


class Ledger:
    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.refused: list[Refusal] = []
        self._expected: Counter[tuple[str, str | None]] = Counter()

    def expect(self, error: str, method: str | None = None, times: int = 1) -> None:
        """Marks refusals as wanted, before or after they happen; `method` None stands for any."""
        self._expected[error, method] += times

    def unexpected(self) -> list[Refusal]:
        """Refusals that nobody expected, each expectation excusing one."""
        left = self._expected.copy()
        surprises = []
        for refusal in self.refused:
            key = next((key for key in ((refusal.error, refusal.method), (refusal.error, None)) if left[key] > 0), None)
            if key is None:
                surprises.append(refusal)
            else:
                left[key] -= 1
        return surprises
