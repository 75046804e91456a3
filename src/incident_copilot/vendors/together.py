"""Asks several things at once and keeps what was found when some of them fail."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from contextvars import ContextVar

from incident_copilot.domain.evidence import Evidence
from incident_copilot.errors import VendorError

_noted: ContextVar[list[Evidence] | None] = ContextVar("noted", default=None)


class PartlyAnswered(VendorError):
    """Some questions failed: the text says which, `found` is what the others gave."""

    def __init__(self, message: str, found: Sequence[Evidence]) -> None:
        super().__init__(message)
        self.found = tuple(found)


def note_in(so_far: list[Evidence]) -> None:
    """Have `ask_all` note what it finds in `so_far` as it comes, in this task and in those that it starts.

    So whoever cannot wait for the slowest answer has the others; what is noted may be there twice.
    """
    _noted.set(so_far)


async def ask_all(asks: Iterable[Awaitable[Sequence[Evidence]]], at_once: int = 8) -> list[Evidence]:
    """Return everything found, in the order asked; no more than `at_once` are asked at the same time.

    Raises:
        PartlyAnswered: some could not be asked and others found something.
        VendorError: some could not be asked and nothing was found.
    """
    turns = asyncio.Semaphore(at_once)

    async def in_turn(ask: Awaitable[Sequence[Evidence]]) -> Sequence[Evidence]:
        async with turns:
            found = await ask
        if (so_far := _noted.get()) is not None:
            so_far += found
        return found

    answers = await asyncio.gather(*map(in_turn, asks), return_exceptions=True)
    found: list[Evidence] = []
    failures: list[VendorError] = []
    for answer in answers:
        if isinstance(answer, VendorError):
            failures.append(answer)
            found += answer.found if isinstance(answer, PartlyAnswered) else ()
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found += answer
    if failures and found:
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        raise PartlyAnswered(f"{failures[0]}{more}", found)
    if failures:
        raise failures[0]
    return found
