"""Reactions and pins, which people and the app put on messages."""

from incident_copilot.sandbox.state.announce import announce_in
from incident_copilot.sandbox.state.channels import Channel, Pin
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.wire import Json, Refused

MAX_PINS = 100
MAX_REACTIONS = 23


def react(workspace: Workspace, channel: Channel, message: Message, user: str, name: str) -> None:
    """Raises: Refused already_reacted, too_many_emoji."""
    users = message.reactions.get(name, [])
    if user in users:
        raise Refused("already_reacted", f":{name}: on {message.ts}")
    if not users and len(message.reactions) >= MAX_REACTIONS:
        raise Refused("too_many_emoji", f"{MAX_REACTIONS} different ones are on {message.ts}")
    message.reactions[name] = [*users, user]
    _reacted(workspace, channel, message, user, name, "reaction_added")


def unreact(workspace: Workspace, channel: Channel, message: Message, user: str, name: str) -> None:
    """Raises: Refused no_reaction."""
    users = message.reactions.get(name, [])
    if user not in users:
        raise Refused("no_reaction", f":{name}: is not on {message.ts}")
    message.reactions[name] = [one for one in users if one != user]
    if not message.reactions[name]:
        del message.reactions[name]
    _reacted(workspace, channel, message, user, name, "reaction_removed")


def pin(workspace: Workspace, channel: Channel, message: Message, user: str) -> None:
    """Raises: Refused already_pinned, too_many_pins."""
    if any(one.ts == message.ts for one in channel.pins):
        raise Refused("already_pinned", message.ts)
    if len(channel.pins) >= MAX_PINS:
        raise Refused("too_many_pins", f"{MAX_PINS} are there")
    channel.pins.append(Pin(message.ts, user, int(workspace.now())))
    _pinned(workspace, channel, channel.pins[-1], message, user, "pin_added")


def unpin(workspace: Workspace, channel: Channel, message: Message, user: str) -> None:
    """Raises: Refused no_pin."""
    found = next((one for one in channel.pins if one.ts == message.ts), None)
    if found is None:
        raise Refused("no_pin", message.ts)
    channel.pins.remove(found)
    _pinned(workspace, channel, found, message, user, "pin_removed")


def pinned_item(channel: Channel, one: Pin, message: Message) -> Json:
    return {
        "type": "message",
        "created": one.at,
        "created_by": one.user,
        "channel": channel.id,
        "message": message.wire() | {"pinned_to": [channel.id]},
    }


def _reacted(workspace: Workspace, channel: Channel, message: Message, user: str, name: str, kind: str) -> None:
    item = {"type": "message", "channel": channel.id, "ts": message.ts}
    event = {"type": kind, "user": user, "reaction": name, "item": item, "item_user": message.user}
    announce_in(workspace, channel, event)
    workspace.changes.announce()


def _pinned(workspace: Workspace, channel: Channel, one: Pin, message: Message, user: str, kind: str) -> None:
    event: Json = {"type": kind, "user": user, "channel_id": channel.id, "item": pinned_item(channel, one, message)}
    event |= {"item_user": message.user, "pin_count": len(channel.pins)}
    event |= {"pinned_info": {"channel": channel.id, "pinned_by": one.user, "pinned_ts": one.at}}
    event |= {"has_pins": bool(channel.pins)} if kind == "pin_removed" else {}
    announce_in(workspace, channel, event)
    workspace.changes.announce()
