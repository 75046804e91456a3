"""bookmarks.add, edit, remove and list."""

from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.state.channels import Channel, bookmark
from incident_copilot.sandbox.wire import Json, Refused

MAX_BOOKMARKS = 100


def _add(call: Call) -> Json:
    channel = call.joined("channel_id")
    if call.text("type") != "link":
        raise Refused("invalid_bookmark_type", call.text("type"))
    if len(channel.bookmarks) >= MAX_BOOKMARKS:
        raise Refused("too_many_bookmarks", f"{MAX_BOOKMARKS} are there")
    now = int(call.workspace.now())
    added = bookmark(channel, call.text("title"), _link(call), call.text("emoji"), now)
    channel.bookmarks.append(added)
    call.workspace.changes.announce()
    return {"bookmark": added}


def _edit(call: Call) -> Json:
    found = _find(call, call.joined("channel_id"))
    changes: Json = {name: call.text(name) for name in ("title", "emoji") if name in call.args}
    changes |= {"link": _link(call)} if "link" in call.args else {}
    found.update(changes, date_updated=int(call.workspace.now()))
    call.workspace.changes.announce()
    return {"bookmark": found}


def _remove(call: Call) -> Json:
    channel = call.joined("channel_id")
    channel.bookmarks.remove(_find(call, channel))
    call.workspace.changes.announce()
    return {}


def _list(call: Call) -> Json:
    return {"bookmarks": call.joined("channel_id").bookmarks}


def _find(call: Call, channel: Channel) -> Json:
    for one in channel.bookmarks:
        if one["id"] == call.text("bookmark_id"):
            return one
    raise Refused("not_found", call.text("bookmark_id"))


def _link(call: Call) -> str:
    link = call.text("link")
    if not link.startswith(("https://", "http://")):
        raise Refused("invalid_link", link)
    return link


METHODS = (
    method("bookmarks.add", _add, "channel_id title type", "link emoji entity_id access_level parent_id",
           "bookmarks:write", per_minute=20),
    method("bookmarks.edit", _edit, "bookmark_id channel_id", "title link emoji", "bookmarks:write", per_minute=20),
    method("bookmarks.remove", _remove, "bookmark_id channel_id", "quip_section_id", "bookmarks:write", per_minute=20),
    method("bookmarks.list", _list, "channel_id", "", "bookmarks:read", reads=True),
)  # fmt: skip
