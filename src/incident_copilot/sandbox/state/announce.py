"""Sends what happens in a channel to the app, as far as Slack lets its bot see it."""

from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.users import BOT_USER_ID
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.wire import Json

MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


def announce(workspace: Workspace, event: Json, subscription: str | None = None) -> None:
    """An event that concerns the workspace; `subscription` is its type when not named."""
    workspace.emit(subscription or event["type"], event | {"event_ts": event.get("event_ts") or _stamp(workspace)})


def announce_in(workspace: Workspace, channel: Channel, event: Json, subscription: str | None = None) -> None:
    """An event of one channel, which reaches the bot only where it is a member."""
    if channel.has(BOT_USER_ID):
        announce(workspace, event, subscription)


def announce_message(workspace: Workspace, channel: Channel, event: Json) -> None:
    """A `message` event of any subtype."""
    body = {"type": "message", "channel": channel.id, "channel_type": channel.kind, "event_ts": event["ts"]} | event
    announce_in(workspace, channel, body, MESSAGES[channel.kind])


def of_channel(channel: Channel, name: str) -> str:
    """The event's name in this kind of channel: channel_archive, or group_archive in a private one."""
    return f"group_{name}" if channel.is_private else f"channel_{name}"


def _stamp(workspace: Workspace) -> str:
    return f"{workspace.now():.6f}"
