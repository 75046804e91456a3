"""Reads what a server answers: not too much, not too slowly, as one JSON object or as a stream of events.

Events: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

import httpx2

from incident_copilot.llm.wire import JsonObject, Trouble

MOST_BYTES = 512 * 1024
LOOK_EVERY = 4 * 1024
"""Bytes after which it is looked whether an answer goes astray: some twenty words of a stream."""
_END = re.compile(rb"data: ?\[DONE\]\s*\Z")
_LINES = re.compile(r"\r\n|\n|\r")
"""As events end them; text within JSON may hold others, which Python would split at too."""


class Read(NamedTuple):
    """The payloads of an answer, and whether it broke off."""

    payloads: list[JsonObject]
    is_cut: bool


async def read(chunks: AsyncIterator[bytes], is_astray: Callable[[list[JsonObject]], bool] = lambda _: False) -> Read:
    """Return an answer; of one that goes astray, no more than was read until then.

    Raises:
        Trouble: it is too long, is no JSON, or fell silent.
    """
    body = bytearray()
    is_cut = False
    looked = 0
    try:
        async for chunk in chunks:
            body += chunk
            if _END.search(body, len(body) - 20):
                break  # some servers keep the connection
            if len(body) > MOST_BYTES:
                raise Trouble(f"its answer is longer than {MOST_BYTES // 1024} KB")
            if len(body) - looked > LOOK_EVERY:
                looked = len(body)
                if is_astray(_events(body.decode("utf-8-sig", "replace"))):
                    is_cut = True
                    break
    except httpx2.TimeoutException:
        raise Trouble("it fell silent") from None
    except httpx2.HTTPError:
        is_cut = True
    return parsed(body.decode("utf-8-sig", "replace"), is_cut=is_cut)


def parsed(text: str, *, is_cut: bool) -> Read:
    """Return the payloads of an answer's text.

    Raises:
        Trouble: there are none.
    """
    whole = _json(text)
    if whole is not None:
        return Read([whole], is_cut=is_cut)
    payloads = _events(text)
    if payloads:
        return Read(payloads, is_cut=is_cut or not _json_or_end(_data(text)[-1]))
    raise Trouble("its answer broke off" if is_cut else "its answer is not JSON", may_retry=is_cut)


def _events(text: str) -> list[JsonObject]:
    return [one for one in map(_json, _data(text)) if one is not None]


def _data(text: str) -> list[str]:
    """The data of each event, which an empty line ends."""
    found: list[list[str]] = [[]]
    for line in _LINES.split(text):
        if not line:
            found.append([])
        elif line.startswith("data:"):
            found[-1].append(line.removeprefix("data:"))
    return [data.strip() for lines in found for data in _together(lines)]


def _together(lines: list[str]) -> list[str]:
    """An event's data may have several lines; some servers end events with their line."""
    whole = "\n".join(lines)
    return lines if _json(whole) is None else [whole]


def _json_or_end(data: str) -> bool:
    return data == "[DONE]" or _json(data) is not None


def _json(text: str) -> JsonObject | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
