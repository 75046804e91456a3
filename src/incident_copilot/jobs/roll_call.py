"""Roll call: once a second shows that this process lives, and frees what dead ones held."""

import asyncio
import contextlib
import logging

from incident_copilot.errors import StoreUnavailable
from incident_copilot.store.presence import Presence

log = logging.getLogger(__name__)


class RollCall:
    """Looks around until stopped; workers take leases under the name that `presence` signs."""

    def __init__(self, presence: Presence, every_s: float = 1.0) -> None:
        self._presence = presence
        self._every_s = every_s
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Look around, at once and then again and again, until `stop`."""
        try:
            while not self._stopping.is_set():
                await self._look_around()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._every_s):
                        await self._stopping.wait()
        finally:
            await self._presence.leave()

    def stop(self) -> None:
        """Look around no more."""
        self._stopping.set()

    async def _look_around(self) -> None:
        try:
            dead = await self._presence.look_around()
        except StoreUnavailable as error:
            log.warning("cannot see who is alive, leases run out by themselves: %s", error)
            return
        if dead:
            log.info("took over the leases of %d workers and outboxes that are gone", dead)
