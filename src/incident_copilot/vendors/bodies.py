"""Reads JSON and forms that strangers send: bounded, no repeated keys, no NaN, and texts that can be stored."""

import json
import math
import re
from collections.abc import Collection
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic_core import from_json, to_json

from incident_copilot.errors import BadPayload

Json = TypeVar("Json", dict[str, Any], list[dict[str, Any]])

_DEEPEST = 64
_CONTAINERS = frozenset({dict, list})
_FIELDS = 256
_LONGEST_NUMBER = 300
_TOO_DEEP = f"the body is nested deeper than {_DEEPEST} levels"
# NUL cannot be stored by PostgreSQL, half of a surrogate pair cannot be encoded at all.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# NUL, and the colon where it is written so that `_is_whole` does not count it; both begin with the mark.
_ODD = (b"\\u0000", b"\\u003a", b"\\u003A")
_MARK = b"\\u00"


def load(source: str, body: bytes, *, finite: bool = True) -> dict[str, Any]:
    """Return the JSON object of a body; its keys and texts can be stored.

    Without `finite` NaN and what is too large to be a number are there as such, for a reader that names their field.

    Raises:
        BadPayload: there is none, or it holds what is refused; names the source and what is wrong.
    """
    data = _read(source, body, finite=finite)
    if not isinstance(data, dict):
        raise BadPayload(source, "the body is not a JSON object")
    return _flat_enough(source, body, data)


def load_objects(source: str, body: bytes) -> list[dict[str, Any]]:
    """Return the JSON objects of a body that is a list of them, or the one that it is.

    Raises:
        BadPayload: it is neither, or holds what is refused.
    """
    data = _read(source, body)
    items = data if isinstance(data, list) else [data]
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            where = f"[{number}]" if isinstance(data, list) else "the body"
            raise BadPayload(source, f"{where} is not a JSON object")
    return _flat_enough(source, body, items)


def load_form(source: str, body: bytes) -> dict[str, str]:
    """Return the fields of a form-encoded body; its names and texts can be stored.

    Raises:
        BadPayload: it is not form-encoded, has too many fields, or one of them twice.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError:
        raise BadPayload(source, f"the body is not a form of at most {_FIELDS} fields in UTF-8") from None
    found: dict[str, str] = {}
    for written, value in pairs:
        name = storable(written)
        if name in found:
            raise BadPayload(source, f"{cut(name, 80)}: the field is there twice")
        found[name] = storable(value)
    return found


def storable(text: str) -> str:
    """Return the text without what no database takes."""
    return _UNSTORABLE.sub("", text)


def clean(text: str, longest: int) -> str:
    """Return the text without what cannot be stored, cut to `longest` characters."""
    return cut(storable(text), longest)


def cut(text: str, longest: int) -> str:
    """Return a text that can be stored, cut to `longest` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _read(source: str, body: bytes, *, finite: bool = True) -> Any:
    data = _plain(body)
    return _checked(source, body, finite=finite) if data is None else data


def _flat_enough(source: str, body: bytes, data: Json) -> Json:
    # What has few brackets cannot be deep; counting them is cheaper than walking.
    if body.count(b"{") + body.count(b"[") > _DEEPEST and _is_deeper(data, _DEEPEST):
        raise BadPayload(source, _TOO_DEEP)
    return data


def _plain(body: bytes) -> Any:
    """Return what a body without oddities says, read many times faster than `_checked` reads it; None for any other."""
    try:
        data = from_json(body, allow_inf_nan=False)
    except ValueError:
        return None
    is_odd = _MARK in body and any(odd in body for odd in _ODD)
    return data if not is_odd and _is_whole(body, data) else None


def _is_whole(body: bytes, data: Any) -> bool:
    """Whether all numbers are finite, and no key was there twice: each has its colon, in the body and written anew."""
    written = to_json(data)
    return b"Infinity" not in written and written.count(b":") == body.count(b":")


def _checked(source: str, body: bytes, *, finite: bool) -> Any:
    try:
        return _parsed(source, body.decode(), finite=finite)
    except UnicodeDecodeError:
        raise BadPayload(source, "the body is not UTF-8") from None
    except RecursionError:
        raise BadPayload(source, _TOO_DEEP) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadPayload(source, f"the body is not JSON: {error.msg} at {where}") from None
    except ValueError:
        raise BadPayload(source, "the body holds a number with too many digits") from None


def _parsed(source: str, text: str, *, finite: bool) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for written, value in items:
            name = storable(written)
            if name in found:
                raise BadPayload(source, f"{cut(name, 80)}: the key is there twice")
            found[name] = _kept(value)
        return found

    def number(written: str) -> float:
        value = float(written)
        if finite and not math.isfinite(value):
            raise BadPayload(source, f"{written[:40]} is not a finite number")
        return value

    def whole(written: str) -> float:
        return int(written) if finite or len(written) < _LONGEST_NUMBER else number(written)

    return json.loads(text, object_pairs_hook=pairs, parse_float=number, parse_int=whole, parse_constant=number)


def _kept(value: Any) -> Any:
    """Return the value of a key without what cannot be stored; what objects in it hold was cleaned before."""
    if isinstance(value, str):
        return storable(value)
    return [_kept(item) for item in value] if isinstance(value, list) else value


def _is_deeper(data: Any, levels: int) -> bool:
    layer = [data]
    while layer and levels:
        levels -= 1
        layer = [inner for container in layer for inner in _containers_in(container)]
    return bool(layer)


def _containers_in(container: Any) -> Collection[Any]:
    values = container.values() if type(container) is dict else container
    # Most hold only texts, which is seen without looking at each.
    return () if _CONTAINERS.isdisjoint(map(type, values)) else [one for one in values if type(one) in _CONTAINERS]
