"""Load runbooks from a folder: a file with a mistake is named with its fix, and the others still load."""

import difflib
import hashlib
import os
import re
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Severity
from incident_copilot.errors import ConfigError
from incident_copilot.knowledge.files import MAX_FILES, decoded, markdown_files, read_file
from incident_copilot.knowledge.runbook import Library, Runbook
from incident_copilot.knowledge.steps import read_sections
from incident_copilot.yaml_text import Alias, Loader, NotTaken, quickly, require_bounded

MAX_FRONT_MATTER_CHARACTERS = 16 * 1024

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_SUFFIX = re.compile(r"\.(md|markdown)(\.erb)?$", re.IGNORECASE)
_FIRST_HEADING = re.compile(r"^# (?P<title>.*)$", re.MULTILINE)


class _FrontMatter(Frozen):
    title: str = Field(default="", max_length=200)
    alerts: tuple[str, ...] = Field(default=(), max_length=200)
    services: tuple[str, ...] = Field(default=(), max_length=200)
    types: tuple[str, ...] = Field(default=(), max_length=50)
    severity_hint: Severity | None = None
    owner: str = Field(default="", max_length=200)
    last_reviewed: date | None = None


_FIXES = {
    "title": 'write text, such as title: "High HTTP error rate"',
    "alerts": "write a list, such as alerts: [HighErrorRate]",
    "services": "write a list, such as services: [checkout]; an empty list means any service",
    "types": "write a list, such as types: [errors, latency]",
    "severity_hint": "write P0, P1, P2 or P3, or leave it out",
    "owner": "write text, such as owner: sre",
    "last_reviewed": "write a date, such as last_reviewed: 2026-11-21",
}


Stamp = tuple[int, int]
"""When a file was changed, and its size: what an edit changes."""
ReadFiles = dict[str, tuple[Stamp | None, Runbook, tuple[str, ...]]]
"""What was read of each file: its stamp then, the runbook, its warnings."""


def load_runbooks(root: Path, *, max_files: int = MAX_FILES, files: ReadFiles | None = None) -> Library:
    """Read every .md file under `root` except README.md and hidden ones; symbolic links may not lead out of it.

    `files` keeps what was read, so that the next time only files that were changed are read.

    Raises:
        ConfigError: `root` is no folder.
    """
    if not root.is_dir():
        raise ConfigError(f"{root}: no such folder; set COPILOT_RUNBOOKS_DIR to the folder with your runbooks")
    found: dict[str, Runbook] = {}
    problems: list[str] = []
    for name in markdown_files(root, problems, max_files):
        try:
            runbook, warnings = _load(root, name, {} if files is None else files)
        except ConfigError as error:
            problems.append(str(error))
            continue
        problems.extend(warnings)
        if runbook.id in found:
            problems.append(f"{name}: same id as {Path(found[runbook.id].path).name} ({runbook.id}); rename one")
        else:
            found[runbook.id] = runbook
    return Library(runbooks=tuple(found.values()), problems=tuple(problems))


@lru_cache(maxsize=1024)
def parse_runbook(name: str, source: bytes) -> tuple[Runbook, tuple[str, ...]]:
    """One runbook and what should be put right in it; `name` is its path inside the folder.

    What was read before is kept: the doctor, the librarian and each command read the same folder.

    Raises:
        ConfigError: it cannot be used; names the file, line or field, and the fix.
    """
    text = decoded(name, source)
    front, body, first_line, warnings = _front_matter(name, text)
    title = front.title or _heading(body)
    if not title:
        raise ConfigError(f'{name}: no title; add a line like title: "High HTTP error rate" to the front matter')
    try:
        sections = read_sections(title, body, first_line)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None
    if not sections:
        raise ConfigError(f"{name}: no text; write at least one section, such as ## Diagnosis")
    fields = front.model_dump() | {"title": title, "id": _slug(name), "path": name, "sections": sections}
    return Runbook(**fields, content_hash=hashlib.sha256(source).hexdigest()), warnings


def stamp_of(root: Path, name: str) -> Stamp | None:
    """The stamp of a file below `root`, None where there is none."""
    try:
        stat = os.stat(f"{root}/{name}")  # noqa: PTH116 -- for 10,000 files every two seconds
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _load(root: Path, name: str, files: ReadFiles) -> tuple[Runbook, tuple[str, ...]]:
    stamp = stamp_of(root, name)
    if stamp and name in files and files[name][0] == stamp:
        return files[name][1:]
    runbook, warnings = parse_runbook(name, read_file(root, name))
    runbook = runbook.model_copy(update={"path": str(root / name)})
    files[name] = stamp, runbook, warnings
    return runbook, warnings


def _front_matter(name: str, text: str) -> tuple[_FrontMatter, str, int, tuple[str, ...]]:
    """The checked front matter, the body, the line that the body starts on, and warnings."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        if text.startswith("---\n"):
            raise ConfigError(f"{name}: line 1: the front matter has no end; close it with a line of three dashes")
        return _FrontMatter(), text, 1, ()
    values = _yaml_mapping(name, found["yaml"])
    known = {key: value for key, value in values.items() if key in _FrontMatter.model_fields}
    try:
        front = _FrontMatter(**known)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise ConfigError(f"{name}: {field} is not valid; {_FIXES[field]}") from None
    warnings = tuple(_unknown_field(name, str(key)) for key in values if key not in known)
    return front, text[found.end() :], 1 + text[: found.end()].count("\n"), warnings


def _yaml_mapping(name: str, source: str) -> dict[Any, Any]:
    if len(source) > MAX_FRONT_MATTER_CHARACTERS:
        raise ConfigError(f"{name}: the front matter is over {MAX_FRONT_MATTER_CHARACTERS // 1024} KB; shorten it")
    try:
        values = quickly(partial(_values, source))
    except Alias:
        raise ConfigError(f"{name}: YAML aliases (*name) are not taken here; write the value out") from None
    except (NotTaken, ValueError):
        # A date such as 2026-13-45 fails while it is built.
        raise ConfigError(f"{name}: the front matter holds an impossible date or is nested too deep") from None
    except yaml.YAMLError as error:
        # The front matter starts on line 2 of the file and YAML counts from 0.
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        problem = getattr(error, "problem", None) or "characters that YAML does not allow"
        raise ConfigError(f"{name}: line {line}: not valid YAML ({problem}); quote values that hold : or #") from None
    if values is not None and not isinstance(values, dict):
        raise ConfigError(f"{name}: line 2: the front matter is no mapping; write lines like title: ...")
    return values or {}


def _values(source: str, loader: Loader) -> Any:
    require_bounded(source, loader)
    return loader(source).get_single_data()


def _unknown_field(name: str, field: str) -> str:
    near = difflib.get_close_matches(field, _FrontMatter.model_fields, n=1)
    fix = f"did you mean {near[0]}?" if near else f"known are {', '.join(_FrontMatter.model_fields)}"
    return f"{name}: {field[:50]} is not a known field and was ignored; {fix}"


def _heading(body: str) -> str:
    found = _FIRST_HEADING.search(body)
    return found["title"].strip(" #")[:200] if found else ""


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9/]+", "-", _SUFFIX.sub("", name).lower()).strip("-")
