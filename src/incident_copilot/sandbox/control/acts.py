"""POST /control/act: turns {"as", "kind", ...} into what that person does."""

from incident_copilot.sandbox.delivery.ack import Ack
from incident_copilot.sandbox.people.desk import Desk
from incident_copilot.sandbox.people.person import Person
from incident_copilot.sandbox.wire import Json, Refused


async def act(desk: Desk, body: Json) -> Json:
    """{"ok": true, ...}; interactions add `acked` and, for forms, Slack's response_action and errors.

    Raises: Refused, KeyError for a missing field.
    """
    person = Person(desk.workspace.user(str(body["as"])), desk)
    for perform in (_in_channel, _talk, _interact, _form):
        answer = await perform(desk, person, body)
        if answer is not None:
            return {"ok": True} | answer
    raise Refused("unknown_kind", str(body["kind"]))


async def _in_channel(_desk: Desk, person: Person, body: Json) -> Json | None:
    match body["kind"]:
        case "join":
            await person.join(body["channel"])
        case "leave":
            await person.leave(body["channel"])
        case "invite":
            await person.invite(body["channel"], body["user"])
        case "stop":
            await person.stop(body["channel"], body["thread_ts"])
        case "archive":
            await person.archive_channel(body["channel"])
        case "mark_read":
            await person.mark_read(body["channel"])
        case "create_channel":
            created = await person.create_channel(body["name"], is_private=bool(body.get("is_private")))
            return {"channel": created.id}
        case "open_dm":
            return {"channel": (await person.open_dm()).id}
        case "open_home":
            await person.open_home()
        case _:
            return None
    return {}


async def _talk(_desk: Desk, person: Person, body: Json) -> Json | None:
    match body["kind"]:
        case "say":
            return {"ts": await person.say(body["channel"], body["text"], body.get("thread_ts"))}
        case "edit":
            await person.edit(body["channel"], body["ts"], body["text"])
        case "delete":
            await person.delete(body["channel"], body["ts"])
        case "react":
            await person.react(body["channel"], body["ts"], body["name"])
        case "unreact":
            await person.unreact(body["channel"], body["ts"], body["name"])
        case "pin":
            await person.pin(body["channel"], body["ts"])
        case "unpin":
            await person.unpin(body["channel"], body["ts"])
        case _:
            return None
    return {}


async def _interact(desk: Desk, person: Person, body: Json) -> Json | None:
    match body["kind"]:
        case "command":
            ack = await person.command(body["command"], body.get("text", ""), body["channel"])
        case "shortcut":
            ack = await person.shortcut(body["callback_id"])
        case "message_shortcut":
            ack = await person.message_shortcut(body["callback_id"], body["channel"], body["ts"])
        case "click":
            ack = await _click(desk, person, body)
        case _:
            return None
    return _acked(ack)


async def _form(desk: Desk, person: Person, body: Json) -> Json | None:
    match body["kind"]:
        case "submit":
            ack = await person.submit(desk.workspace.views.find(body["view_id"]), body.get("values", {}))
        case "close":
            ack = await person.close(desk.workspace.views.find(body["view_id"]))
        case _:
            return None
    form = {"response_action": "errors", "errors": ack.errors} if ack.errors else {}
    return _acked(ack) | form


async def _click(desk: Desk, person: Person, body: Json) -> Ack:
    picks = {name: body[name] for name in ("value", "selected", "values") if name in body}
    if "view_id" in body:
        view = desk.workspace.views.find(body["view_id"])
        return await person.click(view, body["action_id"], block_id=body.get("block_id"), **picks)
    channel = desk.workspace.channel(body["channel"])
    shown = [*channel.messages.values(), *channel.visible_ephemerals(person.id)]
    message = next((one for one in shown if one.ts == body["ts"]), None)
    if message is None:
        raise Refused("message_not_found", body["ts"])
    return await person.click(message, body["action_id"], block_id=body.get("block_id"), **picks)


def _acked(ack: Ack) -> Json:
    return {"acked": ack.ok} | ({"error": ack.error} if ack.error else {})
