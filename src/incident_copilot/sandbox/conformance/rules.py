"""A small language for shapes: what a field may hold, which fields an object has, and what is wrong with it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incident_copilot.sandbox.wire import Json


@dataclass(frozen=True, slots=True)
class Problem:
    """`pointer` is a JSON pointer to what is wrong."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


Rule = Callable[[Any, str], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of an object; `also` are rules about the object as a whole."""

    needs: Mapping[str, Rule] = field(default_factory=dict)
    takes: Mapping[str, Rule] = field(default_factory=dict)
    also: Sequence[Rule] = ()


def shaped(shape: Shape) -> Rule:
    """An object of exactly this shape; `type` is always allowed."""

    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(pointer, "must be an object")
            return
        fields = {**shape.needs, **shape.takes}
        for name in shape.needs.keys() - value.keys():
            yield Problem(pointer, f"missing required field: {name}")
        for name, held in value.items():
            if name in fields:
                yield from fields[name](held, f"{pointer}/{name}")
            elif name != "type":
                yield Problem(f"{pointer}/{name}", f"invalid additional property: {name}")
        for whole in shape.also:
            yield from whole(value, pointer)

    return rule


def typed(shapes: Callable[[], Mapping[str, Shape]], *allowed: str) -> Rule:
    """An object whose `type` picks its shape; `shapes` is a function because shapes refer to one another."""

    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in (allowed or shapes()):
            yield Problem(f"{pointer}/type", f"unsupported type: {kind}")
        else:
            yield from shaped(shapes()[kind])(value, pointer)

    return rule


def string(most: int, least: int = 1) -> Rule:
    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(pointer, "must be a string")
        elif len(value) > most:
            yield Problem(pointer, f"must be less than {most + 1} characters")
        elif len(value.strip()) < least:
            yield Problem(pointer, f"must be more than {least - 1} characters")

    return rule


def text(most: int, *kinds: str) -> Rule:
    """A text object of one of these kinds, or of both."""
    kinds = kinds or ("plain_text", "mrkdwn")
    extra: dict[str, Mapping[str, Rule]] = {"plain_text": {"emoji": flag}, "mrkdwn": {"verbatim": flag}}

    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in kinds:
            yield Problem(f"{pointer}/type", f"must be {' or '.join(kinds)}")
        else:
            yield from shaped(Shape({"text": string(most)}, extra[str(kind)]))(value, pointer)

    return rule


def plain(most: int) -> Rule:
    return text(most, "plain_text")


def flag(value: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem(pointer, "must be a boolean")


def number(least: float, most: float) -> Rule:
    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield Problem(pointer, "must be a number")
        elif not least <= value <= most:
            yield Problem(pointer, f"must be between {least} and {most}")

    return rule


def one_of(*allowed: str) -> Rule:
    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem(pointer, f"must be one of {', '.join(allowed)}")

    return rule


def matching(pattern: str, meaning: str) -> Rule:
    compiled = re.compile(pattern)

    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            yield Problem(pointer, f"must be {meaning}")

    return rule


def items(each: Rule, most: int, least: int = 1) -> Rule:
    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(pointer, "must be an array")
            return
        if len(value) > most:
            yield Problem(pointer, f"no more than {most} items allowed")
        if len(value) < least:
            yield Problem(pointer, f"must have at least {least} items")
        for index, one in enumerate(value):
            yield from each(one, f"{pointer}/{index}")

    return rule


def any_of(*names: str) -> Rule:
    """At least one of these fields."""

    def rule(value: Json, pointer: str) -> Iterator[Problem]:
        if not any(value.get(name) for name in names):
            yield Problem(pointer, f"one of {', '.join(names)} is needed")

    return rule


def anything(_value: Any, _pointer: str) -> Iterator[Problem]:
    """No rule: what is inside is nobody's business here."""
    yield from ()


def unique(values: Iterable[Any], pointer: str, name: str) -> Iterator[Problem]:
    """Every value at most once."""
    seen = set()
    for value in values:
        if value in seen:
            yield Problem(pointer, f"{name} {value} is there twice")
        seen.add(value)
