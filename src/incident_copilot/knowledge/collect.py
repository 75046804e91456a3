"""Collect runbooks that are kept elsewhere into the folder: Markdown as it is, wiki pages as Markdown."""

import json
import re
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from incident_copilot.errors import ConfigError
from incident_copilot.knowledge.files import MAX_FILE_BYTES, MAX_FILES, decoded, markdown_files, read_file
from incident_copilot.knowledge.pages import read_page

_HTML = re.compile(r"\.html?$", re.IGNORECASE)
_INDEX = re.compile(r"(^|/)index\.html?$", re.IGNORECASE)
_LONGEST_NAME = 120


class Collected(NamedTuple):
    """Files to be, by name below the folder, and one line for each thing that could not be taken."""

    files: dict[str, str]
    problems: tuple[str, ...]


class Put(NamedTuple):
    """How many files were new, changed, as before, and taken away because they are gone elsewhere."""

    new: int
    changed: int
    unchanged: int
    gone: int


def collect(place: Path) -> Collected:
    """The Markdown and the wiki pages of a folder, or of an export that is a .zip.

    Raises:
        ConfigError: there is nothing of the kind; names the fix.
    """
    files: dict[str, str] = {}
    problems: list[str] = []
    for name, read in _found(place, problems):
        try:
            text = decoded(name, read)
            made = as_markdown(name, text) if _HTML.search(name) else {f"{_slug(name)}.md": text}
        except ConfigError as error:
            problems.append(str(error))
            continue
        files |= {unused: text for wanted, text in made.items() for unused in [_unused(wanted, files)]}
    if not files:
        raise ConfigError(f"{place}: no runbooks; name a folder or a .zip with files that end in .md or .html")
    return Collected(files, tuple(problems))


def as_markdown(name: str, text: str, link: str = "") -> dict[str, str]:
    """A page as a runbook: its file's name and its text; a page that is Markdown already stays as it is.

    Raises:
        ConfigError: nothing is written on it.
    """
    if not text.lstrip().startswith("<"):
        return {f"{_slug(name)}.md": text}
    page = read_page(text)
    if not page.markdown:
        raise ConfigError(f"{name}: no text on the page")
    source = f"\n\nSource: {link}" if link else ""
    # A JSON string is a YAML string too, whatever is in it.
    front = f"---\ntitle: {json.dumps((page.title or _slug(name))[:200], ensure_ascii=False)}\n---\n\n"
    return {f"{_slug(name)}.md": f"{front}{page.markdown}{source}\n"}


def put(folder: Path, files: dict[str, str], keep: Collection[str] = ()) -> Put:
    """Let the folder hold these files and no other Markdown but `keep`; what is the same is not written again."""
    held = {name: (folder / name).read_text() for name in markdown_files(folder, [])} if folder.is_dir() else {}
    for name, text in files.items():
        if held.get(name) != text:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    gone = held.keys() - files.keys() - set(keep)
    for name in gone:
        (folder / name).unlink()
    new = len(files.keys() - held.keys())
    unchanged = sum(held.get(name) == text for name, text in files.items())
    return Put(new=new, changed=len(files) - new - unchanged, unchanged=unchanged, gone=len(gone))


def _found(place: Path, problems: list[str]) -> Iterator[tuple[str, bytes]]:
    if place.is_dir():
        yield from _in_folder(place, problems)
    elif zipfile.is_zipfile(place):
        yield from _in_zip(place, problems)
    else:
        raise ConfigError(f"{place}: neither a folder nor a .zip; name the folder or the export with the runbooks")


def _in_folder(root: Path, problems: list[str]) -> Iterator[tuple[str, bytes]]:
    pages = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if _HTML.search(path.name))
    for name in [*markdown_files(root, problems), *pages[:MAX_FILES]]:
        if _INDEX.search(name):
            continue
        try:
            yield name, read_file(root, name)
        except ConfigError as error:
            problems.append(str(error))


def _in_zip(place: Path, problems: list[str]) -> Iterator[tuple[str, bytes]]:
    """The files of an archive, in memory one by one: none is unpacked, so no name leads anywhere."""
    with zipfile.ZipFile(place) as archive:
        for one in sorted(archive.infolist(), key=lambda info: info.filename)[:MAX_FILES]:
            if not re.search(r"\.(md|html?)$", one.filename, re.IGNORECASE) or _INDEX.search(one.filename):
                continue
            with archive.open(one) as file:
                read = file.read(MAX_FILE_BYTES + 1)
            if len(read) > MAX_FILE_BYTES:
                problems.append(f"{one.filename}: over {MAX_FILE_BYTES // 1024} KB; split it, one problem a page")
            else:
                yield one.filename, read


def _slug(name: str) -> str:
    """A file's name that is safe below any folder: Shop/Queue%20stuck_123.html is shop/queue-20stuck-123."""
    bare = re.sub(r"\.(md|markdown|html?)(\.erb)?$", "", name, flags=re.IGNORECASE)
    parts = (re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in bare.split("/"))
    return "/".join(part[:_LONGEST_NAME] for part in parts if part) or "page"


def _unused(name: str, files: Collection[str]) -> str:
    stem, number, found = name.removesuffix(".md"), 2, name
    while found in files:
        found, number = f"{stem}-{number}.md", number + 1
    return found
