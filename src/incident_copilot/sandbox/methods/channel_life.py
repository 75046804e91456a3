"""The conversations methods that make, fill, describe and close channels."""

import re
from collections.abc import Callable

from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.state import membership
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.users import BOT_USER_ID, User
from incident_copilot.sandbox.wire import Json, Refused

NAME_LENGTH = 80
TOPIC_LENGTH = 250
INVITES = 100


def _create(call: Call) -> Json:
    name = checked_name(call.text("name"))
    channel = membership.create(call.workspace, name, BOT_USER_ID, is_private=call.flag("is_private"))
    return {"channel": channel.wire()}


def _rename(call: Call) -> Json:
    channel = _no_im(call, Call.living)
    membership.rename(call.workspace, channel, checked_name(call.text("name")), BOT_USER_ID)
    return {"channel": channel.wire()}


def _invite(call: Call) -> Json:
    channel = _no_im(call, Call.living)
    ids = call.names("users")
    if not ids:
        raise Refused("no_user", "users is empty")
    if len(ids) > INVITES:
        raise Refused("too_many_users", f"{len(ids)} users in one call")
    problems = {user_id: _why_not(call, channel, user_id) for user_id in ids}
    wrong = {user_id: error for user_id, error in problems.items() if error}
    if wrong and not (call.flag("force") and len(wrong) < len(ids)):
        errors = [{"user": user_id, "ok": False, "error": error} for user_id, error in wrong.items()]
        raise Refused(next(iter(wrong.values())), ", ".join(wrong), errors=errors)
    for user_id in ids:
        if user_id not in wrong:
            membership.join(call.workspace, channel, user_id, inviter=BOT_USER_ID)
    return {"channel": channel.wire()}


def _kick(call: Call) -> Json:
    channel = _no_im(call, Call.joined)
    user = _member(call, channel)
    if user.id == BOT_USER_ID:
        raise Refused("cant_kick_self", "leave instead")
    if channel.is_general:
        raise Refused("cant_kick_from_general", f"#{channel.name} is for everyone")
    membership.leave(call.workspace, channel, user.id)
    return {}


def _join(call: Call) -> Json:
    channel = _no_im(call, Call.channel)
    if channel.is_archived:
        raise Refused("is_archived", f"#{channel.name} is archived")
    if channel.has(BOT_USER_ID):
        return {"channel": channel.wire(), "warning": "already_in_channel"}
    membership.join(call.workspace, channel, BOT_USER_ID)
    return {"channel": channel.wire()}


def _leave(call: Call) -> Json:
    channel = _no_im(call, Call.channel)
    if not channel.has(BOT_USER_ID):
        return {"not_in_channel": True}
    membership.leave(call.workspace, channel, BOT_USER_ID)
    return {}


def _open(call: Call) -> Json:
    if call.text("channel"):
        channel = call.channel()
    else:
        users = call.names("users")
        if not users:
            raise Refused("users_list_not_supplied", "users or channel is needed")
        if len(users) > 1:
            raise Refused("method_not_supported_for_channel_type", "the sandbox has no group direct messages")
        channel = call.workspace.direct(Call(call.workspace, call.method, {"user": users[0]}).user().id)
    return {"channel": channel.wire() if call.flag("return_im") else {"id": channel.id}}


def _archive(call: Call) -> Json:
    channel = _no_im(call, Call.joined)
    if channel.is_archived:
        raise Refused("already_archived", f"#{channel.name}")
    if channel.is_general:
        raise Refused("cant_archive_general", f"#{channel.name} is for everyone")
    membership.set_archived(call.workspace, channel, BOT_USER_ID, archived=True)
    return {}


def _unarchive(call: Call) -> Json:
    channel = _no_im(call, Call.channel)
    if not channel.is_archived:
        raise Refused("not_archived", f"#{channel.name}")
    membership.set_archived(call.workspace, channel, BOT_USER_ID, archived=False)
    return {}


def _set_topic(call: Call) -> Json:
    channel = call.living()
    membership.set_topic(call.workspace, channel, _short(call, "topic"), BOT_USER_ID)
    return {"channel": channel.wire()}


def _set_purpose(call: Call) -> Json:
    channel = call.living()
    membership.set_purpose(call.workspace, channel, _short(call, "purpose"), BOT_USER_ID)
    return {"channel": channel.wire(), "purpose": channel.purpose}


def checked_name(name: str) -> str:
    """Raises: Refused invalid_name*, as Slack names each way a channel name can be wrong."""
    name = name.removeprefix("#")
    if not name:
        raise Refused("invalid_name_required", "name is empty")
    if len(name) > NAME_LENGTH:
        raise Refused("invalid_name_maxlength", f"{len(name)} characters, at most {NAME_LENGTH}")
    if not re.search(r"\w", name):
        raise Refused("invalid_name_punctuation", name)
    if not re.fullmatch(r"[\w-]+", name) or name != name.lower():
        raise Refused("invalid_name_specials", name)
    return name


def _why_not(call: Call, channel: Channel, user_id: str) -> str | None:
    """Slack's error for this invitation, None when it may be sent."""
    user = call.workspace.users.get(user_id)
    if user is None or user.deleted:
        return "user_not_found"
    if user_id == BOT_USER_ID:
        return "cant_invite_self"
    return "already_in_channel" if channel.has(user_id) else None


def _no_im(call: Call, find: Callable[[Call], Channel]) -> Channel:
    channel = find(call)
    if channel.is_im:
        raise Refused("method_not_supported_for_channel_type", "this is a direct message")
    return channel


def _member(call: Call, channel: Channel) -> User:
    user = call.user()
    if not channel.has(user.id):
        raise Refused("not_in_channel", f"{user.name} is not in #{channel.name}")
    return user


def _short(call: Call, name: str) -> str:
    if len(call.text(name)) > TOPIC_LENGTH:
        raise Refused("too_long", f"{name} has more than {TOPIC_LENGTH} characters")
    return call.text(name)


_MANAGE = ("channels:manage", "groups:write")
_TOPIC = ("channels:manage", "channels:write.topic", "groups:write", "groups:write.topic", "im:write", "im:write.topic")
_INVITE = ("channels:manage", "channels:write.invites", "groups:write", "groups:write.invites")
METHODS = (
    method("conversations.create", _create, "name", "is_private team_id", *_MANAGE, per_minute=20),
    method("conversations.rename", _rename, "channel name", "", *_MANAGE, per_minute=20),
    method("conversations.invite", _invite, "channel users", "force", *_INVITE),
    method("conversations.kick", _kick, "channel user", "", *_MANAGE),
    method("conversations.join", _join, "channel", "", "channels:join"),
    method("conversations.leave", _leave, "channel", "", *_MANAGE),
    method("conversations.open", _open, "", "channel users return_im prevent_creation", "im:write"),
    method("conversations.archive", _archive, "channel", "", *_MANAGE, per_minute=20),
    method("conversations.unarchive", _unarchive, "channel", "", *_MANAGE, per_minute=20),
    method("conversations.setTopic", _set_topic, "channel topic", "", *_TOPIC, per_minute=20),
    method("conversations.setPurpose", _set_purpose, "channel purpose", "", *_TOPIC, per_minute=20),
)
