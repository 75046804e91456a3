"""conversations.canvases.create and canvases.edit: one canvas a channel, written as Markdown."""

from typing import Any

from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.wire import Json, Refused

_SCOPE = ("canvases:write",)
_WRONG = "invalid_arguments"


def _create(call: Call) -> Json:
    channel = call.living("channel_id")
    if channel.canvas is not None:
        raise Refused("channel_canvas_already_exists", f"#{channel.name} has {channel.canvas['id']}")
    made = {"id": f"F{len(channel.id)}{channel.id[1:]}", "markdown": _markdown(call.json("document_content", _WRONG))}
    channel.canvas = made
    call.workspace.changes.announce()
    return {"canvas_id": made["id"]}


def _edit(call: Call) -> Json:
    changes = call.objects("changes", _WRONG) or []
    if len(changes) != 1 or changes[0].get("operation") != "replace":
        raise Refused(_WRONG, "the sandbox takes one change, which replaces all")
    for channel in call.workspace.channels.values():
        if channel.canvas and channel.canvas["id"] == call.text("canvas_id"):
            channel.canvas["markdown"] = _markdown(changes[0].get("document_content"))
            call.workspace.changes.announce()
            return {}
    raise Refused("canvas_not_found", call.text("canvas_id"))


def _markdown(content: Any) -> str:
    if not isinstance(content, dict) or content.get("type") != "markdown":
        raise Refused(_WRONG, "document_content is {type: markdown, markdown}")
    return str(content.get("markdown", ""))


METHODS = (
    method("conversations.canvases.create", _create, "channel_id", "document_content title", *_SCOPE, per_minute=20),
    method("canvases.edit", _edit, "canvas_id changes", "", *_SCOPE, per_minute=50),
)
