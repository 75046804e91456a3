"""The payloads of interactions and commands, as Slack words them."""

from incident_copilot.sandbox.delivery.envelopes import VERIFICATION_TOKEN
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import APP_ID, TEAM_ID, User
from incident_copilot.sandbox.state.views import View
from incident_copilot.sandbox.state.workspace import TEAM_DOMAIN
from incident_copilot.sandbox.wire import Json


def interaction(kind: str, user: User, trigger_id: str | None) -> Json:
    """The part that all interactions share; view_closed has no trigger."""
    payload: Json = {
        "type": kind,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": TEAM_ID},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }
    return payload | ({"trigger_id": trigger_id} if trigger_id else {})


def message_click(channel: Channel, message: Message, values: Json, response_url: str) -> Json:
    """Where a click on a message happened; an ephemeral message is not sent along."""
    is_ephemeral = message.ephemeral_to is not None
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    container |= {"is_ephemeral": is_ephemeral} | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
    place: Json = {"container": container, "channel": named(channel), "state": {"values": values}}
    place |= {"response_url": response_url}
    return place if is_ephemeral else place | {"message": message.wire(with_metadata=True)}


def view_click(view: View) -> Json:
    return {"container": {"type": "view", "view_id": view.id}, "view": view.wire()}


def message_shortcut(channel: Channel, message: Message, response_url: str) -> Json:
    shown = message.wire(with_metadata=True)
    return {"channel": named(channel), "message": shown, "message_ts": message.ts, "response_url": response_url}


def slash_command(user: User, channel: Channel, command: str, text: str) -> Json:
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": named(channel)["name"],
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
    }


def named(channel: Channel) -> Json:
    """Slack calls private channels and direct messages by what they are."""
    if channel.is_im:
        return {"id": channel.id, "name": "directmessage"}
    return {"id": channel.id, "name": "privategroup" if channel.is_private else channel.name}
