"""reactions.add, remove and get."""

import re

from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.state import marks
from incident_copilot.sandbox.state.users import BOT_USER_ID
from incident_copilot.sandbox.wire import Json, Refused

_NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def _add(call: Call) -> Json:
    channel = call.living()
    marks.react(call.workspace, channel, channel.message(call.text("timestamp")), BOT_USER_ID, _name(call))
    return {}


def _remove(call: Call) -> Json:
    channel = call.joined()
    marks.unreact(call.workspace, channel, channel.message(call.text("timestamp")), BOT_USER_ID, _name(call))
    return {}


def _get(call: Call) -> Json:
    channel = call.channel()
    message = channel.message(call.text("timestamp"))
    link = {"permalink": call.workspace.permalink(channel, message.ts, message.thread_ts)}
    return {"type": "message", "channel": channel.id, "message": message.wire() | link}


def _name(call: Call) -> str:
    name = call.text("name").strip(":")
    if not _NAME.fullmatch(name):
        raise Refused("invalid_name", name)
    return name


METHODS = (
    method("reactions.add", _add, "channel name timestamp", "", "reactions:write"),
    method("reactions.remove", _remove, "name", "channel timestamp file file_comment", "reactions:write"),
    method("reactions.get", _get, "", "channel timestamp file file_comment full", "reactions:read", reads=True),
)
