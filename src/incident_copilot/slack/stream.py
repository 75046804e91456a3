"""A reply that grows while people read it: sent once, never repeated; nothing depends on it.

A row says that it is open, so that one whose process dies is ended by another (`pipeline/cut_off.py`).

https://docs.slack.dev/reference/methods/chat.startStream
"""

import logging
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.errors import ChatError
from incident_copilot.pipeline import cut_off
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.calls import call
from incident_copilot.store.open_streams import OpenStream

log = logging.getLogger(__name__)


class Stream:
    """One reply in a thread, for the person who asked."""

    def __init__(
        self, deps: Deps, client: AsyncWebClient, channel: str, thread_ts: str, person: str, team: str
    ) -> None:
        self._deps = deps
        self._client = client
        self.channel, self.thread_ts = channel, thread_ts
        self._for = {"recipient_user_id": person, "recipient_team_id": team}
        self._ts: str | None = None
        self.is_lost = False

    async def grow(self, chunks: list[dict[str, Any]]) -> None:
        """Begin the reply, or add to it."""
        if self._ts is None:
            begun = await self._try(
                "chat.startStream", thread_ts=self.thread_ts, task_display_mode="plan", chunks=chunks, **self._for
            )
            self._ts = str(begun["ts"]) if begun else None
        else:
            await self._try("chat.appendStream", ts=self._ts, chunks=chunks)
        if self._ts:
            await cut_off.writes(self._deps, OpenStream(self.channel, self.thread_ts, self._ts))

    async def end(self, chunks: list[dict[str, Any]], blocks: list[dict[str, Any]]) -> None:
        """Add the last of it, with blocks below."""
        await self.grow(chunks)
        await self._try("chat.stopStream", ts=self._ts, blocks=blocks)
        await self._has_ended()

    async def cut_off(self, text: str) -> None:
        """End a reply that Slack has stopped already, because somebody wanted that: say so in its place."""
        if self._ts is not None:
            await self._try("chat.update", ts=self._ts, text=text, blocks=[])
            await self._has_ended()

    async def status(self, text: str) -> None:
        """Say below the thread what is being done; an empty text ends that, as does a reply."""
        await self._say("assistant.threads.setStatus", status=text)

    async def session(self, status: str, title: str) -> None:
        """Offer Stop while it is `processing`."""
        await self._say("agents.sessions.setStatus", status=status, title=title[:200])

    async def _has_ended(self) -> None:
        if self._ts and not self.is_lost:
            await cut_off.has_ended(self._deps, OpenStream(self.channel, self.thread_ts, self._ts))

    async def _try(self, method: str, **arguments: Any) -> dict[str, Any] | None:
        if self.is_lost:
            return None
        try:
            return await call(self._client, method, repeatable=False, channel=self.channel, **arguments)
        except ChatError as error:
            log.info("an answer was not told: %s", error)
            self.is_lost = True
            return None

    async def _say(self, method: str, **arguments: Any) -> None:
        place = {"channel_id": self.channel, "thread_ts": self.thread_ts}
        try:
            await call(self._client, method, repeatable=True, **place, **arguments)
        except ChatError as error:
            log.info("what is being done was not said: %s", error)
