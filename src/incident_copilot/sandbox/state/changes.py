"""Counts the changes of a workspace and wakes those who wait for the next one."""

import asyncio


class Changes:
    """A revision that only grows."""

    def __init__(self) -> None:
        self.revision = 0
        self._next = asyncio.Event()

    def announce(self) -> None:
        self.revision += 1
        self._next.set()
        self._next = asyncio.Event()

    async def beyond(self, revision: int) -> int:
        """The current revision, once it is greater than `revision`."""
        while self.revision <= revision:
            await self._next.wait()
        return self.revision
