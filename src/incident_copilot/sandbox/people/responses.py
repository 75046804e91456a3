"""What the app answers to a command, a submission or through a response_url becomes visible to people."""

from incident_copilot.sandbox.conformance import check_message, check_view
from incident_copilot.sandbox.state import posting
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.response_urls import ResponseUrl
from incident_copilot.sandbox.state.users import BOT_USER_ID
from incident_copilot.sandbox.state.views import View
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.wire import Json, Refused


def say_response(workspace: Workspace, body: Json, channel: Channel, user: str, origin: Message | None = None) -> None:
    """Shows a message sent with a command's ack or to a response_url: to `user` only, unless it says in_channel.

    Raises: Refused no_text and what conformance refuses.
    """
    if body.get("delete_original"):
        if origin is not None:
            posting.delete(workspace, channel, origin)
        return
    text, blocks = str(body.get("text") or ""), body.get("blocks") or []
    check_message(text=text, blocks=blocks or None, attachments=body.get("attachments"), markdown_text="")
    if body.get("replace_original") and origin is not None:
        posting.edit(workspace, channel, origin, BOT_USER_ID, text=text, blocks=blocks)
        return
    fields: Json = {"blocks": blocks, "attachments": body.get("attachments") or [], "thread_ts": body.get("thread_ts")}
    if body.get("response_type") == "in_channel":
        posting.post(workspace, channel, BOT_USER_ID, text, bot_name=workspace.bot.name, **fields)
    else:
        posting.post_ephemeral(workspace, channel, user, text, **fields)


def use_response_url(workspace: Workspace, url: ResponseUrl, body: Json) -> None:
    """Raises: Refused as say_response does."""
    channel = workspace.channels[url.channel]
    everything = [*channel.messages.values(), *channel.ephemerals]
    origin = next((message for message in everything if message.ts == url.ts), None)
    say_response(workspace, body, channel, url.user, origin)


def apply_to_view(workspace: Workspace, view: View, body: Json) -> None:
    """Does what the app answered to a submission: errors stay, update, push, clear, else the modal closes.

    Raises: Refused invalid_arguments and what conformance refuses.
    """
    action = body.get("response_action")
    if action == "errors":
        _check_errors(view, body.get("errors"))
    elif action in ("update", "push"):
        content = body.get("view")
        if not isinstance(content, dict):
            raise Refused("invalid_arguments", f"response_action {action} needs a view")
        check_view(content, "modal")
        if action == "update":
            workspace.views.update(view, content)
        else:
            workspace.views.push(view.user, content)
    elif action == "clear":
        workspace.views.clear(view.user)
    elif action is None:
        workspace.views.pop(view)
    else:
        raise Refused("invalid_arguments", f"no response_action {action}")
    workspace.changes.announce()


def _check_errors(view: View, errors: object) -> None:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        raise Refused("invalid_arguments", f"errors name input blocks only: {sorted(inputs)}")
