"""Crew: runs claimed work, a few pieces at once, until it is told to stop; never dies of one of them."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from incident_copilot.errors import LostLease, StoreUnavailable
from incident_copilot.jobs.wake import Wake

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]
Claimed = tuple[list[Work], float]
"""Pieces of work, and the seconds until there may be more where there are none now."""

_LEAST_PAUSE_S = 0.02
_TROUBLE_PAUSE_S = 1.0
_LAST_CLAIM_S = 2.0


class Crew:
    """Keeps up to `slots` pieces of work going; `claim` is asked for as many as are free."""

    def __init__(self, name: str, slots: int, claim: Callable[[int], Awaitable[Claimed]], poll_s: float) -> None:
        self.name = name
        self.wake = Wake()
        self._slots = slots
        self._claim = claim
        self._poll_s = poll_s
        self._running: set[asyncio.Task[None]] = set()
        self._is_stopped = False
        self._has_left = asyncio.Event()
        self._has_left.set()

    async def run(self) -> None:
        """Work until stopped."""
        self._has_left.clear()
        try:
            while not self._is_stopped:
                pause_s = await self._fill()
                if pause_s > 0:
                    await self.wake.wait(pause_s)
        finally:
            self._has_left.set()

    async def run_due(self) -> int:
        """Do what is due now and what that makes due, without waiting for more; return how many pieces."""
        count = 0
        while works := (await self._claim(self._slots))[0]:
            await asyncio.gather(*(self._guarded(work) for work in works))
            count += len(works)
        return count

    async def stop(self, grace_s: float) -> None:
        """Take no more, let what runs finish for `grace_s`, then cancel it and wait until it is gone."""
        self._is_stopped = True
        self.wake.set()
        # A claim that is under way could still bring in work, even what was just given back.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_CLAIM_S):
                await self._has_left.wait()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _fill(self) -> float:
        free = self._slots - len(self._running)
        if not free:
            return self._poll_s
        works, pause_s = await self._look(free)
        for work in works:
            task = asyncio.create_task(self._guarded(work))
            self._running.add(task)
            task.add_done_callback(self._put_away)
        return 0 if works else pause_s

    async def _look(self, free: int) -> Claimed:
        try:
            works, pause_s = await self._claim(free)
            return works, min(max(pause_s, _LEAST_PAUSE_S), self._poll_s)
        except LostLease:
            return [], _LEAST_PAUSE_S
        except StoreUnavailable as error:
            log.warning("%s cannot look for work: %s", self.name, error)
        except Exception:
            log.exception("%s cannot look for work", self.name)
        return [], _TROUBLE_PAUSE_S

    async def _guarded(self, work: Work) -> None:
        try:
            await work()
        except LostLease as error:
            log.info("%s dropped a result: %s", self.name, error)
        except StoreUnavailable as error:
            log.warning("%s could not record a result; its lease will run out: %s", self.name, error)
        except Exception:
            log.exception("%s could not record a result; its lease will run out", self.name)

    def _put_away(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake.set()
