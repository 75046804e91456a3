"""The canvas of an incident's channel: made once, written anew after that, and never where people made one.

API: https://docs.slack.dev/reference/methods/conversations.canvases.create
"""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.effect import Canvas
from incident_copilot.errors import ChatRefused
from incident_copilot.slack.calls import call
from incident_copilot.slack.text import cut

LONGEST = 100_000
NOT_HERE = frozenset(
    {
        *("missing_scope", "no_permission", "not_allowed_token_type", "free_team_not_allowed"),
        *(
            "canvas_disabled_user_team",
            "team_tier_cannot_create_channel_canvases",
            "method_not_supported_for_channel_type",
        ),
        *("channel_canvas_already_exists", "canvas_deleted", "canvas_not_found", "canvas_creation_failed"),
    }
)
"""Refusals that mean: there is none to write here. The postmortem is in the channel as a file all the same."""


async def write(client: AsyncWebClient, channel: str, deed: Canvas) -> dict[str, str]:
    """Write it and return its id; without one, why there is none.

    Raises:
        ChatUnavailable, ChatUnknown, ChatRefused: as for `ports.Chat.deliver`.
    """
    content = {"type": "markdown", "markdown": cut(deed.markdown, LONGEST)}
    try:
        return {"channel": channel, "canvas": await _written(client, channel, deed.known, content)}
    except ChatRefused as refusal:
        if refusal.code not in NOT_HERE:
            raise
        return {"channel": channel, "no_canvas": refusal.code}


async def _written(client: AsyncWebClient, channel: str, known: str | None, content: dict[str, Any]) -> str:
    if known:
        changes = [{"operation": "replace", "document_content": content}]
        await call(client, "canvases.edit", repeatable=True, canvas_id=known, changes=changes)
        return known
    # Repeatable: the second one is refused, and that it is there is all that is wanted.
    answer = await call(
        client, "conversations.canvases.create", repeatable=True, channel_id=channel, document_content=content
    )
    return str(answer["canvas_id"])
