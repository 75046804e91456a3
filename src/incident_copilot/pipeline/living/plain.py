"""A section as plain text that people edit, and read back: a line each, with its sources in brackets behind it.

- 12:01:35 The commander approved it. [log:12] [evidence:3fa29c]
  > words that are quoted below the line
### A part
Anything else is a note.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from incident_copilot.domain.postmortem import Line, Part, Section, Source

SIDES = ("for", "against")
SHORT = 6
_MARK = re.compile(r" ?\[((?:log|timeline|evidence|computed):[^\]\n]+)\]")
_PART = re.compile(r"^### (?P<heading>.*?)(?: \((?P<tag>[^()]*)\))?$")
_LONG_ID = re.compile(r"^(timeline|evidence):[0-9a-f]*([0-9a-f]{6})$")


def text_of(section: Section) -> str:
    """Return a section as text."""
    return "\n".join(_blocks(section))


def blocks(text: str) -> tuple[str, ...]:
    """Return the pieces of a text that are changed as one: a line with what is quoted below it, a heading, a note."""
    found: list[str] = []
    for raw in text.replace("\r\n", "\n").split("\n"):
        line = raw.rstrip()
        if not line:
            continue
        if line.startswith("  ") and found:
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return tuple(found)


def read_back(text: str, computed: Section, sources: Iterable[Source], edit: Source) -> Section:
    """Return the section that a text says: what is there as computed keeps its sources, the rest is the edit's."""
    known = {_bare(block): line for line, block in _with_lines(computed)}
    marks = {mark(source): source for source in sources}
    reader = _Reader(known, marks, edit)
    for block in blocks(text):
        reader.take(block)
    return computed.model_copy(
        update={"lines": tuple(reader.lines), "parts": tuple(reader.parts), "note": " ".join(reader.notes)}
    )


def settled(base: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    """Return `theirs` with the sources of `base` where only these differ: readings are taken anew each time."""
    known = {_bare(block): block for block in base}
    return tuple(known.get(_bare(block), block) for block in theirs)


def mark(source: Source) -> str:
    """Return the short name of a source: log:12, evidence:3fa29c, computed:resolve."""
    return _LONG_ID.sub(r"\1:\2", source.ref)


class _Reader:
    """Puts blocks into lines and parts, in order."""

    def __init__(self, known: Mapping[str, Line], marks: Mapping[str, Source], edit: Source) -> None:
        self.lines: list[Line] = []
        self.parts: list[Part] = []
        self.notes: list[str] = []
        self._known, self._marks, self._edit = known, marks, edit

    def take(self, block: str) -> None:
        part = _PART.match(block)
        if part:
            self.parts.append(Part(heading=part["heading"], tag=part["tag"] or ""))
        elif block.startswith(("- ", "* ")):
            self._add(self._known.get(_bare(block)) or self._line(block))
        else:
            self.notes.append(block.strip())

    def _add(self, line: Line) -> None:
        if self.parts:
            last = self.parts[-1]
            self.parts[-1] = last.model_copy(update={"lines": (*last.lines, line)})
        else:
            self.lines.append(line)

    def _line(self, block: str) -> Line:
        first, _, rest = block[2:].partition("\n")
        named = [self._marks[one] for one in _MARK.findall(first) if one in self._marks]
        text = _MARK.sub(lambda found: "" if found[1] in self._marks else found[0], first).strip()
        side = next((side for side in SIDES if text.lower().startswith(f"{side}: ")), "")
        quoted = [re.sub(r"^ +(> ?)?", "", line) for line in rest.split("\n")] if rest else []
        return Line(
            text=text[len(side) + 2 :] if side else text,
            sources=(*named, self._edit),
            detail="\n".join(quoted),
            tag=side,
        )


def _blocks(section: Section) -> Iterator[str]:
    for line in section.lines:
        yield _block(line)
    for part in section.parts:
        yield f"### {part.heading}" + (f" ({part.tag})" if part.tag else "")
        for line in part.lines:
            yield _block(line)
    if section.note:
        yield section.note


def _with_lines(section: Section) -> Iterator[tuple[Line, str]]:
    yield from ((line, _block(line)) for line in section.all_lines)


def _block(line: Line) -> str:
    time = f"{line.at:%H:%M:%S} " if line.at else ""
    side = f"{line.tag.capitalize()}: " if line.tag in SIDES else ""
    marks = "".join(f" [{mark(source)}]" for source in line.sources)
    quoted = "".join(f"\n  > {one}".rstrip() for one in line.detail.split("\n")) if line.detail else ""
    return f"- {time}{side}{' '.join(line.text.split())}{marks}{quoted}"


def _bare(block: str) -> str:
    return " ".join(_MARK.sub("", block).split())
