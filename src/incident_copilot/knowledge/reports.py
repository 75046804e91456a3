"""Read old postmortems from a folder of Markdown: whatever the template, title, date, cause and end are looked for."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.domain.redaction import redact
from incident_copilot.errors import ConfigError
from incident_copilot.knowledge.files import decoded, markdown_files, read_file

LONGEST_TEXT = 20_000
LONGEST_EXCERPT = 400
LONGEST_ID = 200

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<lines>.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} +(?P<text>.*?)[ #]*$")
# Many templates write "**Resolution**: ..." or "- **Resolution**:" in place of a heading.
_LEAD = re.compile(r"^\s*[-*]?\s*\*\*(?P<text>[^*]{3,60}?):?\*\*:?\s*(?P<rest>.*)$")
_DATE = re.compile(r"(?<!\d)(?P<year>20\d\d)[-_/]?(?P<month>[01]\d)[-_/]?(?P<day>[0-3]\d)(?!\d)")
_CAUSE = re.compile(r"root cause|\bcause|contributing|trigger|why (did|it)", re.IGNORECASE)
_ENDED = re.compile(r"resolution|resolved|mitigation|remediation|recovery|\bfix", re.IGNORECASE)
_NO_REPORT = re.compile(r"template|\bindex\b", re.IGNORECASE)


class Reports(NamedTuple):
    """What could be read, and one line for each file that could not."""

    incidents: tuple[PastIncident, ...]
    problems: tuple[str, ...]


class _Part(NamedTuple):
    heading: str
    text: str


def read_reports(root: Path, source: str) -> Reports:
    """The reports below `root`; `source` is who wrote them. Secrets in them are made unreadable.

    Raises:
        ConfigError: `root` is no folder, or holds no Markdown.
    """
    if not root.is_dir():
        raise ConfigError(f"{root}: no such folder; name the folder that holds the postmortems")
    problems: list[str] = []
    found = []
    for name in markdown_files(root, problems):
        if _NO_REPORT.search(Path(name).stem):
            continue
        try:
            found.append(parse_report(name, decoded(name, read_file(root, name)), source))
        except ConfigError as error:
            problems.append(str(error))
    if not found and not problems:
        raise ConfigError(f"{root}: no Markdown files; postmortems are read from files that end in .md")
    return Reports(tuple(found), tuple(problems))


def parse_report(name: str, text: str, source: str) -> PastIncident:
    """One report; `name` is its path inside the folder.

    Raises:
        ConfigError: there is no text in it.
    """
    front, body = _front_matter(text)
    parts = list(_parts(body))
    if not any(part.text for part in parts):
        raise ConfigError(f"{name}: no text; a report needs at least one sentence")
    stem = name.partition(".")[0]
    title = front.get("title") or next((part.heading for part in parts if part.heading), "") or _words(stem)
    return PastIncident(
        id=f"{source}/{stem}"[:LONGEST_ID],
        title=redact(title)[:200],
        source=source,
        text=redact(body)[:LONGEST_TEXT],
        service=front.get("service", "")[:100],
        happened_on=_day(front.get("date", "")) or _day(name) or _day(body[:2_000]),
        cause=_excerpt(parts, _CAUSE),
        ended=_excerpt(parts, _ENDED),
        path=name,
    )


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """Title, date and service where the file begins with them; other fields are of no use here."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return {}, text
    pairs = (line.partition(":") for line in found["lines"].splitlines())
    return {key.strip().lower(): value.strip().strip("\"'") for key, _, value in pairs}, text[found.end() :]


def _parts(body: str) -> Iterator[_Part]:
    """The text under each heading, or after each bold lead."""
    heading, lines = "", list[str]()
    for line in body.splitlines():
        found = _HEADING.match(line) or _LEAD.match(line)
        if found is None:
            lines.append(line)
            continue
        yield _Part(heading, "\n".join(lines).strip())
        heading, lines = found["text"], [found.groupdict().get("rest") or ""]
    yield _Part(heading, "\n".join(lines).strip())


def _excerpt(parts: list[_Part], wanted: re.Pattern[str]) -> str:
    """The beginning of the first part whose heading says it, in one line."""
    text = next((part.text for part in parts if part.text and wanted.search(part.heading)), "")
    line = re.sub(r"^[-*] +", "", " ".join(redact(text).split()))
    return line if len(line) <= LONGEST_EXCERPT else f"{line[: LONGEST_EXCERPT - 1].rstrip()}…"


def _day(text: str) -> date | None:
    for found in _DATE.finditer(text):
        try:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            continue
    return None


def _words(stem: str) -> str:
    """A title from a file's name: 2023-01-23-ingress-down is Ingress down."""
    said = _DATE.sub("", Path(stem).name).replace("-", " ").replace("_", " ").strip()
    return (said or stem).capitalize()
