"""One person of the workspace, and what they can do."""

from typing import Any
from urllib.parse import urlsplit

from incident_copilot.sandbox.delivery.ack import Ack
from incident_copilot.sandbox.people import interactions
from incident_copilot.sandbox.people.commands import run_command
from incident_copilot.sandbox.people.desk import Desk
from incident_copilot.sandbox.state import marks, membership, posting
from incident_copilot.sandbox.state.announce import announce, announce_in
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import User
from incident_copilot.sandbox.state.views import View
from incident_copilot.sandbox.state.workspace import Notice
from incident_copilot.sandbox.wire import Json, Refused


class Person:
    """Channels are named by id or `#name`, messages by ts. Raises: Refused, as Slack's client would not offer it."""

    def __init__(self, user: User, desk: Desk) -> None:
        self.user = user
        self._desk = desk
        self._workspace = desk.workspace

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def views(self) -> list[View]:
        """Open modals, the topmost last."""
        return list(self._workspace.views.stacks.get(self.id, []))

    @property
    def home(self) -> View | None:
        return self._workspace.views.homes.get(self.id)

    @property
    def notices(self) -> list[Notice]:
        return list(self._workspace.notices.get(self.id, []))

    def ephemerals(self, channel: str) -> list[Message]:
        """What the app told only this person in a channel."""
        return self._workspace.channel(channel).visible_ephemerals(self.id)

    async def say(self, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Writes a message (in Slack's mrkdwn, mentions as `<@U0BEN>`); returns its ts."""
        return posting.post(self._workspace, self._living(channel), self.id, text, thread_ts=thread_ts).ts

    async def edit(self, channel: str, ts: str, text: str) -> None:
        place = self._living(channel)
        posting.edit(self._workspace, place, self._own(place, ts), self.id, text=text)

    async def delete(self, channel: str, ts: str) -> None:
        place = self._seen(channel)
        posting.delete(self._workspace, place, self._own(place, ts))

    async def react(self, channel: str, ts: str, name: str) -> None:
        place = self._living(channel)
        marks.react(self._workspace, place, place.message(ts), self.id, name)

    async def unreact(self, channel: str, ts: str, name: str) -> None:
        place = self._living(channel)
        marks.unreact(self._workspace, place, place.message(ts), self.id, name)

    async def pin(self, channel: str, ts: str) -> None:
        place = self._living(channel)
        marks.pin(self._workspace, place, place.message(ts), self.id)

    async def unpin(self, channel: str, ts: str) -> None:
        place = self._living(channel)
        marks.unpin(self._workspace, place, place.message(ts), self.id)

    async def join(self, channel: str) -> None:
        """Guests cannot join by themselves, nobody can join what is private."""
        place = self._seen(channel)
        if not place.has(self.id):
            membership.join(self._workspace, place, self.id)

    async def leave(self, channel: str) -> None:
        membership.leave(self._workspace, self._joined(channel), self.id)

    async def invite(self, channel: str, who: str) -> None:
        """Brings in another person, or the bot, by name or id."""
        place, guest = self._living(channel), self._workspace.user(who)
        if not place.has(guest.id):
            membership.join(self._workspace, place, guest.id, inviter=self.id)

    async def create_channel(self, name: str, *, is_private: bool = False) -> Channel:
        return membership.create(self._workspace, name, self.id, is_private=is_private)

    async def rename_channel(self, channel: str, name: str) -> None:
        membership.rename(self._workspace, self._living(channel), name, self.id)

    async def archive_channel(self, channel: str) -> None:
        membership.set_archived(self._workspace, self._living(channel), self.id, archived=True)

    async def unarchive_channel(self, channel: str) -> None:
        membership.set_archived(self._workspace, self._joined(channel), self.id, archived=False)

    async def delete_channel(self, channel: str) -> None:
        membership.delete(self._workspace, self._joined(channel), self.id)

    async def share_channel(self, channel: str, *, shared: bool = True) -> None:
        """With another organisation, through Slack Connect."""
        membership.set_shared(self._workspace, self._joined(channel), shared=shared)

    async def remove(self, channel: str, who: str) -> None:
        """Takes another person, or the bot, out of a channel, by name or id."""
        place, guest = self._joined(channel), self._workspace.user(who)
        if not place.has(guest.id):
            raise Refused("not_in_channel", f"{guest.name} is not in {channel}")
        membership.leave(self._workspace, place, guest.id)

    async def mark_read(self, channel: str) -> None:
        place = self._seen(channel)
        if place.messages:
            place.last_read[self.id] = max(place.messages)
            self._workspace.changes.announce()

    async def stop(self, channel: str, thread_ts: str) -> None:
        """Clicks Stop on what the agent does in a thread; Slack ends its streams there and tells the app."""
        place = self._seen(channel)
        session = self._workspace.agent.sessions.get((place.id, thread_ts))
        if session is None or session.status != "processing":
            raise Refused("not_found", f"nothing runs in {thread_ts}")
        streams = self._workspace.agent.streams_in(place.id, thread_ts)
        for ts in streams:
            del self._workspace.agent.streaming[place.id, ts]
        event = {"type": "agent_session_stopped", "channel": place.id, "thread_ts": thread_ts, "user": self.id}
        announce_in(self._workspace, place, event | {"streaming_message_ts": streams})

    async def open_entity(self, message: Message, url: str) -> None:
        """Opens the side pane of a link that shows an entity."""
        shown = next(one["entity"] for one in message.attachments if one.get("from_url") == url)
        self._workspace.agent.asked_details[self.id] = shown["external_ref"]["id"]
        event = {
            "type": "entity_details_requested",
            "user": self.id,
            "trigger_id": self._workspace.views.new_trigger(self.id),
        }
        event |= {"external_ref": shown["external_ref"], "entity_url": shown["url"], "app_unfurl_url": url}
        place = {"channel": message.channel, "message_ts": message.ts, "user_locale": "en-US"}
        announce(self._workspace, event | place | {"link": {"url": url, "domain": urlsplit(url).hostname}})

    async def command(self, command: str, text: str = "", channel: str = "#general") -> Ack:
        """Types `/command text` into a channel."""
        return await run_command(self._desk, self.user, self._seen(channel), command, text)

    async def click(
        self,
        place: Message | View,
        action_id: str,
        value: Any = None,
        *,
        selected: Any = None,
        block_id: str | None = None,
        values: Json | None = None,
    ) -> Ack:
        """Clicks a button, or picks `selected` in a select, overflow menu or the like.

        `value` decides between buttons of one action_id; `values` is what else was typed into a view.
        """
        picked = value if selected is None else selected
        if isinstance(place, View):
            return await interactions.click_view(self._desk, self.user, place, action_id, block_id, picked, values)
        self._seen(place.channel)
        return await interactions.click_message(self._desk, self.user, place, action_id, block_id, picked)

    async def shortcut(self, callback_id: str) -> Ack:
        return await interactions.global_shortcut(self._desk, self.user, callback_id)

    async def message_shortcut(self, callback_id: str, channel: str, ts: str) -> Ack:
        place = self._seen(channel)
        return await interactions.message_shortcut(self._desk, self.user, callback_id, place, place.message(ts))

    async def submit(self, view: View, values: Json | None = None) -> Ack:
        """Sends a form; `values` is {block_id: text, option value, list, or {action_id: state}}."""
        return await interactions.submit(self._desk, self.user, view, values or {})

    async def close(self, view: View) -> Ack:
        return await interactions.close(self._desk, self.user, view)

    async def open_home(self) -> View | None:
        """Opens the app's Home tab; returns what it shows now, which the app may still be building."""
        interactions.open_app(self._desk, self.user, "home")
        return self.home

    async def open_dm(self) -> Channel:
        interactions.open_app(self._desk, self.user, "messages")
        return self._workspace.direct(self.id)

    def _seen(self, name: str) -> Channel:
        channel = self._workspace.channel(name)
        if not self._workspace.may_see(self.user, channel):
            raise Refused("channel_not_found", f"{self.name} cannot see {name}")
        return channel

    def _joined(self, name: str) -> Channel:
        channel = self._seen(name)
        if not channel.has(self.id):
            raise Refused("not_in_channel", f"{self.name} is not in {name}")
        return channel

    def _living(self, name: str) -> Channel:
        channel = self._joined(name)
        if channel.is_archived:
            raise Refused("is_archived", name)
        return channel

    def _own(self, channel: Channel, ts: str) -> Message:
        message = channel.message(ts)
        if message.user != self.id or message.subtype not in (None, "thread_broadcast"):
            raise Refused("cant_update_message", f"{ts} is not {self.name}'s")
        return message
