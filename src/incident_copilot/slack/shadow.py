"""Shadow mode: what the copilot would have said, in one private channel, notifying nobody and changing nothing."""

import re
from datetime import datetime
from typing import Any

from incident_copilot.domain.effect import Effect, OpenChannel, Place, Show, Target, Upload
from incident_copilot.domain.person import Person
from incident_copilot.domain.said import Said
from incident_copilot.slack.views import Rendered, render
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.workspace import SlackWorkspace

PLACES = {
    Place.ANNOUNCE: "the announcement channel",
    Place.INCIDENT: "the incident's channel",
    Place.INTERNAL_UPDATES: "the internal updates channel",
    Place.CUSTOMER_UPDATES: "the customer updates channel",
    Place.OPERATOR: "the operators' channel",
    Place.CHANNEL: "another channel",
    Place.PERSON: "a direct message",
}
READ_ONLY = frozenset({"evidence", "alternatives", "score"})
_MENTION = re.compile(r"<[@!#]([A-Za-z0-9^]+)[^>]*>\s*")


class ShadowWorkspace:
    """Implements `ports.Chat` by posting everything to one channel; channels, invitations and pins are not made."""

    def __init__(self, inner: SlackWorkspace, channel: str) -> None:
        self._inner = inner
        self._channel = channel

    async def deliver(self, effect: Effect, target: Target) -> dict[str, str]:
        """Show or upload to the shadow channel; any other deed only yields that channel."""
        here = target.model_copy(update={"channel": self._channel})
        match effect.deed:
            case Show() as deed:
                return await self._inner.show(effect, shadowed(render(deed.content), deed.place), here)
            case Upload():
                return await self._inner.deliver(effect, here)
            case OpenChannel():
                return {"channel": await self._inner.channel_id(self._channel)}
            case _:
                return {"channel": self._channel}

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> dict[str, str] | None:
        """Look in the shadow channel; see `ports.Chat`."""
        if not isinstance(effect.deed, Show | Upload):
            return None
        return await self._inner.look_up(effect, target.model_copy(update={"channel": self._channel}), since)

    async def person(self, chat_id: str) -> Person:
        """Return what Slack knows about a person; see `ports.Chat`."""
        return await self._inner.person(chat_id)

    async def message(self, channel: str, ts: str) -> Said | None:
        """Return a message that is there; see `ports.Chat`."""
        return await self._inner.message(channel, ts)

    async def end_stream(self, channel: str, thread_ts: str, ts: str, text: str) -> None:
        """End an answer; who asks is answered in shadow mode too."""
        await self._inner.end_stream(channel, thread_ts, ts, text)


def shadowed(rendered: Rendered, place: Place) -> Rendered:
    """Return the message as a record of what would have been posted: no mentions and no buttons that decide."""
    prefix = f"[shadow] would post in {PLACES[place]}"
    blocks = [_without_mentions(block) for block in map(_read_only, rendered.blocks) if block]
    return Rendered(f"{prefix}: {_MENTION.sub('', rendered.text)}", b.fit([b.footer(prefix), *blocks], b.MOST_BLOCKS))


def _read_only(block: b.Block) -> b.Block | None:
    if block["type"] == "section":
        return {key: value for key, value in block.items() if key != "accessory"}
    if block["type"] != "actions":
        return block
    kept = [element for element in block["elements"] if element["action_id"].partition(":")[0] in READ_ONLY]
    return {**block, "elements": kept} if kept else None


def _without_mentions(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_mentions(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "user":
        return {"type": "text", "text": node["user_id"]}
    return {key: _without_mentions(value) for key, value in node.items()}
