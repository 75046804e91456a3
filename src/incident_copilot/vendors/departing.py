"""Departing: whoever must know that a request changes something is told right before it leaves, and may still stop it.

The calls of vendors/ tell it themselves, so that no plugin can forget to; what only reads is not told.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Note = Callable[[], Awaitable[None]]
"""Awaited before the request leaves; what it raises goes to whoever made the request."""

_note: ContextVar[Note | None] = ContextVar("departing", default=None)


@contextmanager
def told_to(note: Note) -> Iterator[None]:
    """Have `note` awaited before each request that this task makes within, unless it only reads."""
    token = _note.set(note)
    try:
        yield
    finally:
        _note.reset(token)


async def noted() -> None:
    """Return once it is noted that a request leaves, where anybody wants to know."""
    note = _note.get()
    if note:
        await note()
