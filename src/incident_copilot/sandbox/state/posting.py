"""Messages appear, change and go: by people and by the app alike."""

import re
from typing import Any
from urllib.parse import urlsplit

from incident_copilot.sandbox.state.announce import announce, announce_in, announce_message
from incident_copilot.sandbox.state.blocks import with_ids
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import BOT_USER_ID
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.wire import Json, Refused

_LINK = re.compile(r"https?://[^\s<>|]+")


def post(workspace: Workspace, channel: Channel, user: str, text: str, **fields: Any) -> Message:
    """A message that everyone in the channel sees; `fields` are those of Message.

    Raises: Refused cannot_reply_to_message when `thread_ts` names no message.
    """
    message = _message(workspace, channel, user, text, fields)
    parent = _parent(channel, message.thread_ts)
    channel.messages[message.ts] = message
    if parent is not None:
        parent.replies.append(message)
        if message.is_broadcast:
            message.subtype = "thread_broadcast"
    channel.last_read[user] = message.ts
    announce_message(workspace, channel, _as_event(message, parent))
    if f"<@{BOT_USER_ID}" in text and not channel.is_im and channel.has(BOT_USER_ID) and user != BOT_USER_ID:
        announce(workspace, message.wire() | {"type": "app_mention", "channel": channel.id, "event_ts": message.ts})
    _announce_links(workspace, channel, message)
    workspace.changes.announce()
    return message


def post_ephemeral(workspace: Workspace, channel: Channel, to: str, text: str, **fields: Any) -> Message:
    """A message of the app that only `to` sees; it is not kept in history and sends no event."""
    message = _message(workspace, channel, BOT_USER_ID, text, fields | {"bot_name": workspace.bot.name})
    message.ephemeral_to = to
    channel.ephemerals.append(message)
    workspace.changes.announce()
    return message


def edit(workspace: Workspace, channel: Channel, message: Message, by: str, **fields: Any) -> None:
    """Changes what a message says; `fields` are those of Message that change."""
    before = message.wire()
    for name, value in fields.items():
        setattr(message, name, with_ids(value) if name == "blocks" else value)
    message.edited = {"user": by, "ts": f"{workspace.now():.6f}"}
    message.warnings.clear()
    if message.ephemeral_to is None:
        change = {"subtype": "message_changed", "hidden": True, "ts": workspace.timestamps.next()}
        announce_message(workspace, channel, change | {"message": message.wire(), "previous_message": before})
    workspace.changes.announce()


def delete(workspace: Workspace, channel: Channel, message: Message) -> None:
    """Takes a message away; a thread's first message leaves a tombstone so that the replies stay."""
    if message.ephemeral_to is not None:
        channel.ephemerals.remove(message)
        workspace.changes.announce()
        return
    before = message.wire()
    channel.pins = [pin for pin in channel.pins if pin.ts != message.ts]
    if message.replies:
        message.deleted, message.subtype, message.text = True, "tombstone", "This message was deleted."
        message.blocks, message.files, message.reactions, message.metadata = [], [], {}, None
    else:
        del channel.messages[message.ts]
        _leave_thread(channel, message)
    gone = {"subtype": "message_deleted", "hidden": True, "ts": workspace.timestamps.next(), "deleted_ts": message.ts}
    announce_message(workspace, channel, gone | {"previous_message": before})
    workspace.changes.announce()


def _announce_links(workspace: Workspace, channel: Channel, message: Message) -> None:
    """Links to the app's own domains, as people write them; those of its own messages it knows."""
    links = [{"domain": host, "url": url} for url in _LINK.findall(message.text) if (host := urlsplit(url).hostname)]
    ours = [one for one in links if one["domain"].endswith(workspace.unfurl_domains)]
    if ours and message.bot_name is None:
        thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
        about: Json = {"channel": channel.id, "user": message.user, "message_ts": message.ts, "links": ours, **thread}
        source = {"source": "conversations_history", "unfurl_id": f"{channel.id}-{message.ts}"}
        announce_in(workspace, channel, {"type": "link_shared", "is_bot_user_member": True} | about | source)


def _message(workspace: Workspace, channel: Channel, user: str, text: str, fields: Json) -> Message:
    fields = fields | {"blocks": with_ids(fields.get("blocks", []))}
    return Message(workspace.timestamps.next(), channel.id, user, text, **fields)


def _parent(channel: Channel, thread_ts: str | None) -> Message | None:
    if thread_ts is None:
        return None
    parent = channel.messages.get(thread_ts)
    if parent is None:
        raise Refused("cannot_reply_to_message", f"no message {thread_ts} to reply to")
    if parent.thread_ts and parent.thread_ts != parent.ts:
        raise Refused("cannot_reply_to_message", f"{thread_ts} is itself a reply in {parent.thread_ts}")
    return parent


def _as_event(message: Message, parent: Message | None) -> Json:
    event = message.wire(with_metadata=True)
    if parent is None:
        return event
    root = {"root": parent.wire()} if message.is_broadcast else {}
    return event | {"parent_user_id": parent.user} | root


def _leave_thread(channel: Channel, message: Message) -> None:
    parent = channel.messages.get(message.thread_ts or "")
    if parent is not None:
        parent.replies.remove(message)
        if parent.deleted and not parent.replies:
            del channel.messages[parent.ts]
