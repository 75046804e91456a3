"""The channels in which the alerts of other bots are read: found by name, joined, looked for until they are there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from incident_copilot.errors import ChatError, ChatRefused

log = logging.getLogger(__name__)

AGAIN_S = 60.0


class Watched:
    """Knows the ids of the watched channels; `channel_id` finds one by its name, and joins it where it is public."""

    def __init__(self, names: Sequence[str], channel_id: Callable[[str], Awaitable[str]]) -> None:
        self._names = tuple(names)
        self._channel_id = channel_id
        self._ids: dict[str, str] = {}
        self._was_asked = not names

    async def includes(self, channel: str) -> bool:
        """Whether bots are read in a channel given by its id.

        Raises:
            ChatUnavailable: the channels were never found, and cannot be now.
        """
        if not self._was_asked:
            await self._look_up()
        return channel in self._ids.values()

    async def join_all(self, again_s: float = AGAIN_S) -> None:
        """Join every channel; one that is not there, or private without the copilot, is looked for again and again."""
        told: list[str] = []
        while missing := await self._missing():
            if missing != told:
                log.warning("no alerts are read in %s: create it, or invite the copilot", ", ".join(missing))
            told = missing
            await asyncio.sleep(again_s)

    async def _missing(self) -> list[str]:
        try:
            await self._look_up()
        except ChatError as error:
            log.warning("the watched channels are looked for again: %s", error)
        return [f"#{name}" for name in self._names if name not in self._ids]

    async def _look_up(self) -> None:
        for name in self._names:
            if name not in self._ids:
                try:
                    self._ids[name] = await self._channel_id(name)
                except ChatRefused as refusal:
                    log.info("channel #%s is not watched: %s", name, refusal.code)
        self._was_asked = True
