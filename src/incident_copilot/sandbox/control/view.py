"""What GET /control/state answers: the workspace as one person sees it."""

from incident_copilot.sandbox.hooks import SandboxHooks
from incident_copilot.sandbox.manifest import Manifest
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import TEAM_ID, User
from incident_copilot.sandbox.state.workspace import TEAM_NAME, Workspace
from incident_copilot.sandbox.wire import Json

NEWEST = 500


def seen_by(workspace: Workspace, me: User, channel: Channel | None, manifest: Manifest, hooks: SandboxHooks) -> Json:
    """Messages are those of `channel`, the newest 500, oldest first."""
    home = workspace.views.homes.get(me.id)
    shown = [one for one in workspace.channels.values() if workspace.may_see(me, one)]
    return {
        "revision": workspace.changes.revision,
        "team": {"id": TEAM_ID, "name": TEAM_NAME},
        "now": workspace.now(),
        "me": me.id,
        "people": [_user(user) for user in workspace.people],
        "bots": [_user(user) for user in workspace.users.values() if user.is_bot],
        "channels": [_channel(workspace, one, me) for one in shown],
        "messages": _messages(channel, me) if channel in shown else [],
        "views": [view.wire() for view in workspace.views.stacks.get(me.id, [])],
        "home": home.wire() if home else None,
        "notices": [
            {"id": one.id, "text": one.text, "kind": one.kind, "at": one.at} for one in workspace.notices.get(me.id, [])
        ],
        "commands": [_command(one) for one in manifest.commands or ()],
        "shortcuts": [
            {name: one[name] for name in ("name", "type", "callback_id")} for one in manifest.shortcuts or ()
        ],
        "bot": hooks.bot_status(),
        "scenarios": list(hooks.scenarios()),
        "links": list(hooks.links()),
    }


def _user(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "title": user.title,
        "role": user.role,
        "is_bot": user.is_bot,
        "is_guest": user.is_guest,
        "deleted": user.deleted,
        "color": user.color,
    }


def _channel(workspace: Workspace, channel: Channel, me: User) -> Json:
    is_member = channel.has(me.id)
    return {
        "id": channel.id,
        "name": workspace.bot.name if channel.is_im else channel.name,
        "is_private": channel.is_private,
        "is_im": channel.is_im,
        "is_archived": channel.is_archived,
        "is_member": is_member,
        "topic": channel.topic,
        "purpose": channel.purpose,
        "members": channel.members,
        "unread": len(channel.unread(me.id)) if is_member else 0,
        "mention_count": channel.mentions(me.id) if is_member else 0,
        "bookmarks": [{"title": one["title"], "link": one["link"]} for one in channel.bookmarks],
        "pins": [pin.ts for pin in channel.pins],
        "agent": _agent(workspace, channel),
    }


def _agent(workspace: Workspace, channel: Channel) -> Json:
    """What the app does in which thread, whether that can be stopped, and the questions it suggests."""
    agent = workspace.agent
    working = {
        thread for (place, thread), one in agent.sessions.items() if (place, one.status) == (channel.id, "processing")
    }
    said = {thread: text for (place, thread), text in agent.statuses.items() if place == channel.id}
    threads = {one: {"status": said.get(one, ""), "can_stop": one in working} for one in sorted({*working, *said})}
    return {"threads": threads, "prompts": agent.prompts.get(channel.id, [])}


def _messages(channel: Channel | None, me: User) -> list[Json]:
    assert channel is not None  # noqa: S101 - it is among the channels shown
    everything = [*channel.messages.values(), *channel.visible_ephemerals(me.id)]
    newest = sorted(everything, key=lambda message: message.ts)[-NEWEST:]
    pinned = {pin.ts for pin in channel.pins}
    return [_message(message, me, message.ts in pinned) for message in newest]


def _message(message: Message, me: User, pinned: bool) -> Json:
    return {
        "ts": message.ts,
        "user": message.user,
        "bot_id": message.bot_id,
        "text": message.text,
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "broadcast": message.is_broadcast,
        "reply_count": len(message.replies),
        "reply_users": message.reply_users,
        "latest_reply": message.replies[-1].ts if message.replies else None,
        "edited": message.edited,
        "reactions": message.reaction_list(),
        "files": [_file(one) for one in message.files],
        "metadata": message.metadata,
        "ephemeral_to": message.ephemeral_to,
        "pinned": pinned,
        "subtype": message.subtype,
        "deleted": message.deleted,
        "warning": message.warnings.get(me.id),
    }


def _file(file: Json) -> Json:
    kept = {name: file[name] for name in ("id", "name", "title", "mimetype", "alt_txt")}
    return kept | {"url": file["url_private"]}


def _command(command: Json) -> Json:
    return {name: command.get(name, "") for name in ("command", "description", "usage_hint")}
