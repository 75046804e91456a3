"""Wake: lets a loop sleep until there is work, or until it is time to look anyway."""

import asyncio
import contextlib


class Wake:
    """Set by whoever leaves work; remembered while the loop is busy."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Have the sleeper look now, or right after what it is doing."""
        self._event.set()

    async def wait(self, timeout_s: float) -> None:
        """Return when set, or after `timeout_s`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
        self._event.clear()
