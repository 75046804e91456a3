"""Clicks, shortcuts, forms and the Home tab: delivered once, with a trigger, and a warning when nobody answers."""

from typing import Any

from incident_copilot.sandbox.delivery.ack import Ack
from incident_copilot.sandbox.people import payloads
from incident_copilot.sandbox.people.choices import action_of, find_element, state_of
from incident_copilot.sandbox.people.desk import Desk
from incident_copilot.sandbox.people.forms import filled, problems
from incident_copilot.sandbox.people.responses import apply_to_view
from incident_copilot.sandbox.state.announce import announce
from incident_copilot.sandbox.state.blocks import HOLDS, merged_values
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import User
from incident_copilot.sandbox.state.views import View
from incident_copilot.sandbox.wire import Json, Refused

NO_ANSWER = "This app didn't respond. Nothing may have happened; you can try again."
NO_FORM = "We had some trouble connecting. Try again?"


async def click_message(
    desk: Desk, user: User, message: Message, action_id: str, block_id: str | None, picked: Any
) -> Ack:
    """Reports a click on a message; unanswered, the message carries a warning for this person."""
    workspace = desk.workspace
    channel = workspace.channels[message.channel]
    if message is not channel.messages.get(message.ts) and message not in channel.visible_ephemerals(user.id):
        raise Refused("message_not_found", message.ts)
    block, element = find_element(message.blocks, action_id, block_id, picked)
    _require_visible(element, user)
    action = action_of(block, element, picked, _stamp(desk))
    values = merged_values(message.blocks, _held(block, element, picked))
    url = desk.response_url(user.id, channel, message.ts)
    place = payloads.message_click(channel, message, values, url)
    ack = await desk.delivery.interact(_payload(desk, "block_actions", user) | place | {"actions": [action]})
    if message.warnings.pop(user.id, None) or not ack.ok:
        if not ack.ok:
            message.warnings[user.id] = NO_ANSWER
        workspace.changes.announce()
    return ack


async def click_view(
    desk: Desk, user: User, view: View, action_id: str, block_id: str | None, picked: Any, values: Json | None
) -> Ack:
    """Reports a click in a modal or home tab, with what was typed into it so far."""
    _require_open(desk, user, view)
    block, element = find_element(view.blocks, action_id, block_id, picked)
    action = action_of(block, element, picked, _stamp(desk))
    view.values = merged_values(view.blocks, view.values, values or {}, _held(block, element, picked))
    payload = _payload(desk, "block_actions", user) | payloads.view_click(view) | {"actions": [action]}
    ack = await desk.delivery.interact(payload)
    if not ack.ok:
        desk.workspace.notify(user.id, NO_ANSWER)
    return ack


async def global_shortcut(desk: Desk, user: User, callback_id: str) -> Ack:
    if not desk.manifest.knows_shortcut("global", callback_id):
        raise Refused("shortcut_not_found", callback_id)
    payload = _payload(desk, "shortcut", user) | {"callback_id": callback_id, "action_ts": _stamp(desk)}
    return await _or_notice(desk, user, payload)


async def message_shortcut(desk: Desk, user: User, callback_id: str, channel: Channel, message: Message) -> Ack:
    if not desk.manifest.knows_shortcut("message", callback_id):
        raise Refused("shortcut_not_found", callback_id)
    url = desk.response_url(user.id, channel, message.ts)
    payload = _payload(desk, "message_action", user) | payloads.message_shortcut(channel, message, url)
    return await _or_notice(desk, user, payload | {"callback_id": callback_id, "action_ts": _stamp(desk)})


async def submit(desk: Desk, user: User, view: View, values: Json) -> Ack:
    """Sends a form unless Slack's client finds a mistake first; problems are in `Ack.errors`."""
    _require_open(desk, user, view)
    view.values = filled(view, values)
    found = problems(view, view.values)
    if found:
        return Ack(True, body={"response_action": "errors", "errors": found})
    ack = await desk.delivery.interact(
        _payload(desk, "view_submission", user) | {"view": view.wire(), "response_urls": []}
    )
    if not ack.ok:
        desk.workspace.notify(user.id, NO_FORM)
        return ack
    try:
        apply_to_view(desk.workspace, view, ack.body)
    except Refused as refused:
        desk.web_api.refuse("view_submission", refused, ack.body)
        desk.workspace.notify(user.id, NO_FORM)
        return Ack(False, ack.status, ack.body, ack.seconds, refused.error)
    return ack


async def close(desk: Desk, user: User, view: View) -> Ack:
    """Closes a modal; the app hears of it only where the view asked for it."""
    _require_open(desk, user, view)
    desk.workspace.views.pop(view)
    desk.workspace.changes.announce()
    if not view.content.get("notify_on_close"):
        return Ack(True)
    payload = payloads.interaction("view_closed", user, None)
    return await desk.delivery.interact(payload | {"view": view.wire(), "is_cleared": False})


def open_app(desk: Desk, user: User, tab: str) -> None:
    """Tells the app that a person looks at its Home tab (`home`) or its messages (`messages`)."""
    workspace = desk.workspace
    event: Json = {"type": "app_home_opened", "user": user.id, "channel": workspace.direct(user.id).id, "tab": tab}
    home = workspace.views.homes.get(user.id)
    announce(workspace, event | ({"view": home.wire()} if home and tab == "home" else {}))


def _payload(desk: Desk, kind: str, user: User) -> Json:
    return payloads.interaction(kind, user, desk.workspace.views.new_trigger(user.id))


def _held(block: Json, element: Json, picked: Any) -> Json:
    """The state this click leaves behind; buttons leave none."""
    if element["type"] not in HOLDS:
        return {}
    return {block["block_id"]: {element["action_id"]: state_of(element, picked)}}


def _require_visible(element: Json, user: User) -> None:
    if user.id not in element.get("visible_to_user_ids", [user.id]):
        raise Refused("action_not_found", f"{element['action_id']} is not shown to {user.name}")


def _require_open(desk: Desk, user: User, view: View) -> None:
    if desk.workspace.views.find(view.id).user != user.id:
        raise Refused("not_found", f"{view.id} is not open for {user.name}")


async def _or_notice(desk: Desk, user: User, payload: Json) -> Ack:
    ack = await desk.delivery.interact(payload)
    if not ack.ok:
        desk.workspace.notify(user.id, NO_ANSWER)
    return ack


def _stamp(desk: Desk) -> str:
    return f"{desk.workspace.now():.6f}"
