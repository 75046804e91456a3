"""SQLite without what takes longer than itself: aiosqlite's thread for each connection, and the disk."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

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
    """Have connections that are opened meanwhile work at once, in the thread that asks: half the time of most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.core, "SimpleQueue", _AtOnce)
        patch.setattr(aiosqlite.core, "Thread", _NoThread)
        yield


@contextmanager
def in_memory():
    """Give a folder where syncing costs nothing, where the system has one."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
