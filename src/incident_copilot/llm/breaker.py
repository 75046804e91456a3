"""Breaker: leaves a server alone that fails again and again, and tries it with one question after a rest.

After https://martinfowler.com/bliki/CircuitBreaker.html.
"""

from collections.abc import Callable

FAILURES = 5
REST_S = 60.0


class Breaker:
    """Counts failures in a row; open after `failures` of them, for `rest_s`. One event loop uses it."""

    def __init__(self, clock: Callable[[], float], *, failures: int = FAILURES, rest_s: float = REST_S) -> None:
        self._clock = clock
        self._most = failures
        self._rest_s = rest_s
        self._until = 0.0
        self.failures = 0

    @property
    def state(self) -> str:
        """Closed, open, or half-open: the next question finds out."""
        if self.failures < self._most:
            return "closed"
        return "open" if self._clock() < self._until else "half-open"

    def lets_through(self) -> bool:
        """Whether to ask now; of those who ask after the rest only the first may, until it is known how that went."""
        state = self.state
        if state == "half-open":
            self._until = self._clock() + self._rest_s
        return state != "open"

    def note(self, *, is_well: bool) -> None:
        """Take note of how a question went."""
        self.failures = 0 if is_well else self.failures + 1
        if self.failures >= self._most:
            self._until = self._clock() + self._rest_s
