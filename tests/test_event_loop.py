"""The event loop of a process that serves."""

import asyncio
import gc

import pytest

from incident_copilot import event_loop


@pytest.fixture(autouse=True)
def collector():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


async def _loop():
    return type(asyncio.get_running_loop()).__module__


def test_main_runs_on_uvloop_and_its_result_is_returned():
    assert event_loop.run(_loop()) == "uvloop"


def test_what_was_loaded_before_is_left_out_of_collections():
    frozen = gc.get_freeze_count()

    event_loop.run(_loop())

    assert gc.get_freeze_count() > frozen
