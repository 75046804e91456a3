"""The chat family: posting, updating and deleting messages, and their links."""

from incident_copilot.sandbox.conformance import check_message, check_metadata
from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.state import posting
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.users import BOT_USER_ID
from incident_copilot.sandbox.wire import Json, Refused

_CONTENT = "text blocks attachments metadata markdown_text link_names parse"
_LOOKS = "as_user icon_emoji icon_url username"


def _post_message(call: Call) -> Json:
    channel = _destination(call)
    content = _content(call)
    if call.flag("reply_broadcast") and not call.text("thread_ts"):
        raise Refused("cant_broadcast_message", "reply_broadcast needs thread_ts")
    message = posting.post(
        call.workspace,
        channel,
        BOT_USER_ID,
        content.pop("text"),
        thread_ts=call.text("thread_ts") or None,
        is_broadcast=call.flag("reply_broadcast"),
        bot_name=call.text("username") or call.workspace.bot.name,
        **content,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.wire(with_metadata=True)}


def _post_ephemeral(call: Call) -> Json:
    channel = _destination(call)
    content = _content(call)
    user = call.user()
    if not channel.has(user.id):
        raise Refused("user_not_in_channel", f"{user.name} is not in #{channel.name}")
    content.pop("metadata", None)
    thread = {"thread_ts": call.text("thread_ts") or None}
    message = posting.post_ephemeral(call.workspace, channel, user.id, content.pop("text"), **content, **thread)
    return {"message_ts": message.ts}


def _update(call: Call) -> Json:
    channel = call.channel()
    if channel.is_archived:
        raise Refused("is_inactive", f"#{channel.name} is archived")
    message = channel.message(call.text("ts"))
    if message.user != BOT_USER_ID or message.subtype not in (None, "thread_broadcast"):
        raise Refused("cant_update_message", f"{message.ts} is not the bot's")
    posting.edit(call.workspace, channel, message, BOT_USER_ID, **_changes(call))
    wire = message.wire(with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": wire}


def _delete(call: Call) -> Json:
    channel = call.channel()
    message = channel.message(call.text("ts"))
    if message.user != BOT_USER_ID:
        raise Refused("cant_delete_message", f"{message.ts} is not the bot's")
    posting.delete(call.workspace, channel, message)
    return {"channel": channel.id, "ts": message.ts}


def _get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = channel.message(call.text("message_ts"))
    return {"channel": channel.id, "permalink": call.workspace.permalink(channel, message.ts, message.thread_ts)}


def _destination(call: Call) -> Channel:
    """A user id opens the direct message; public channels take messages from outside with chat:write.public only."""
    target = call.text("channel")
    if target in call.workspace.users and target != BOT_USER_ID:
        return call.workspace.direct(target)
    channel = call.channel()
    if channel.is_archived:
        raise Refused("is_archived", f"#{channel.name} is archived")
    may_post_outside = call.scopes is None or "chat:write.public" in call.scopes
    if not channel.has(BOT_USER_ID) and not (may_post_outside and call.method == "chat.postMessage"):
        raise Refused("not_in_channel", f"the bot is not in #{channel.name}")
    return channel


def _changes(call: Call) -> Json:
    """What an update brings; blocks, attachments and metadata it does not name stay, empty ones go."""
    content = _content(call)
    named = {"text", *(name for name in ("blocks", "attachments", "metadata") if call.args.get(name) is not None)}
    named |= {"blocks"} if call.text("markdown_text") else set()
    return {name: held for name, held in content.items() if name in named}


def _content(call: Call) -> Json:
    """What the message says, checked."""
    blocks = call.objects("blocks", "invalid_blocks_format")
    attachments = call.objects("attachments", "invalid_attachments")
    metadata = call.json("metadata", "invalid_metadata_format") or None
    text, markdown = call.text("text"), call.text("markdown_text")
    check_message(text=text, blocks=blocks, attachments=attachments, markdown_text=markdown)
    check_metadata(metadata)
    if markdown:
        blocks = [{"type": "markdown", "text": markdown}]
    return {
        "text": text or markdown,
        "blocks": blocks or [],
        "attachments": attachments or [],
        "metadata": metadata,
    }


_POST = f"{_CONTENT} {_LOOKS} mrkdwn reply_broadcast thread_ts unfurl_links unfurl_media"
METHODS = (
    method("chat.postMessage", _post_message, "channel", _POST, "chat:write", per_minute=100_000),
    method("chat.postEphemeral", _post_ephemeral, "channel user", f"{_CONTENT} {_LOOKS} thread_ts", "chat:write",
           per_minute=100),
    method("chat.update", _update, "channel ts", f"{_CONTENT} as_user reply_broadcast file_ids unfurled_attachments",
           "chat:write"),
    method("chat.delete", _delete, "channel ts", "as_user", "chat:write"),
    method("chat.getPermalink", _get_permalink, "channel message_ts", "", reads=True, per_minute=600),
)  # fmt: skip
