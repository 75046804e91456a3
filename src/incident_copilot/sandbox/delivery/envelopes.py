"""The outer shape of what the app receives."""

from incident_copilot.sandbox.state.users import APP_ID, BOT_USER_ID, TEAM_ID
from incident_copilot.sandbox.wire import Json, new_id

VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105 - legacy field of Slack's payloads, checked by nobody


def event_callback(event: Json, at: float) -> Json:
    """The body of an event; its event_id stays the same however often it is delivered."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "context_team_id": TEAM_ID,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(at),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER_ID,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": new_id("4-"),
    }


def event_envelope(body: Json, attempt: int, reason: str) -> Json:
    """The Socket Mode frame of an event."""
    retry = {"retry_attempt": attempt, "retry_reason": reason if attempt else ""}
    return {"type": "events_api", "payload": body, "accepts_response_payload": False} | retry


def interaction_envelope(kind: str, payload: Json) -> Json:
    """The Socket Mode frame of an interaction (`interactive`) or a command (`slash_commands`)."""
    return {"type": kind, "payload": payload, "accepts_response_payload": True}
