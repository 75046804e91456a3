"""SQLite in the thread that asks: aiosqlite hands each call to a thread, which takes longer than the call itself."""

from contextlib import contextmanager

import aiosqlite.core
import pytest


class _AtOnce:
    """Stands for the queue to the thread."""

    def put_nowait(self, item):
        future, call = item
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 -- as aiosqlite's thread does
            if future:
                future.set_exception(error)
        else:
            if future:
                future.set_result(result)


class _NoThread:
    """Stands for the thread."""

    def __init__(self, **_):
        self.daemon = True

    def start(self):
        """Begin nothing."""


@contextmanager
def without_threads():
    """Have new connections work at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.core, "SimpleQueue", _AtOnce)
        patch.setattr(aiosqlite.core, "Thread", _NoThread)
        yield
