"""What doctor looks at in Slack: whose the token is, what it may do, the clock, the channels; it only reads."""

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.finding import Finding
from incident_copilot.slack.calls import call, granted, header, pages, read_whole
from incident_copilot.slack.manifest import SCOPES

MOST_PAGES = 50
CHALLENGE = "is-anybody-there"
INSTALL = "Paste the manifest of `incident-copilot manifest` on the app's page, and install the app again."
WITHOUT = {
    "bookmarks:read": "no links at the top of incident channels",
    "canvases:write": "no postmortem in the canvas of an incident's channel",
    "bookmarks:write": "no links at the top of incident channels",
    "channels:join": "only channels that the copilot was invited to",
    "channels:manage": "no channels of their own: incidents live in threads of their announcements",
    "chat:write": "nothing that it says: not one message",
    "files:write": "no charts, no postmortem as a file",
    "groups:write": "no private channels of incidents",
    "pins:write": "no pinned card",
    "users:read": "no click counts: nobody can be looked up",
}
"""What people do without where the token lacks a scope."""


class Who(NamedTuple):
    """Whose the token is, by Slack's own words; `granted` and `at` are None where it does not say."""

    user: str
    where: str
    granted: frozenset[str] | None
    at: datetime | None


async def who(client: AsyncWebClient) -> Who:
    """Return whose the token is.

    Raises:
        ChatUnavailable: Slack does not say now.
        ChatRefused: the token is not valid.
    """
    said, headers = await read_whole(client, "auth.test")
    where = str(said.get("url") or said.get("team_id") or "a workspace")
    return Who(str(said.get("user_id", "nobody")), where, granted(headers), date_of(headers))


def lacking(has: Collection[str]) -> list[str]:
    """Return the scopes of the manifest that a token lacks."""
    return [scope for scope in SCOPES if scope not in has]


def scopes(has: frozenset[str] | None) -> Finding:
    """Return whether the token has every scope of the manifest."""
    if has is None:
        return Finding("Slack scopes", True, "not looked at: Slack does not say which the token has")
    missing = lacking(has)
    if missing:
        return Finding("Slack scopes", False, f"the token lacks {', '.join(missing)}{lost(missing)}", INSTALL)
    return Finding("Slack scopes", True, f"all {len(SCOPES)} of the manifest")


def lost(missing: Sequence[str]) -> str:
    """Return in words what does not work without these scopes, after a colon; empty where nothing is known."""
    known = dict.fromkeys(WITHOUT[scope] for scope in missing if scope in WITHOUT)
    return f": {'; '.join(known)}" if known else ""


async def open_socket(client: AsyncWebClient) -> None:
    """Ask for the address of a socket, as the start of the copilot does. Raises ChatUnavailable, ChatRefused."""
    await call(client, "apps.connections.open", repeatable=True)


async def channels(client: AsyncWebClient, wanted: Sequence[tuple[str, str]]) -> list[Finding]:
    """Return whether each channel is there and open to the copilot; `wanted` has name and variable of each.

    Raises:
        ChatUnavailable, ChatRefused: they could not be listed.
    """
    listed = pages(
        client, "conversations.list", "channels", MOST_PAGES, types="public_channel,private_channel", limit=1000
    )
    known = {key: one async for one in listed for key in (one.get("name"), one.get("id"))}
    variables: dict[str, list[str]] = {}
    for name, variable in wanted:
        variables.setdefault(name, []).append(variable)
    return [_channel(name, known.get(name), " and ".join(named)) for name, named in variables.items()]


def handshake(secret: str, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
    """Return body and headers of the request by which Slack tries an address out, signed as Slack signs it."""
    body = {"type": "url_verification", "challenge": CHALLENGE}
    stamp = str(int(now.timestamp()))
    base = f"v0:{stamp}:{json.dumps(body)}".encode()
    signature = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    signed = {"x-slack-request-timestamp": stamp, "x-slack-signature": signature}
    return body, {"content-type": "application/json", **signed}


def _channel(name: str, found: Mapping[str, Any] | None, variable: str) -> Finding:
    what, other = f"channel #{name}", f"or name another one in {variable}"
    if found is None:
        fix = f"Create it; if it is private, /invite the copilot there; {other}."
        return Finding(what, False, "there is none that the copilot can see", fix)
    if found.get("is_archived"):
        return Finding(what, False, "it is archived", f"Unarchive it, {other}.")
    if found.get("is_ext_shared") and variable != "COPILOT_CUSTOMER_UPDATES_CHANNEL":
        return Finding(what, False, "people of another organisation read it", f"Stop sharing it, {other}.")
    is_member = "the copilot is a member" if found.get("is_member") else "public: the copilot joins when it needs to"
    return Finding(what, True, is_member)


def date_of(headers: Mapping[str, Any]) -> datetime | None:
    """Return when Slack answered by its own clock, None where it does not say."""
    try:
        return parsedate_to_datetime(header(headers, "date"))
    except ValueError:
        return None
