"""People and the bot come into channels and leave; channels are made, named, described and archived."""

from incident_copilot.sandbox.state.announce import announce, announce_in, announce_message, of_channel
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import BOT_USER_ID, TEAM_ID
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.wire import Json, Refused, new_id


def create(workspace: Workspace, name: str, creator: str, *, is_private: bool = False) -> Channel:
    """Raises: Refused name_taken."""
    free(workspace, name)
    channel = Channel(new_id("C"), name, creator, int(workspace.now()), is_private=is_private, members=[creator])
    workspace.channels[channel.id] = channel
    if not is_private:
        about = {"id": channel.id, "name": name, "created": channel.created, "creator": creator}
        announce(workspace, {"type": "channel_created", "channel": about})
    workspace.changes.announce()
    return channel


def free(workspace: Workspace, name: str) -> None:
    """Raises: Refused name_taken, by a living or archived channel or by a person."""
    taken = {one.name for one in workspace.channels.values() if not one.is_im}
    if name in taken or name in {user.name for user in workspace.users.values()}:
        raise Refused("name_taken", f"#{name} exists")


def join(workspace: Workspace, channel: Channel, user: str, inviter: str | None = None) -> None:
    """Adds a member; those who were invited find the whole channel unread."""
    channel.members.append(user)
    text = f"<@{user}> has joined the {'group' if channel.is_private else 'channel'}"
    extra = {"inviter": inviter} if inviter else {}
    message = _say(workspace, channel, user, "join", text, extra)
    if inviter is None:
        channel.last_read[user] = message.ts
    joined = {"type": "member_joined_channel", "user": user, "channel": channel.id, "team": TEAM_ID}
    kind = {"channel_type": "G" if channel.is_private else "C"}
    announce_in(workspace, channel, joined | kind | extra)
    workspace.changes.announce()


def leave(workspace: Workspace, channel: Channel, user: str) -> None:
    """Removes a member, after telling the channel."""
    _say(workspace, channel, user, "leave", f"<@{user}> has left the channel")
    left = {"type": "member_left_channel", "user": user, "channel": channel.id, "team": TEAM_ID}
    announce_in(workspace, channel, left | {"channel_type": "G" if channel.is_private else "C"})
    if user == BOT_USER_ID:
        announce_in(workspace, channel, {"type": of_channel(channel, "left"), "channel": channel.id})
    channel.members.remove(user)
    workspace.changes.announce()


def rename(workspace: Workspace, channel: Channel, name: str, by: str) -> None:
    """Raises: Refused name_taken."""
    free(workspace, name)
    old, channel.name = channel.name, name
    channel.previous_names = [old, *channel.previous_names]
    _say(workspace, channel, by, "name", f'has renamed the channel from "{old}" to "{name}"', {"old_name": old})
    about = {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created}
    about |= {"is_channel": not channel.is_private, "is_mpim": False}
    announce_in(workspace, channel, {"type": of_channel(channel, "rename"), "channel": about})
    workspace.changes.announce()


def set_topic(workspace: Workspace, channel: Channel, topic: str, by: str) -> None:
    channel.topic = topic
    _say(workspace, channel, by, "topic", f"set the channel topic: {topic}", {"topic": topic})
    workspace.changes.announce()


def set_purpose(workspace: Workspace, channel: Channel, purpose: str, by: str) -> None:
    channel.purpose = purpose
    _say(workspace, channel, by, "purpose", f"set the channel description: {purpose}", {"purpose": purpose})
    workspace.changes.announce()


def set_archived(workspace: Workspace, channel: Channel, by: str, *, archived: bool) -> None:
    verb = "archive" if archived else "unarchive"
    _say(workspace, channel, by, verb, f"{verb}d the channel")
    channel.is_archived = archived
    announce_in(workspace, channel, {"type": of_channel(channel, verb), "channel": channel.id, "user": by})
    workspace.changes.announce()


def delete(workspace: Workspace, channel: Channel, by: str) -> None:
    """Takes a channel away for good, as admins can."""
    announce_in(workspace, channel, {"type": of_channel(channel, "deleted"), "channel": channel.id, "actor_id": by})
    del workspace.channels[channel.id]
    workspace.changes.announce()


def set_shared(workspace: Workspace, channel: Channel, *, shared: bool) -> None:
    """Opens a channel to another organisation (Slack Connect), or ends that."""
    channel.is_ext_shared = shared
    other = {"connected_team_id": "T0OTHER"} if shared else {"previously_connected_team_id": "T0OTHER"}
    event = {"type": "channel_shared" if shared else "channel_unshared", "channel": channel.id, **other}
    announce_in(workspace, channel, event if shared else event | {"is_ext_shared": False})
    workspace.changes.announce()


def _say(workspace: Workspace, channel: Channel, user: str, what: str, text: str, extra: Json | None = None) -> Message:
    """The line that Slack itself writes into the channel."""
    subtype = of_channel(channel, what)
    message = Message(workspace.timestamps.next(), channel.id, user, text, subtype=subtype, extra=extra or {})
    channel.messages[message.ts] = message
    announce_message(workspace, channel, message.wire())
    return message
