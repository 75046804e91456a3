"""A channel is tried without telling anybody."""

import asyncio

from incident_copilot.pipeline.comms import rehearsing
from pipeline.life import Page


async def test_channel_that_hangs_is_waited_for_no_longer_than_that():
    class Hangs(Page):
        async def check(self):
            await asyncio.Event().wait()

    assert await rehearsing.problem_of(Hangs(), deadline_s=0.01) == "Page: no answer in 0.01 s"
