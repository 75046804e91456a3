"""Turns: one writer at a time; of those who wait the most urgent goes next, first come first served among equals."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """A queue in front of something that only one task may hold."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()

    @asynccontextmanager
    async def take(self, priority: int, wait_s: float) -> AsyncIterator[None]:
        """Hold the turn; 0 is the most urgent.

        Raises:
            TimeoutError: it did not come within `wait_s`.
        """
        await self._wait(priority, wait_s)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, priority: int, wait_s: float) -> None:
        if not self._taken:
            self._taken = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._arrivals), turn))
        came = False
        try:
            async with asyncio.timeout(wait_s):
                await turn
            came = True
        finally:
            # The turn may come in the same moment as the cancellation: somebody else must get it then.
            if not came and turn.done() and not turn.cancelled():
                self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._taken = False
