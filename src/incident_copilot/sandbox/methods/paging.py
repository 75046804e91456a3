"""Cursors: opaque to the app, the place where the next page begins inside."""

import base64
import binascii
from typing import TypeVar

from incident_copilot.sandbox.methods.call import Call
from incident_copilot.sandbox.wire import Refused

_Item = TypeVar("_Item")
_PREFIX = "next:"


def page(items: list[_Item], call: Call, *, default: int, most: int = 1000) -> tuple[list[_Item], str]:
    """The page of `items` that `cursor` and `limit` ask for, and the cursor of the next one ("" at the end).

    Raises: Refused invalid_cursor, invalid_limit.
    """
    start = int(read_cursor(call, "0"))
    end = start + read_limit(call, default, most)
    return items[start:end], cursor_of(end) if end < len(items) else ""


def read_limit(call: Call, default: int, most: int) -> int:
    """Raises: Refused invalid_limit."""
    limit = call.number("limit", default)
    if not 1 <= limit <= most:
        raise Refused("invalid_limit", f"{limit} is not within 1 and {most}")
    return limit


def read_cursor(call: Call, start: str) -> str:
    """Where the page begins: an offset or a ts. Raises: Refused invalid_cursor."""
    cursor = call.text("cursor")
    try:
        place = base64.b64decode(cursor, validate=True).decode().removeprefix(_PREFIX) if cursor else start
        float(place)
    except (binascii.Error, ValueError):
        raise Refused("invalid_cursor", cursor) from None
    return place


def cursor_of(place: int | str) -> str:
    return base64.b64encode(f"{_PREFIX}{place}".encode()).decode()
