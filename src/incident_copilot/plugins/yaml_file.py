"""Reads a YAML file people wrote so that every problem in it can be told with its line."""

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from incident_copilot.errors import ConfigError
from incident_copilot.yaml_text import Loader, NotTaken, quickly, require_bounded

_LARGEST = 256 * 1024
_FIXES = {"missing": "add it", "extra_forbidden": "remove it or correct its spelling"}
_A_LIST, _A_MAPPING = "write a list: each entry behind a dash", "write names with values, as in name: value"
_SHAPES = {"tuple_type": _A_LIST, "list_type": _A_LIST, "dict_type": _A_MAPPING, "model_type": _A_MAPPING}
"""What pydantic says in words of Python, for people who write YAML."""

Place = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


class YamlFile(NamedTuple):
    """What a file holds, where, and the SHA-256 of its text."""

    path: Path
    data: Any
    lines: dict[Place, int]
    sha256: str

    def told(self, place: Place, problem: str) -> str:
        """Return the problem with file, line and field."""
        known = next(place[:length] for length in range(len(place), -1, -1) if place[:length] in self.lines)
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
        return f"{self.path}:{self.lines[known]}: {field or 'file'}: {problem}"

    def problems(self, error: ValidationError, below: Place = ()) -> list[str]:
        """Return every problem that validation found; `below` is where the validated part is in the file."""
        return [
            self.told((*below, *detail["loc"]), _problem(detail["type"], detail["msg"]))
            for detail in error.errors(include_url=False, include_input=False)
        ]


def read(path: Path) -> YamlFile:
    """Return the file's content; an empty file holds None.

    Raises ConfigError with file and line: unreadable, too large, not YAML, a key twice, aliases, too deep.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as text: {error}") from None
    if len(raw) > _LARGEST:
        raise ConfigError(f"{path}: is over {_LARGEST // 1024} KB; shorten it")
    try:
        return YamlFile(path, *quickly(partial(_parsed, text)), hashlib.sha256(raw).hexdigest())
    except NotTaken as error:
        raise ConfigError(f"{path}:{error.line}: {error}; correct that line") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: {error.problem}; correct that line") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not YAML: {error}") from None


def load(path: Path, kind: type[Model]) -> tuple[YamlFile, Model]:
    """Return a file and what it says; an empty one says nothing of its own.

    Raises ConfigError, one line a problem, each with file, line, field and fix.
    """
    file = read(path)
    try:
        return file, kind.model_validate(file.data or {})
    except ValidationError as error:
        raise ConfigError("\n".join(file.problems(error))) from None


def _parsed(text: str, loader: Loader) -> tuple[Any, dict[Place, int]]:
    """Return content and lines. Raises YAMLError."""
    require_bounded(text, loader)
    reading = loader(text)
    node = reading.get_single_node()
    if node is None:
        return None, {(): 1}
    lines = dict(_lines(node, ()))
    return reading.construct_document(node), lines


def _lines(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    """Yield the line of everything in the node, counted from 1."""
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _lines(item, (*place, number))
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise NotTaken(key, "a key must be a word")
            if key.value in seen:
                raise NotTaken(key, f"{key.value} is there twice")
            seen.add(key.value)
            yield (*place, key.value), key.start_mark.line + 1
            for inner, line in _lines(value, (*place, key.value)):
                if inner != (*place, key.value):
                    yield inner, line


def _problem(kind: str, message: str) -> str:
    if kind in _SHAPES:
        return _SHAPES[kind]
    fix = _FIXES.get(kind)
    return f"{message}; {fix}" if fix else message.removeprefix("Value error, ")
