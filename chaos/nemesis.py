"""The nemesis: strikes every few seconds, at a process, at the database or at what Slack answers."""

import asyncio
import random
from collections import Counter

from chaos.drill import Drill
from chaos.postgres import Postgres
from incident_copilot.sandbox.faults import Fault


class Nemesis:
    """Strikes until stopped, then makes everything good again."""

    def __init__(self, drill: Drill, server: Postgres, names: list[str], chance: random.Random) -> None:
        self.strikes: Counter[str] = Counter()
        self._drill = drill
        self._server = server
        self._names = names
        self._chance = chance

    async def strike_until(self, ends_at: float, every_s: tuple[float, float]) -> None:
        """Strike after pauses between the two lengths until the loop's clock shows `ends_at`."""
        clock = asyncio.get_running_loop().time
        ways = [self._kill, self._kill, self._pause, self._restart_database, self._limit, self._break, self._drop]
        while (wait_s := self._chance.uniform(*every_s)) + clock() < ends_at:
            await asyncio.sleep(wait_s)
            way = self._chance.choice(ways)
            self.strikes[way.__name__.strip("_")] += 1
            await way()

    async def make_good(self) -> None:
        """End all faults; every process runs again."""
        self._drill.sandbox.faults.clear()
        for name in self._names:
            self._drill.resume(name)
            if not self._drill.copilots[name].listens:
                await self._drill.start(name)

    async def _kill(self) -> None:
        name = self._chance.choice(self._names)
        await self._drill.kill(name)
        await asyncio.sleep(self._chance.uniform(0, 3))
        await self._drill.start(name)

    async def _pause(self) -> None:
        name = self._chance.choice(self._names)
        self._drill.pause(name)
        await asyncio.sleep(self._chance.uniform(2, 20))
        self._drill.resume(name)

    async def _restart_database(self) -> None:
        await asyncio.to_thread(self._server.restart)

    async def _limit(self) -> None:
        self._drill.sandbox.faults.add("*", Fault("ratelimited", retry_after=1, times=15))

    async def _break(self) -> None:
        self._drill.sandbox.faults.add("*", Fault("error", status=503, times=8))

    async def _drop(self) -> None:
        self._drill.sandbox.faults.add("chat.postMessage", Fault("drop_reply", times=3))
