"""Read a message of the chat as it comes in events, shortcuts and answers. Pure; nothing is asked.

Its shape: https://docs.slack.dev/reference/events/message
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from incident_copilot.domain.said import Attached, Said

MOST_FILES = 20


def said(channel: str, message: Mapping[str, Any], link: str | None = None) -> Said:
    """Return what a message says; one of a bot may say it in its attachments only."""
    return Said(
        channel=channel,
        ts=str(message["ts"]),
        at=datetime.fromtimestamp(float(message["ts"]), UTC),
        text=text_of(message),
        author=message.get("user"),
        thread_ts=message.get("thread_ts"),
        files=files_of(message),
        link=message.get("permalink") or link,
    )


def text_of(message: Mapping[str, Any]) -> str:
    """Return the words of a message, or those of its first attachment where it has none."""
    attachments = message.get("attachments") or [{}]
    told = (attachments[0].get(name) for name in ("title", "text", "fallback"))
    words = str(message.get("text") or "") or next((str(one) for one in told if one), "")
    return words.replace("\x00", "")


def files_of(message: Mapping[str, Any]) -> tuple[Attached, ...]:
    """Return the files of a message; a deleted one has no name any more."""
    return tuple(
        Attached(
            id=str(one["id"]), name=str(one.get("title") or one.get("name") or "file")[:100], link=one.get("permalink")
        )
        for one in (message.get("files") or [])[:MOST_FILES]
        if isinstance(one, Mapping) and one.get("id")
    )
