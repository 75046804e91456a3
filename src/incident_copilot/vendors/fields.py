"""Walks a body by field names, so that a plugin says what it reads, and a strange body is named by source and field."""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from pydantic_core import to_json

from incident_copilot.errors import BadPayload
from incident_copilot.vendors import bodies, times

Meaning = TypeVar("Meaning")


class Fields:
    """One object of a body. A path such as "incident.title" goes down; a key that has dots itself is found too.

    What is missing or null is empty: "", None, (), {} or an object without fields. What is there in another shape than
    asked for raises BadPayload with source and field.
    """

    def __init__(self, source: str, data: Mapping[str, Any], place: str = "") -> None:
        self.source, self.data, self._place = source, data, place

    @classmethod
    def of(cls, source: str, body: bytes) -> "Fields":
        """Return the fields of a body that is a JSON object, also of one that a relay wrapped. Raises BadPayload."""
        return cls(source, _unwrapped(bodies.load(source, body)))

    @classmethod
    def each_of(cls, source: str, body: bytes) -> tuple["Fields", ...]:
        """Return the objects of a body that is one JSON object or a list of them. Raises BadPayload."""
        return tuple(cls(source, one, f"[{number}]") for number, one in enumerate(bodies.load_objects(source, body)))

    @classmethod
    def of_form(cls, source: str, body: bytes) -> "Fields":
        """Return the fields of a form-encoded body; all are texts. Raises BadPayload."""
        return cls(source, bodies.load_form(source, body))

    def __contains__(self, path: str) -> bool:
        """Whether there is anything but null."""
        return self.raw(path) is not None

    def raw(self, path: str) -> Any:
        """Return what is there, or None."""
        here: Any = self.data
        rest = path
        while isinstance(here, Mapping):
            if rest in here:
                return here[rest]
            head, _, rest = rest.partition(".")
            here = here.get(head) if rest else None
        return None

    def text(self, path: str) -> str:
        """Return a text without blanks around it; numbers and truth values become text."""
        value = self.raw(path)
        if value is None:
            return ""
        if not _is_plain(value):
            raise self.bad(path, "is not a text")
        return _as_text(value)

    def required(self, path: str) -> str:
        """Return a text that must be there."""
        found = self.text(path)
        if not found:
            raise self.bad(path, "is missing")
        return found

    def first(self, *paths: str) -> str:
        """Return the first text that is not blank, or ""."""
        return next((found for path in paths if (found := self.text(path))), "")

    def picked(self, **paths: str) -> dict[str, str]:
        """Return the texts at these paths under the names given, without blank ones and what is no text.

        It is for what an alert can do without, such as labels and links.
        """
        found = {name: _as_text(value) for name, path in paths.items() if _is_plain(value := self.raw(path))}
        return {name: text for name, text in found.items() if text}

    def number(self, path: str) -> float | None:
        """Return a number, also one that is written as a text."""
        found = self.text(path)
        try:
            value = float(found) if found else None
        except ValueError:
            value = math.nan
        if value is not None and not math.isfinite(value):
            raise self.bad(path, "is not a number")
        return value

    def time(self, path: str, *formats: str) -> datetime | None:
        """Return a time as `times.read` does; None for what is no time, since alerts then take that of arrival."""
        return times.read(self.raw(path), *formats)

    def choice(self, path: str, meanings: Mapping[str, Meaning]) -> Meaning:
        """Return what the vendor's word means; words are compared in small letters."""
        word = self.required(path)
        if word.lower() not in meanings:
            raise self.bad(path, f"is {bodies.cut(word, 40)}, not one of {', '.join(meanings)}")
        return meanings[word.lower()]

    def at(self, path: str) -> "Fields":
        """Return an object below; an empty one where there is none."""
        value = self.raw(path)
        if value is not None and not isinstance(value, Mapping):
            raise self.bad(path, "is not an object")
        return Fields(self.source, value or {}, self._named(path))

    def each(self, path: str) -> tuple["Fields", ...]:
        """Return the objects of a list."""
        return tuple(self._each(path))

    def _each(self, path: str) -> Iterator["Fields"]:
        for number, item in enumerate(self._list(path)):
            where = f"{path}[{number}]"
            if not isinstance(item, Mapping):
                raise self.bad(where, "is not an object")
            yield Fields(self.source, item, self._named(where))

    def listed(self, path: str) -> tuple[str, ...]:
        """Return the texts of a list, or of one text with commas, without blank ones."""
        value = self.raw(path)
        items = value.split(",") if isinstance(value, str) else self._list(path)
        return tuple(found for item in items if (found := _as_text(item)))

    def texts(self, path: str = "") -> dict[str, str]:
        """Return names and texts of an object, or of this one; null is left out, what is nested becomes JSON."""
        data = self.at(path).data if path else self.data
        return {name: _as_text(value) for name, value in data.items() if name and value is not None}

    def parsed(self, path: str) -> "Fields":
        """Return the object that a field holds as JSON in a text, as SNS and some forms do."""
        text = self.required(path)
        place = self._named(path)
        return Fields(self.source, bodies.load(f"{self.source}: {place}", text.encode()), place)

    def bad(self, path: str, problem: str) -> BadPayload:
        """Return the error that names source and field."""
        return BadPayload(self.source, f"{self._named(path)} {problem}")

    def _list(self, path: str) -> list[Any]:
        value = self.raw(path)
        if value is not None and not isinstance(value, list):
            raise self.bad(path, "is not a list")
        return value or []

    def _named(self, path: str) -> str:
        return f"{self._place}.{path}" if self._place else path


def _unwrapped(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the body of a request that was passed on whole, as API gateways do it."""
    inner = data.get("body")
    return inner if isinstance(inner, Mapping) and data.keys() == {"headers", "body"} else data


def _is_plain(value: Any) -> bool:
    return not isinstance(value, Mapping | list)


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    return to_json(value).decode() if not _is_plain(value) else "" if value is None else str(value)
