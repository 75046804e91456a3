"""The event loop of a process that serves, and what it asks of Python's garbage collector."""

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

Result = TypeVar("Result")

_YOUNG, _MIDDLE, _OLD = 20_000, 20, 50
"""Thresholds of the collector: a storm's alerts are no cycles, and looking for some takes a third of its time."""


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Return what `main` returns; what was loaded before is not looked through for garbage any more."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)
