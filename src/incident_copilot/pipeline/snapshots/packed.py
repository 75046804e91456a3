"""Make files of what was gathered: a line of JSON for each row, no file too large, and nothing left out in silence."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from incident_copilot.domain.snapshot import KeptFile, digest

MOST_A_FILE, MOST_IN_ALL = 4_000_000, 16_000_000
"""In bytes."""


class Rows(NamedTuple):
    """What one file is to hold, without its ending; `missing` says what there is of it elsewhere, or is not held."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    missing: str = ""


class Packed(NamedTuple):
    """The files by name, what the manifest says of each, and in sentences what is not in them."""

    files: dict[str, bytes]
    listed: tuple[KeptFile, ...]
    left_out: tuple[str, ...]


def packed(gathered: Sequence[Rows], most: int = MOST_A_FILE, in_all: int = MOST_IN_ALL) -> Packed:
    """Return what was gathered as files, the first rows of each as far as there is room for them."""
    files, listed, left_out, room = {}, [], [], in_all
    for one in gathered:
        name = f"{one.name}.jsonl"
        lines = _fitting(one.rows, min(most, room))
        body = b"".join(lines)
        room -= len(body)
        files[name] = body
        listed.append(KeptFile(name=name, rows=len(lines), size=len(body), sha256=digest(body)))
        if more := len(one.rows) - len(lines):
            left_out.append(f"{name}: {more} of {len(one.rows)} rows, for want of room.")
        if one.missing:
            left_out.append(f"{name}: {one.missing}.")
    return Packed(files, tuple(listed), tuple(left_out))


def _fitting(rows: Sequence[Mapping[str, Any]], room: int) -> list[bytes]:
    lines: list[bytes] = []
    for row in rows:
        line = json.dumps(row, sort_keys=True, ensure_ascii=False).encode() + b"\n"
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    return lines
