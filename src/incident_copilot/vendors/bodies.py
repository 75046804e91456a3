"""Reads JSON that strangers send: bounded depth, no repeated keys, no NaN, and texts that can be stored."""

import json
import math
import re
from typing import Any

from incident_copilot.errors import BadPayload

_DEEPEST = 64
# NUL cannot be stored by PostgreSQL, half of a surrogate pair cannot be encoded at all.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def load(source: str, body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body. Raises BadPayload naming the source and what is wrong."""
    problem = f"the body is nested deeper than {_DEEPEST} levels"
    try:
        data = _parsed(source, body.decode())
    except UnicodeDecodeError:
        raise BadPayload(source, "the body is not UTF-8") from None
    except RecursionError:
        raise BadPayload(source, problem) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadPayload(source, f"the body is not JSON: {error.msg} at {where}") from None
    except ValueError:
        raise BadPayload(source, "the body holds a number with too many digits") from None
    if not isinstance(data, dict):
        raise BadPayload(source, "the body is not a JSON object")
    if _is_deeper(data, _DEEPEST):
        raise BadPayload(source, problem)
    return data


def storable(text: str) -> str:
    """Return the text without what no database takes."""
    return _UNSTORABLE.sub("", text)


def clean(text: str, longest: int) -> str:
    """Return the text without what cannot be stored, cut to `longest` characters."""
    kept = storable(text)
    return kept if len(kept) <= longest else f"{kept[: longest - 1]}…"


def _parsed(source: str, text: str) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in items:
            if name in found:
                raise BadPayload(source, f"{clean(name, 80)}: the key is there twice")
            found[name] = value
        return found

    def number(written: str) -> float:
        value = float(written)
        if not math.isfinite(value):
            raise BadPayload(source, f"{written[:40]} is not a finite number")
        return value

    return json.loads(text, object_pairs_hook=pairs, parse_float=number, parse_constant=number)


def _is_deeper(data: Any, levels: int) -> bool:
    layer = [data]
    for _ in range(levels):
        layer = [
            inner
            for value in layer
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return any(isinstance(value, dict | list) for value in layer)
