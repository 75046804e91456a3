"""Messages, pins and reactions: stored before they are acknowledged, then noted on the timeline by a job.

What other bots say in watched channels is taken in as webhooks are.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from incident_copilot.errors import BadPayload, ChatUnavailable
from incident_copilot.pipeline import chosen, observe, receive
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack import bot_messages
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.listeners import channel_life
from incident_copilot.slack.watched import Watched

log = logging.getLogger(__name__)

KEPT = frozenset({"pin_added", "pin_removed"})
HEARD_BY_OTHERS = frozenset(
    {"agent_session_stopped", "app_mention", "entity_details_requested", "link_shared", "member_joined_channel"}
)
"""What a listener answers, once: nothing of it is kept."""
KEPT_MESSAGES = frozenset({None, "file_share", "thread_broadcast", "me_message", "message_changed", "message_deleted"})
"""Subtypes that people cause; Slack's own lines (joins, topics) are no observation."""


def register(app: AsyncApp, deps: Deps, identity: Identity, watched: Watched | None) -> None:
    """Put the durable inbox in front of every listener."""

    @app.middleware
    async def inbox(
        body: dict[str, Any],
        next: Callable[[], Awaitable[None]],  # noqa: A002 -- Bolt's name
    ) -> BoltResponse | None:
        event = body.get("event")
        if not isinstance(event, dict) or event.get("type") == "app_home_opened":
            await next()
            return None
        await channel_life.follow(deps, identity, event)
        if event.get("type") in HEARD_BY_OTHERS:
            if await observe.is_new(deps, str(body["event_id"])):
                await next()
                return None
            return BoltResponse(status=200, body="")
        if _is_kept(event, chosen.timeline_emojis(deps)):
            is_new = await observe.event(deps, str(body["event_id"]), body)
            if is_new and event.get("channel_type") == "im" and event.get("subtype") is None:
                await next()  # a question, which is answered after the ack
                return None
        elif watched and bot_messages.is_of_another_bot(event, await identity.me()):
            return await _heard(deps, identity, watched, event)
        return BoltResponse(status=200, body="")


async def _heard(deps: Deps, identity: Identity, watched: Watched, event: dict[str, Any]) -> BoltResponse:
    """Take in what another bot says in a watched channel; where it is not known which those are, Slack asks again."""
    try:
        if await watched.includes(event["channel"]):
            await _take_in(deps, identity, event)
    except ChatUnavailable as error:
        log.warning("a bot's message was not taken, for Slack does not say which channels are watched: %s", error)
        return BoltResponse(status=503, body="")
    return BoltResponse(status=200, body="")


async def _take_in(deps: Deps, identity: Identity, event: dict[str, Any]) -> None:
    """Take in the alerts of a message; one that tells of none is nobody's business."""
    try:
        found = bot_messages.read(event, await identity.me(), deps.now())
    except BadPayload as error:
        log.warning("a bot's message was not read: %s", error)
        return
    if found:
        source, delivery = found
        await receive.receive(deps, source, delivery, json.dumps(event, ensure_ascii=False).encode())


def _is_kept(event: dict[str, Any], emojis: frozenset[str]) -> bool:
    """Whether a person did it: what bots say, this one included, is no observation. One reaction keeps a message."""
    if event.get("type") in observe.REACTIONS:
        return event.get("reaction") in emojis and (event.get("item") or {}).get("type") == "message"
    if event.get("type") != "message":
        return event.get("type") in KEPT
    inner = event.get("message") or event.get("previous_message") or event
    return event.get("subtype") in KEPT_MESSAGES and not inner.get("bot_id")
