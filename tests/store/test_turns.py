"""Turns: who goes next, and that a turn is never lost."""

import asyncio

import pytest

from incident_copilot.store.turns import Turns


async def _queue(turns, order, name, priority, wait_s=5):
    async with turns.take(priority, wait_s):
        order.append(name)


async def _waiting(turns, order, name, priority, wait_s=5):
    """Start a task and let it get in line."""
    task = asyncio.create_task(_queue(turns, order, name, priority, wait_s))
    await asyncio.sleep(0)
    return task


async def test_most_urgent_goes_next_and_equals_in_order_of_arrival():
    turns, order = Turns(), []
    async with turns.take(3, 5):
        waiting = [await _waiting(turns, order, name, priority) for name, priority in [("c", 3), ("a", 0), ("b", 0)]]
    await asyncio.gather(*waiting)

    assert order == ["a", "b", "c"]


async def test_turn_that_does_not_come_in_time_is_refused_and_passed_over():
    turns, order = Turns(), []
    async with turns.take(3, 5):
        late = await _waiting(turns, order, "late", 0, wait_s=0)
        patient = await _waiting(turns, order, "patient", 3)
        with pytest.raises(TimeoutError):
            await late
    await patient

    assert order == ["patient"]


async def test_turn_that_comes_as_its_waiter_is_cancelled_goes_to_the_next():
    turns, order = Turns(), []
    async with turns.take(3, 5):
        cancelled = await _waiting(turns, order, "cancelled", 0)
        next_one = await _waiting(turns, order, "next", 3)
    cancelled.cancel()
    await next_one

    assert order == ["next"]
    assert cancelled.cancelled()


async def test_turn_is_free_again_after_an_error():
    turns, order = Turns(), []
    with pytest.raises(ValueError, match="of the holder"):
        async with turns.take(0, 5):
            raise ValueError("of the holder")
    await _queue(turns, order, "next", 0)

    assert order == ["next"]
