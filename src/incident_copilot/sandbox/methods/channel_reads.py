"""The conversations methods that read: info, list, members, history and replies."""

from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.methods.paging import cursor_of, page, read_cursor, read_limit
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import BOT_USER_ID
from incident_copilot.sandbox.wire import Json, Refused

_TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
_WINDOW = "cursor include_all_metadata inclusive latest limit oldest"
_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")


def _info(call: Call) -> Json:
    return {"channel": call.channel().wire(num_members=call.flag("include_num_members"))}


def _list(call: Call) -> Json:
    kinds = [_kind(name) for name in call.names("types") or ["public_channel"]]
    found = [
        channel.wire(num_members=True)
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or channel.has(BOT_USER_ID))
        and not (channel.is_archived and call.flag("exclude_archived"))
    ]
    channels, next_cursor = page(found, call, default=100)
    return {"channels": channels, "response_metadata": {"next_cursor": next_cursor}}


def _members(call: Call) -> Json:
    members, next_cursor = page(call.channel().members, call, default=100)
    return {"members": members, "response_metadata": {"next_cursor": next_cursor}}


def _history(call: Call) -> Json:
    """Newest first, without replies that are only in their thread."""
    channel = call.joined()
    limit, start = read_limit(call, 100, 999), read_cursor(call, "inf")
    newest = [m for m in reversed(channel.messages.values()) if m.in_channel and _within(call, m)]
    # The place is a ts and not a count, so that messages arriving meanwhile do not shift the pages.
    rest = [message for message in newest if float(message.ts) <= float(start)]
    messages, next_cursor = rest[:limit], cursor_of(rest[limit].ts) if len(rest) > limit else ""
    return _answer(call, messages, next_cursor) | {"pin_count": len(channel.pins)}


def _replies(call: Call) -> Json:
    """Oldest first, the first message of the thread included."""
    channel = call.joined()
    parent = _parent(call, channel)
    thread = [parent] + [reply for reply in parent.replies if _within(call, reply)]
    messages, next_cursor = page(thread, call, default=1000)
    return _answer(call, messages, next_cursor)


def _parent(call: Call, channel: Channel) -> Message:
    message = channel.messages.get(call.text("ts"))
    if message is None:
        raise Refused("thread_not_found", call.text("ts"))
    return channel.messages.get(message.thread_ts or message.ts, message)


def _within(call: Call, message: Message) -> bool:
    lag_s = call.workspace.timing.read_lag_s
    if lag_s and float(message.ts) > call.workspace.now() - lag_s:
        return False
    oldest, latest, inclusive = call.text("oldest", "0"), call.text("latest"), call.flag("inclusive")
    if inclusive and message.ts in (oldest, latest):
        return True
    after = float(message.ts) > _stamp(oldest, "invalid_ts_oldest")
    return after and (not latest or float(message.ts) < _stamp(latest, "invalid_ts_latest"))


def _stamp(value: str, error: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise Refused(error, value) from None


def _answer(call: Call, messages: list[Message], next_cursor: str) -> Json:
    with_metadata = call.flag("include_all_metadata")
    wires = [message.wire(with_metadata=with_metadata) for message in messages]
    answer: Json = {"messages": wires, "has_more": bool(next_cursor)}
    return answer | ({"response_metadata": {"next_cursor": next_cursor}} if next_cursor else {})


def _kind(name: str) -> str:
    if name not in _TYPES:
        raise Refused("invalid_types", name)
    return _TYPES[name]


METHODS = (
    method("conversations.info", _info, "channel", "include_locale include_num_members", *_READ, reads=True),
    method("conversations.list", _list, "", "cursor exclude_archived limit team_id types", *_READ, reads=True,
           per_minute=20),
    method("conversations.members", _members, "channel", "cursor limit", *_READ, reads=True, per_minute=100),
    method("conversations.history", _history, "channel", _WINDOW, *_HISTORY, reads=True),
    method("conversations.replies", _replies, "channel ts", _WINDOW, *_HISTORY, reads=True),
)  # fmt: skip
