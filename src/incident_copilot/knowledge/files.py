"""Read the text files of a folder that others write into: bounded, and never outside of it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from incident_copilot.errors import ConfigError

MAX_FILE_BYTES = 256 * 1024
MAX_FILES = 20_000
_MARKDOWN = re.compile(r"\.(md|markdown)(\.erb)?$", re.IGNORECASE)


def markdown_files(root: Path, problems: list[str], max_files: int = MAX_FILES) -> Iterator[str]:
    """Paths below `root` of Markdown files, sorted, without README.md and what is hidden."""
    names = sorted(_below(root))
    if len(names) > max_files:
        problems.append(f"{root}: {len(names)} files; only the first {max_files} were read")
    yield from names[:max_files]


def _below(root: Path) -> Iterator[str]:
    cut = len(str(root)) + 1  # as text: this runs every two seconds, and pathlib takes ten times as long
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if _MARKDOWN.search(name) and not name.startswith(".") and name.lower() != "readme.md":
                yield f"{folder}/{name}"[cut:]


def read_file(root: Path, name: str) -> bytes:
    """The bytes of a file below `root`.

    Raises:
        ConfigError: it leads out of the folder, cannot be read, or is too long; names the fix.
    """
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ConfigError(f"{name}: a link that leads out of the folder; put the file itself there")
    try:
        with path.open("rb") as file:
            source = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read ({error.strerror}); check the file and its permissions") from None
    if len(source) > MAX_FILE_BYTES:
        raise ConfigError(f"{name}: over {MAX_FILE_BYTES // 1024} KB; split it, one problem a file")
    return source


def decoded(name: str, source: bytes) -> str:
    """The text of a file.

    Raises:
        ConfigError: it is not UTF-8.
    """
    try:
        return source.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
