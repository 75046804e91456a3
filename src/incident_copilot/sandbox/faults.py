"""Faults on demand: of Web API calls, and of events on their way to the app."""

from dataclasses import dataclass
from typing import Literal, get_args

from incident_copilot.sandbox.wire import Json, Refused

FaultKind = Literal["ratelimited", "error", "refuse", "hang", "drop", "drop_reply", "error_after", "slow"]
KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` calls of a method.

    ratelimited, error (`status`) and refuse (`code`) answer without doing anything; hang never answers and drop breaks
    the connection, doing nothing; drop_reply does it and breaks the connection; error_after does it and answers
    `status` all the same; slow does it after `delay_s`.
    """

    kind: FaultKind
    status: int = 500
    code: str = "fatal_error"
    retry_after: int = 1
    delay_s: float = 0.2
    times: int = 1


class Faults:
    """Waiting faults by method; `*` meets any method."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, Fault]] = []

    def add(self, method: str, fault: Fault) -> None:
        self._waiting.append((method, fault))

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The fault this call meets, counted down."""
        for wanted, fault in self._waiting:
            if wanted in (method, "*"):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove((wanted, fault))
                return fault
        return None

    @staticmethod
    def read(body: Json) -> Fault:
        """A fault from the control API. Raises: Refused invalid_arguments."""
        fields = {name: body[name] for name in ("status", "code", "retry_after", "delay_s", "times") if name in body}
        if body.get("kind") not in KINDS:
            raise Refused("invalid_arguments", f"kind is one of {', '.join(KINDS)}")
        return Fault(body["kind"], **fields)


@dataclass(slots=True)
class EventFaults:
    """Every event comes `duplicate` times more, `delay_s` late, or swapped with the one that follows it."""

    duplicate: int = 0
    delay_s: float = 0.0
    reorder: bool = False
