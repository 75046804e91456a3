"""The postmortem as a Markdown file: out, changed in any editor, and back in, section by section.

A comment above each section names it and the version that the file was made of, so that a section that somebody else
changed meanwhile is told apart from one that only the file changed.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.errors import ConfigError, DecisionRefused
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.living import blameless, edit
from incident_copilot.store import incidents

HEAD = """<!-- incident-copilot: {label}
Change lines as you like and bring the file back in with `incident-copilot postmortem import FILE --as USER`.
What stands in brackets behind a line is its source; a line without one is yours. Keep the comments above the sections.
-->"""
_LABEL = re.compile(r"<!-- incident-copilot: INC-(\d{1,9})")
_SECTION = re.compile(r"^<!-- section (?P<key>[a-z_]+), version (?P<version>\d+) -->\n## [^\n]*\n", re.MULTILINE)


class _Piece(NamedTuple):
    key: str
    version: int
    text: str


async def out(deps: Deps, number: int) -> str:
    """Return the file.

    Raises:
        ConfigError: there is no such incident, or it has no postmortem.
    """
    incident = await _incident(deps, number)
    sections = await edit.sections(deps, incident.id)
    if not sections:
        raise ConfigError(f"{incident.label} has no postmortem; ask for it with /incident postmortem")
    parts = [HEAD.format(label=incident.label), f"# {incident.label}: {incident.title}"]
    for key, heading in sections.items():
        opened = await edit.begin(deps, incident.id, key)
        parts.append(f"<!-- section {key}, version {opened.version} -->\n## {heading}\n\n{opened.text}")
    return "\n\n".join(parts) + "\n"


async def back_in(deps: Deps, text: str, person: Person) -> list[str]:
    """Keep the sections that the file changed; return what became of each, for people.

    Raises:
        ConfigError: it is not a file that `out` made, or there is no such incident.
        StoreUnavailable: what is not told was not kept.
    """
    named = _LABEL.search(text)
    pieces = list(_pieces(text.replace("\r\n", "\n")))
    if named is None or not pieces:
        raise ConfigError("this is no file of `incident-copilot postmortem export`: its comments are missing")
    incident = await _incident(deps, int(named[1]))
    said = [line for piece in pieces for line in await _taken(deps, incident, piece, person)]
    return said or [f"{incident.label}: the file changes nothing."]


async def _taken(deps: Deps, incident: Incident, piece: _Piece, person: Person) -> list[str]:
    try:
        found = await edit.begin(deps, incident.id, piece.key)
        if edit.is_same(piece.text, found.text):
            return []
        blaming = await edit.flagged(deps, incident.id, piece.key, piece.text)
        edited = await edit.save(deps, incident.id, person, piece.key, piece.text, seen=piece.version)
    except DecisionRefused as refusal:
        return [f"{piece.key}: not kept. {refusal}"]
    if edited.newer:
        why = "somebody changed it since the file was made. Your words are in the file: export anew, put both together."
        return [f"{piece.key}: not kept, for {why}"]
    return [edited.told, *(f"  {line}" for line in blameless.told(blaming))]


async def _incident(deps: Deps, number: int) -> Incident:
    async with deps.db.read() as db:
        found = await incidents.by_number(db, deps.workspace_id, number)
    if found is None:
        raise ConfigError(f"there is no INC-{number}")
    return found


def _pieces(text: str) -> Iterator[_Piece]:
    found = list(_SECTION.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    for this, end in zip(found, ends, strict=False):
        yield _Piece(this["key"], int(this["version"]), text[this.end() : end].strip())
