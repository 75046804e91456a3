"""Everything people saw, in order, as Markdown."""

from datetime import UTC, datetime

from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.wire import Json


def transcript(workspace: Workspace, channel: str | None = None) -> str:
    """One section a channel, replies indented under their message; times are UTC."""
    wanted = [workspace.channel(channel)] if channel else list(workspace.channels.values())
    sections = [_section(workspace, one) for one in wanted if one.messages or one.ephemerals]
    return "\n\n".join(sections) + "\n"


def _section(workspace: Workspace, channel: Channel) -> str:
    title = f"# {_title(workspace, channel)}"
    if channel.topic:
        title += f"\n\n_Topic: {channel.topic}_"
    top = [m for m in channel.messages.values() if m.thread_ts in (None, m.ts)]
    shown = sorted([*top, *channel.ephemerals], key=lambda message: message.ts)
    return "\n\n".join([title, *(_thread(workspace, message) for message in shown)])


def _title(workspace: Workspace, channel: Channel) -> str:
    return f"Direct message with {_name(workspace, channel.im_user)}" if channel.im_user else f"#{channel.name}"


def _thread(workspace: Workspace, message: Message) -> str:
    parts = [_message(workspace, message)]
    parts += ["\n".join(f"  {line}" for line in _message(workspace, one).split("\n")) for one in message.replies]
    return "\n".join(parts)


def _message(workspace: Workspace, message: Message) -> str:
    at = datetime.fromtimestamp(float(message.ts), UTC).strftime("%H:%M:%S")
    marks = [f"only to {_name(workspace, message.ephemeral_to)}"] if message.ephemeral_to else []
    marks += ["edited"] if message.edited else []
    head = f"- {at} **{_name(workspace, message.user)}**" + (f" ({', '.join(marks)})" if marks else "") + ":"
    lines = [line for block in message.blocks for line in _block(block)] or message.text.split("\n")
    lines += [f"[file: {one['title']}]" for one in message.files]
    lines += [" ".join(f":{name}: {len(users)}" for name, users in message.reactions.items())]
    return "\n".join([f"{head} {lines[0]}", *(f"  {line}" for line in lines[1:] if line)])


def _name(workspace: Workspace, user: str | None) -> str:
    return workspace.users[user].real_name if user in workspace.users else str(user)


def _block(block: Json) -> list[str]:
    """The texts of a block, one line each; buttons are shown as [label]."""
    if block["type"] in ("actions", "context_actions"):
        return [" ".join(f"[{text}]" for element in block["elements"] for text in _texts(element.get("text", {})))]
    if block["type"] == "rich_text":
        return ["".join(_texts(block))]
    return [line for text in _texts(block) for line in text.split("\n")]


def _texts(node: object) -> list[str]:
    """All strings a reader sees inside `node`, in order."""
    if isinstance(node, list):
        return [text for one in node for text in _texts(one)]
    if not isinstance(node, dict):
        return []
    if isinstance(node.get("text"), str):
        return [node["text"]]
    if node.get("type") == "image":
        return [f"[image: {node.get('alt_text', '')}]"]
    return [text for name, one in node.items() if name not in ("confirm", "options") for text in _texts(one)]
