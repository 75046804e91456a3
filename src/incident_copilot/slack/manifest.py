"""The app manifest: what Slack must allow the copilot; only scopes and events that the code uses.

Schema: https://github.com/slackapi/manifest-schema
"""

from typing import Any
from urllib.parse import urlsplit

from incident_copilot.errors import ConfigError

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "bookmarks:read",
    "bookmarks:write",
    "canvases:write",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:write",
    "links:read",
    "links:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "users:read",
)
EVENTS = (
    "agent_session_stopped",
    "app_home_opened",
    "app_mention",
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "channel_shared",
    "channel_unarchive",
    "channel_unshared",
    "entity_details_requested",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "link_shared",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "pin_added",
    "pin_removed",
    "reaction_added",
    "reaction_removed",
)
SHORTCUTS = (
    {
        "name": "Declare incident",
        "type": "global",
        "callback_id": "declare_incident",
        "description": "Open the form that declares an incident",
    },
    {
        "name": "Add to timeline",
        "type": "message",
        "callback_id": "add_to_timeline",
        "description": "Put this message on the incident's timeline",
    },
    {
        "name": "Declare from message",
        "type": "message",
        "callback_id": "declare_from_message",
        "description": "Declare an incident that begins with this message",
    },
)
OF_INSTALLATIONS = ("app_uninstalled", "tokens_revoked")
"""What an app hears that people install by themselves."""
EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH = "/slack/events", "/slack/install", "/slack/oauth_redirect"


def manifest(http_url: str | None = None, public_url: str | None = None) -> dict[str, Any]:
    """Return the manifest for Socket Mode, or for HTTP at a public address such as https://copilot.example.com.

    Links to the incident pages at `public_url` show what they lead to.

    Raises:
        ConfigError: the address is not https.
    """
    url = _endpoint(http_url) if http_url else None
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "incident-copilot",
            "description": "A calm incident copilot: opens incidents, finds likely causes, proposes; you decide.",
            "background_color": "#1f2a44",
        },
        "features": _features(url) | _unfurled(public_url),
        "oauth_config": _oauth(http_url),
        "settings": {
            "event_subscriptions": _at(url) | {"bot_events": sorted([*EVENTS, *(OF_INSTALLATIONS if url else ())])},
            "interactivity": {"is_enabled": True} | _at(url),
            "org_deploy_enabled": url is not None,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def _features(url: str | None) -> dict[str, Any]:
    command = {
        "command": "/incident",
        "description": "Declare or run an incident",
        "usage_hint": "[declare|list|status|catchup|ack|severity|assign|update|resolve|postmortem|help]",
        "should_escape": True,
    }
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "incident-copilot", "always_online": True},
        "agent_view": {
            "agent_description": "Runs incidents with you: what is broken, the likely cause, the next step.",
            "suggested_prompts": [
                {"title": "What can you do?", "message": "help"},
                {"title": "What is going on?", "message": "status"},
                {"title": "What changed before it started?", "message": "changes"},
                {"title": "What comes next?", "message": "what next"},
            ],
        },
        "slash_commands": [command | ({"url": url} if url else {})],
        "shortcuts": list(SHORTCUTS),
    }


def _unfurled(public_url: str | None) -> dict[str, Any]:
    host = urlsplit(public_url or "").hostname or ""
    # Slack takes domains only, and none without a dot.
    return {"unfurl_domains": [host]} if "." in host else {}


def _oauth(http_url: str | None) -> dict[str, Any]:
    back = {"redirect_urls": [http_url.rstrip("/") + REDIRECT_PATH]} if http_url else {}
    return {**back, "scopes": {"bot": list(SCOPES)}}


def _endpoint(http_url: str) -> str:
    if not http_url.startswith("https://"):
        raise ConfigError(f"manifest --http {http_url}: Slack needs an address that begins with https://")
    return http_url.rstrip("/") + EVENTS_PATH


def _at(url: str | None) -> dict[str, str]:
    return {"request_url": url} if url else {}
