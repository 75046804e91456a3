"""DeadLetter: an authenticated webhook that could not be understood, kept for people until they settle it."""

from enum import StrEnum

from incident_copilot.domain.base import Frozen, Utc


class DeadLetterState(StrEnum):
    """What became of it."""

    WAITING = "waiting"
    REPLAYED = "replayed"
    DROPPED = "dropped"


class DeadLetter(Frozen):
    """One body of one source; `times` is how often it came, `headers` are those that plugins read, never secrets.

    A settled one has no body any more.
    """

    id: str
    source: str
    state: DeadLetterState = DeadLetterState.WAITING
    received_at: Utc
    times: int = 1
    why: str
    headers: dict[str, str]
    body: bytes


class DeadLetterCounts(Frozen):
    """How many of one source wait or were settled, and how many were left out since too many waited."""

    source: str
    waiting: int = 0
    replayed: int = 0
    dropped: int = 0
    left_out: int = 0
