"""Slash commands: typed into a channel, delivered once, answered where they were typed."""

import re
from html import escape

from incident_copilot.sandbox.delivery.ack import Ack
from incident_copilot.sandbox.people.desk import Desk
from incident_copilot.sandbox.people.payloads import slash_command
from incident_copilot.sandbox.people.responses import say_response
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.users import User
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.wire import Refused

_MENTION = re.compile(r"<(?P<sort>[@#])(?P<id>\w+)(?:\|[^>]*)?>|(?<!\S)(?P<sign>[@#])(?P<name>[\w-]+)")


async def run_command(desk: Desk, user: User, channel: Channel, command: str, text: str) -> Ack:
    """Sends the command; when the app does not answer, the person is told as Slack tells it."""
    workspace = desk.workspace
    if not desk.manifest.knows_command(command):
        workspace.notify(user.id, f"{command} is not a valid command.")
        return Ack(False, error="invalid_command")
    text = escaped(workspace, text.strip()) if desk.manifest.escapes(command) else text.strip()
    fields = slash_command(user, channel, command, text) | {"trigger_id": workspace.views.new_trigger(user.id)}
    ack = await desk.delivery.command(fields | {"response_url": desk.response_url(user.id, channel)})
    if not ack.ok:
        workspace.notify(user.id, f'{command} failed with the error "{ack.error}"')
    elif ack.body.get("text") or ack.body.get("blocks"):
        try:
            say_response(workspace, ack.body, channel, user.id)
        except Refused as refused:
            desk.web_api.refuse(f"{command} ack", refused, ack.body)
            workspace.notify(user.id, f'{command} failed with the error "{refused.error}"')
    return ack


def escaped(workspace: Workspace, text: str) -> str:
    """Mentions with their ids and names, everything else entity-escaped, as `should_escape` promises."""
    parts, end = [], 0
    for match in _MENTION.finditer(text):
        parts += [escape(text[end : match.start()], quote=False), _mention(workspace, match)]
        end = match.end()
    return "".join([*parts, escape(text[end:], quote=False)])


def _mention(workspace: Workspace, match: re.Match[str]) -> str:
    sign = match["sort"] or match["sign"]
    wanted = match["id"] or match["name"]
    known = workspace.users.values() if sign == "@" else workspace.channels.values()
    for one in known:
        if wanted in (one.id, one.name):
            return f"<{sign}{one.id}|{one.name}>"
    return escape(match[0], quote=False)
