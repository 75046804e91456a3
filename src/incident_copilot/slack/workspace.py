"""The Slack workspace as the outbox sees it: every deed sent once, found again by its id, or honestly unknown."""

import asyncio
import base64
from datetime import datetime
from pathlib import PurePath
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.effect import (
    ArchiveChannel,
    Bookmark,
    Canvas,
    Effect,
    Invite,
    OpenChannel,
    Pin,
    SetTopic,
    Show,
    Target,
    Upload,
)
from incident_copilot.domain.person import Person
from incident_copilot.domain.refusal import Remedy, remedy_for
from incident_copilot.domain.said import Said
from incident_copilot.errors import ChatBarred, ChatRefused, ChatUnavailable
from incident_copilot.pipeline.heard import said
from incident_copilot.slack import canvases
from incident_copilot.slack.calls import CLICK_S, TRY_AGAIN_S, call, pages, read
from incident_copilot.slack.channels import Channels
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.text import bare, cut, one_line
from incident_copilot.slack.views import Rendered, render

EFFECT_EVENT = "copilot_effect"
MOST_PAGES = 5
_SHORT = 3_000


class SlackWorkspace:
    """Implements `ports.Chat` over Slack's Web API."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.identity = Identity(client)
        self._client = client
        self._channels = Channels(client, self.identity)

    async def deliver(self, effect: Effect, target: Target) -> dict[str, str]:  # noqa: PLR0911 -- one a deed
        """Carry out one chat deed; see `ports.Chat`."""
        match effect.deed:
            case OpenChannel() as deed:
                return await self._channels.open(deed, effect.id)
            case Show() as deed:
                return await self.show(effect, render(deed.content), target)
            case Upload() as deed:
                return await self.upload(effect, deed, target)
            case Invite() as deed:
                return await self._invite(deed, target)
            case Pin() | Bookmark() | SetTopic() as deed:
                return await self._adorn(deed, target)
            case ArchiveChannel():
                return await self._archive(target)
            case Canvas() as deed:
                channel = await self._channels.id_of(_required(target.channel))
                return await canvases.write(self._client, channel, deed)
            case _:
                raise ChatRefused("That is not carried out by the chat", "not_a_chat_deed")

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> dict[str, str] | None:
        """Return what an earlier try of this effect left in the workspace; see `ports.Chat`."""
        deed = effect.deed
        if isinstance(deed, OpenChannel):
            return await self._channels.opened(deed, effect.id)
        if not isinstance(deed, Show | Upload):
            return None
        channel = await self._channels.id_of(_required(target.channel))
        try:
            return await self._found(effect, target, channel, since)
        except ChatRefused as refusal:
            if remedy_for(refusal.code) is not Remedy.REJOIN:
                raise
        await self._channels.join(channel)
        return await self._found(effect, target, channel, since)

    async def person(self, chat_id: str) -> Person:
        """Return what Slack knows about a person; see `ports.Chat`."""
        user = (await read(self._client, "users.info", deadline_s=CLICK_S, user=chat_id)).get("user") or {}
        profile = user.get("profile") or {}
        return Person(
            id=chat_id,
            name=one_line(profile.get("display_name") or user.get("real_name") or user.get("name") or chat_id, 80),
            is_bot=bool(user.get("is_bot")) or bool(user.get("is_workflow_bot")) or chat_id == "USLACKBOT",
            is_guest=bool(user.get("is_restricted")) or bool(user.get("is_ultra_restricted")),
            is_stranger=bool(user.get("is_stranger")) or not (await self.identity.me()).is_of_our_place(user),
            is_deactivated=bool(user.get("deleted")) or not user,
        )

    async def message(self, channel: str, ts: str) -> Said | None:
        """Return a message of a channel or of a thread in it; see `ports.Chat`."""
        answer = await read(self._client, "reactions.get", channel=channel, timestamp=ts)
        found = answer.get("message")
        return said(channel, found) if isinstance(found, dict) and found.get("ts") else None

    async def end_stream(self, channel: str, thread_ts: str, ts: str, text: str) -> None:
        """End an answer that was left open; see `ports.Chat`."""
        last = [{"type": "markdown_text", "text": f"\n\n{text}"}]
        await call(self._client, "chat.stopStream", repeatable=False, channel=channel, ts=ts, chunks=last)
        at = {"channel_id": channel, "thread_ts": thread_ts}
        await call(self._client, "agents.sessions.setStatus", repeatable=True, status="active", **at)

    async def channel_id(self, channel: str) -> str:
        """Return the id of a channel given by id or by name.

        Raises:
            ChatRefused: there is no such channel that the copilot can see.
            ChatUnavailable: could not be looked up.
        """
        return await self._channels.id_of(channel)

    async def show(self, effect: Effect, rendered: Rendered, target: Target) -> dict[str, str]:
        """Post a message, or edit the one that the target names.

        Raises:
            ChatUnavailable, ChatUnknown, ChatRefused: as for `deliver`.
        """
        channel = await self._channels.id_of(_required(target.channel))
        try:
            return await self._post_or_edit(effect, rendered, channel, target)
        except ChatRefused as refusal:
            if remedy_for(refusal.code) is Remedy.SHORTEN:
                return await self._post_or_edit(effect, Rendered(cut(rendered.text, _SHORT)), channel, target)
            raise

    async def upload(self, effect: Effect, deed: Upload, target: Target) -> dict[str, str]:
        """Share a file in a channel or thread and return its id.

        Raises:
            ChatUnavailable, ChatUnknown, ChatRefused: as for `deliver`.
        """
        channel = await self._channels.id_of(_required(target.channel))
        content = base64.b64decode(deed.content)
        name = _file_name(effect, deed)
        asked = await read(
            self._client,
            "files.getUploadURLExternal",
            filename=name,
            length=len(content),
            alt_txt=one_line(deed.alt, 1000),
        )
        await self._send_bytes(str(asked["upload_url"]), content)
        await self._as_member(
            channel,
            "files.completeUploadExternal",
            files=[{"id": asked["file_id"], "title": one_line(deed.title, 150)}],
            channel_id=channel,
            thread_ts=target.thread_ts,
        )
        return {"channel": channel, "file": str(asked["file_id"])}

    async def _found(self, effect: Effect, target: Target, channel: str, since: datetime) -> dict[str, str] | None:
        thread = {"ts": target.thread_ts} if target.thread_ts else {}
        method = "conversations.replies" if thread else "conversations.history"
        arguments = {"channel": channel, "oldest": f"{since.timestamp():.6f}", "limit": 100, **thread}
        async for message in pages(
            self._client, method, "messages", MOST_PAGES, include_all_metadata=True, **arguments
        ):
            result = _left_by(effect, message, channel)
            if result:
                return result
        return None

    async def _post_or_edit(self, effect: Effect, rendered: Rendered, channel: str, target: Target) -> dict[str, str]:
        shown: dict[str, Any] = {"text": rendered.text, "parse": "none", "link_names": False}
        if rendered.blocks or target.message_ts:
            shown["blocks"] = rendered.blocks
        if target.message_ts:
            answer = await call(
                self._client, "chat.update", repeatable=True, channel=channel, ts=target.message_ts, **shown
            )
        else:
            answer = await self._as_member(
                channel,
                "chat.postMessage",
                channel=channel,
                thread_ts=target.thread_ts,
                unfurl_links=False,
                unfurl_media=False,
                metadata={"event_type": EFFECT_EVENT, "event_payload": {"id": effect.id}},
                **shown,
            )
        return {"channel": str(answer.get("channel", channel)), "ts": str(answer["ts"])}

    async def _as_member(self, place: str, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method that needs membership, joining a public channel first where it is missing."""
        try:
            return await call(self._client, method, repeatable=False, **arguments)
        except ChatRefused as refusal:
            if refusal.code == "channel_not_found":
                self._channels.forget(place)
            if refusal.code != "not_in_channel":
                raise
        await self._channels.join(place)
        return await call(self._client, method, repeatable=False, **arguments)

    async def _invite(self, deed: Invite, target: Target) -> dict[str, str]:
        """Invite everybody who can be; one who cannot does not keep the others out."""
        channel = await self._channels.id_of(_required(target.channel))
        missing: list[str] = []
        for who in deed.people:
            try:
                await call(self._client, "conversations.invite", repeatable=True, channel=channel, users=who)
            except ChatBarred:
                raise
            except ChatRefused as refusal:
                if refusal.code not in ("already_in_channel", "cant_invite_self"):
                    missing.append(f"{who}: {refusal.code}")
        return {"channel": channel} | ({"not_invited": ", ".join(missing)} if missing else {})

    async def _adorn(self, deed: Pin | Bookmark | SetTopic, target: Target) -> dict[str, str]:
        channel = await self._channels.id_of(_required(target.channel))
        match deed:
            case Pin():
                method, arguments = "pins.add", {"channel": channel, "timestamp": _required(target.message_ts)}
            case Bookmark():
                if await self._has_bookmark(channel, deed.link):
                    return {"channel": channel}
                title = one_line(deed.title, 100)
                method = "bookmarks.add"
                arguments = {"channel_id": channel, "title": title, "type": "link", "link": deed.link}
            case _:
                method, arguments = "conversations.setTopic", {"channel": channel, "topic": bare(deed.text, 250)}
        try:
            await call(self._client, method, repeatable=True, **arguments)
        except ChatRefused as refusal:
            if refusal.code not in ("already_pinned", "too_many_bookmarks"):
                raise
        return {"channel": channel}

    async def _archive(self, target: Target) -> dict[str, str]:
        """Archive a channel; one that is archived or gone already needs nothing more."""
        channel = _required(target.channel)
        try:
            await call(self._client, "conversations.archive", repeatable=True, channel=channel)
        except ChatRefused as refusal:
            if refusal.code not in ("already_archived", "channel_not_found"):
                raise
        return {"channel": channel}

    async def _has_bookmark(self, channel: str, link: str) -> bool:
        answer = await read(self._client, "bookmarks.list", channel_id=channel)
        return any(mark.get("link") == link for mark in answer.get("bookmarks") or [])

    async def _send_bytes(self, url: str, content: bytes) -> None:
        """The bytes are nobody's yet: only completing the upload shows them, so this may be repeated."""
        session = self._client.session
        if session is None:
            raise ChatUnavailable("The client has no session", TRY_AGAIN_S)
        try:
            async with asyncio.timeout(self._client.timeout):
                response = await session.post(url, data=content)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise ChatUnavailable(f"Slack did not take the file: {type(error).__name__}", TRY_AGAIN_S) from error
        response.release()
        if response.status != 200:
            raise ChatUnavailable(f"Slack did not take the file: HTTP {response.status}", TRY_AGAIN_S)


def _required(value: str | None) -> str:
    """The outbox resolves the target before it sends; without one there is nowhere to send to."""
    if not value:
        raise ChatRefused("There is no channel or message to send this to", "no_target")
    return value


def _left_by(effect: Effect, message: Any, channel: str) -> dict[str, str] | None:
    if isinstance(effect.deed, Upload):
        name = _file_name(effect, effect.deed)
        files = message.get("files") or []
        return next(({"channel": channel, "file": str(one["id"])} for one in files if one.get("name") == name), None)
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    is_it = metadata.get("event_type") == EFFECT_EVENT and payload.get("id") == effect.id
    return {"channel": channel, "ts": str(message["ts"])} if is_it else None


def _file_name(effect: Effect, deed: Upload) -> str:
    """Files carry no metadata, so the effect's id is in the name."""
    path = PurePath(one_line(deed.name, 100).replace("/", "-"))
    return f"{path.stem}-{effect.id[-12:]}{path.suffix}"
