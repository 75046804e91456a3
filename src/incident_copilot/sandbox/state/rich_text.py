"""What a person types, as the rich_text block that Slack's clients make of it."""

import re
from html import unescape

from incident_copilot.sandbox.wire import Json

_TOKEN = re.compile(r"<(?P<kind>[@#!]?)(?P<target>[^<>|]+)(?:\|(?P<label>[^<>]*))?>")


def rich_text(text: str, block_id: str) -> Json:
    """One rich_text block with mentions, links and plain text in order."""
    elements: list[Json] = []
    end = 0
    for match in _TOKEN.finditer(text):
        elements += _plain(text[end : match.start()])
        elements.append(_element(match["kind"], match["target"], match["label"]))
        end = match.end()
    elements += _plain(text[end:])
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}


def _plain(text: str) -> list[Json]:
    return [{"type": "text", "text": unescape(text)}] if text else []


def _element(kind: str, target: str, label: str | None) -> Json:
    if kind == "@":
        return {"type": "user", "user_id": target}
    if kind == "#":
        return {"type": "channel", "channel_id": target}
    if kind == "!":
        return {"type": "broadcast", "range": target}
    return {"type": "link", "url": target} | ({"text": label} if label else {})
