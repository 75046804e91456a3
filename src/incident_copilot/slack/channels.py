"""Channels by name: found once and remembered, joined where needed, opened for an incident without ever opening two."""

import asyncio
import logging
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.effect import OpenChannel
from incident_copilot.errors import ChatRefused
from incident_copilot.slack.calls import call, pages
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.text import bare

log = logging.getLogger(__name__)

MOST_PAGES = 50
MOST_NAMES = 5


class Channels:
    """What is known about the workspace's channels."""

    def __init__(self, client: AsyncWebClient, identity: Identity) -> None:
        self._client = client
        self._identity = identity
        self._ids: dict[str, str] = {}

    async def id_of(self, channel: str) -> str:
        """Return the id of a channel given by id or by name, or of the direct message to a person given by id.

        A public channel by name is joined.

        Raises:
            ChatRefused: there is no such channel that the copilot can see.
            ChatUnavailable: could not be looked up.
        """
        name = channel.lstrip("#")
        if _is_id(name):
            return name
        if name not in self._ids and _is_person(name):
            opened = await call(self._client, "conversations.open", repeatable=True, users=name)
            self._ids[name] = str(opened["channel"]["id"])
        if name not in self._ids:
            found = await self._find(name)
            if found is None:
                raise ChatRefused(f"Slack has no channel #{name} that the copilot can see", "channel_not_found")
            if not found.get("is_member") and not found.get("is_private"):
                await self.join(str(found["id"]))
            self._ids[name] = str(found["id"])
        return self._ids[name]

    @property
    def _team(self) -> str | None:
        """Where channels are, with a token of a whole organisation; any other token says it by itself."""
        return self._identity.known.team if self._identity.known else None

    def forget(self, channel_id: str) -> None:
        """Look a channel up again next time: it may have been renamed, or deleted and made anew."""
        self._ids = {name: known for name, known in self._ids.items() if known != channel_id}

    async def join(self, channel_id: str) -> None:
        """Join a public channel.

        Raises:
            ChatRefused: it is private, archived or gone.
            ChatUnavailable: try again.
        """
        await call(self._client, "conversations.join", repeatable=True, channel=channel_id)

    async def open(self, deed: OpenChannel, mark: str) -> dict[str, str]:
        """Create the channel, or adopt the one that an earlier try created; a taken name gets a number.

        Raises:
            ChatUnavailable, ChatUnknown, ChatRefused: as the call says.
        """
        team = self._team
        for name in _names(deed.name):
            try:
                made = await call(
                    self._client,
                    "conversations.create",
                    repeatable=False,
                    name=name,
                    is_private=deed.private,
                    team_id=team,
                )
            except ChatRefused as refusal:
                if refusal.code != "name_taken":
                    raise
                ours = await self._made_by_us(name, mark)
                if ours is None:
                    continue
                return await self._describe(ours, deed, mark)
            return await self._describe(made["channel"], deed, mark)
        raise ChatRefused(f"Slack has {MOST_NAMES} channels like #{deed.name} already", "name_taken")

    async def opened(self, deed: OpenChannel, mark: str) -> dict[str, str] | None:
        """Return the channel that an earlier try opened, completing its description; None when there is none."""
        for name in _names(deed.name):
            ours = await self._made_by_us(name, mark)
            if ours:
                return await self._describe(ours, deed, mark)
        return None

    async def _describe(self, channel: dict[str, Any], deed: OpenChannel, mark: str) -> dict[str, str]:
        channel_id = str(channel["id"])
        ref = f" ({_tag(mark)})"
        purpose = bare(deed.purpose, 250 - len(ref)) + ref
        # Together, because the first message waits for them.
        await asyncio.gather(
            self._say(channel_id, "Purpose", _value(channel, "purpose"), purpose),
            self._say(channel_id, "Topic", _value(channel, "topic"), bare(deed.topic, 250)),
        )
        return {"channel": channel_id, "name": str(channel.get("name", deed.name))}

    async def _say(self, channel_id: str, what: str, was: str, value: str) -> None:
        if was == value:
            return
        try:
            await call(
                self._client,
                f"conversations.set{what}",
                repeatable=True,
                channel=channel_id,
                **{what.lower(): value},
            )
        except ChatRefused:
            # A channel without its topic is still the incident's channel.
            log.warning("channel %s keeps its %s", channel_id, what.lower())

    async def _made_by_us(self, name: str, mark: str) -> dict[str, Any] | None:
        """A crash may have come between creating and describing, so a channel of ours without purpose counts too."""
        channel = await self._find(name)
        if channel is None or channel.get("is_archived"):
            return None
        if channel.get("creator") != (await self._identity.me()).user_id:
            return None
        purpose = _value(channel, "purpose")
        return channel if purpose == "" or _tag(mark) in purpose else None

    async def _find(self, name: str) -> dict[str, Any] | None:
        async for channel in pages(
            self._client,
            "conversations.list",
            "channels",
            MOST_PAGES,
            types="public_channel,private_channel",
            limit=1000,
            team_id=self._team,
        ):
            if isinstance(channel, dict) and channel.get("name") == name:
                return channel
        return None


def _names(name: str) -> list[str]:
    return [name, *(f"{name[:77]}-{number}" for number in range(2, MOST_NAMES + 1))]


def _tag(mark: str) -> str:
    return f"ref {mark[-12:]}"


def _value(channel: dict[str, Any], what: str) -> str:
    return str((channel.get(what) or {}).get("value", ""))


def _is_person(text: str) -> bool:
    return len(text) >= 5 and text[0] in "UW" and text.isalnum() and text.isupper()


def _is_id(text: str) -> bool:
    return len(text) >= 6 and text[0] in "CGD" and text.isalnum() and text.isupper()
