"""A crew: keeps its slots full, and no single piece of work or lookout stops it."""

import asyncio
import logging

import pytest

from incident_copilot.errors import LostLease, StoreUnavailable
from incident_copilot.jobs.crew import Crew


class Lookout:
    """Hands out what it was given, one claim at a time, then nothing; an error is raised instead."""

    def __init__(self, *claims):
        self.claims = list(claims)
        self.free = []
        self.is_empty = asyncio.Event()

    async def __call__(self, free):
        self.free.append(free)
        if not self.claims:
            self.is_empty.set()
            return [], 60
        claim = self.claims.pop(0)
        if isinstance(claim, Exception):
            raise claim
        return claim, 60


async def _run_until_empty(crew, lookout):
    running = asyncio.create_task(crew.run())
    async with asyncio.timeout(5):
        while not lookout.is_empty.is_set():
            crew.wake.set()
            await asyncio.sleep(0)
    await crew.stop(5)
    await running


async def test_work_runs_and_the_crew_asks_for_as_much_as_is_free():
    done = []
    first_waits = asyncio.Event()

    async def first():
        await first_waits.wait()
        done.append("first")

    async def second():
        done.append("second")
        first_waits.set()

    lookout = Lookout([first], [second])
    await _run_until_empty(Crew("test", 2, lookout, 60), lookout)

    assert (done, lookout.free[:2]) == (["second", "first"], [2, 1])


async def test_full_crew_does_not_look_for_more():
    started, release = asyncio.Event(), asyncio.Event()

    async def hold():
        started.set()
        await release.wait()

    lookout = Lookout([hold])
    crew = Crew("test", 1, lookout, 60)
    running = asyncio.create_task(crew.run())
    await started.wait()
    crew.wake.set()
    await asyncio.sleep(0)
    asked_while_full = list(lookout.free)
    release.set()
    await lookout.is_empty.wait()
    await crew.stop(5)
    await running

    assert (asked_while_full, lookout.free) == ([1], [1, 1])


@pytest.mark.parametrize(
    ("trouble", "level", "text"),
    [
        (LostLease("another was faster"), None, ""),
        (StoreUnavailable("the database is away"), logging.WARNING, "test cannot look for work: the database is away"),
        (ZeroDivisionError("bug"), logging.ERROR, "test cannot look for work"),
    ],
)
async def test_trouble_while_looking_is_told_and_the_crew_looks_again(caplog, trouble, level, text):
    done = []

    async def work():
        done.append("work")

    lookout = Lookout(trouble, [work])
    await _run_until_empty(Crew("test", 1, lookout, 60), lookout)

    assert done == ["work"]
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == ([(level, text)] if level else [])


@pytest.mark.parametrize(
    ("trouble", "text"),
    [
        (LostLease("job a is leased to somebody else"), "test dropped a result: job a is leased to somebody else"),
        (StoreUnavailable("away"), "test could not record a result; its lease will run out: away"),
        (ZeroDivisionError("bug"), "test could not record a result; its lease will run out"),
    ],
)
async def test_trouble_while_working_is_told_and_ends_nothing_else(caplog, trouble, text):
    async def work():
        raise trouble

    with caplog.at_level(logging.INFO):
        count = await Crew("test", 1, Lookout([work], [work]), 60).run_due()

    assert count == 2
    assert [record.getMessage() for record in caplog.records] == [text, text]


async def test_stop_cancels_what_does_not_end_in_time():
    ended = []
    started = asyncio.Event()

    async def stubborn():
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    crew = Crew("test", 1, Lookout([stubborn]), 60)
    running = asyncio.create_task(crew.run())
    await started.wait()
    await crew.stop(0)
    await running

    assert ended == ["cancelled"]
