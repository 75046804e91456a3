"""YAML that people wrote, read by libyaml, which takes an eighth of the time, and refused before it can grow."""

from collections.abc import Callable
from typing import TypeVar

import yaml

DEEPEST = 20

Loader = type[yaml.SafeLoader] | type[yaml.CSafeLoader]
Read = TypeVar("Read")

_QUICK: Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotTaken(yaml.YAMLError):
    """Something YAML allows and we do not; `line` counts from 1."""

    def __init__(self, part: yaml.Event | yaml.Node, problem: str) -> None:
        super().__init__(problem)
        self.line = part.start_mark.line + 1 if part.start_mark else 1


class Alias(NotTaken):
    """A name that stands for what is written elsewhere; a few of them expand without bound."""


def quickly(read: Callable[[Loader], Read]) -> Read:
    """Return what `read` makes of a text, which it is to read with the loader it is given.

    Where that finds a mistake, the loader written in Python reads again: its words are better.

    Raises:
        YAMLError: a mistake.
    """
    try:
        return read(_QUICK)
    except yaml.YAMLError:
        return read(yaml.SafeLoader)


def require_bounded(text: str, loader: Loader) -> None:
    """Refuse what grows before anything is built: aliases expand, and nesting costs its square.

    Raises:
        NotTaken: it may grow.
        YAMLError: it is not YAML.
    """
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.AliasEvent):
            raise Alias(event, "aliases are not taken")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise NotTaken(event, f"nested deeper than {DEEPEST} levels")
