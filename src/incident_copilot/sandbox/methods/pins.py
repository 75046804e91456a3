"""pins.add, remove and list."""

from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.state import marks
from incident_copilot.sandbox.state.users import BOT_USER_ID
from incident_copilot.sandbox.wire import Json, Refused


def _add(call: Call) -> Json:
    channel = call.joined()
    marks.pin(call.workspace, channel, channel.message(_timestamp(call)), BOT_USER_ID)
    return {}


def _remove(call: Call) -> Json:
    channel = call.joined()
    marks.unpin(call.workspace, channel, channel.message(_timestamp(call)), BOT_USER_ID)
    return {}


def _list(call: Call) -> Json:
    channel = call.joined()
    return {"items": [marks.pinned_item(channel, pin, channel.messages[pin.ts]) for pin in reversed(channel.pins)]}


def _timestamp(call: Call) -> str:
    if not call.text("timestamp"):
        raise Refused("no_item_specified", "timestamp is missing")
    return call.text("timestamp")


METHODS = (
    method("pins.add", _add, "channel", "timestamp", "pins:write", per_minute=20),
    method("pins.remove", _remove, "channel", "timestamp", "pins:write", per_minute=20),
    method("pins.list", _list, "channel", "", "pins:read", reads=True),
)
