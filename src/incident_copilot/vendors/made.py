"""Changes as evidence: what was made, by whom, when, with the lines that it changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import Question
from incident_copilot.vendors.server import Server

DIFF = 64 * 1024
# A lock file or a generated one must not crowd out the rest.
_FILE = 16 * 1024


@dataclass(frozen=True)
class Made:
    """A change of a service; `kind` is as in `domain/evidence.py`, `told` ends the sentence about it."""

    service: str
    at: datetime
    kind: str
    title: str
    author: str = ""
    version: str = ""
    previous: str | None = None
    diff: str = ""
    ref: str = ""
    repo: str = ""
    told: str = ""


def evidence(
    server: Server, question: Question, made: Made, *, query: str | None = None, link: str | None = None
) -> Evidence:
    """Return a change as evidence."""
    by = f", by {made.author}" if made.author else ""
    told = f": {made.told}" if made.told else ""
    data = {
        "service": made.service,
        "at": made.at.timestamp(),
        "version": made.version,
        "previous": made.previous,
        "author": made.author or "unknown",
        "diff": made.diff[:DIFF],
        "kind": made.kind,
        "ref": made.ref,
        "repo": made.repo,
    }
    summary = f"{made.title} at {made.at:%H:%M:%S} UTC on {made.at:%-d %B}{by}{told}."
    return server.evidence(
        question, EvidenceKind.CHANGE, title=made.title, summary=summary, data=data, link=link, query=query
    )


def newest(found: Iterable[Made], question: Question, since: datetime, most: int) -> list[Made]:
    """Return what was made from `since` to the end of the question's window, newest first, at most `most`."""
    inside = [one for one in found if since <= one.at <= question.until]
    return sorted(inside, key=lambda one: one.at, reverse=True)[:most]


def diff_of(files: Iterable[tuple[str, str]]) -> str:
    """Return paths in diff notation with the added and removed lines, of (path, patch) each."""
    return "\n".join(_changed_lines(path, patch) for path, patch in files)[:DIFF]


def setting(name: str, before: object, after: object) -> str:
    """Return a setting that was changed as the lines of a diff."""
    lines = [f"{sign}{name}: {value}" for sign, value in (("-", before), ("+", after)) if value is not None]
    return "\n".join(lines)


def service_named(text: str, services: Sequence[str]) -> str | None:
    """Return the service whose name a text holds as words of its own, the longest of several; None for none."""
    words = f"-{'-'.join(_words(text))}-"
    fitting = [name for name in services if _words(name) and f"-{'-'.join(_words(name))}-" in words]
    return max(fitting, key=len, default=None)


def _changed_lines(path: str, patch: str) -> str:
    lines = [line for line in patch.splitlines() if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))]
    return "\n".join([f"+++ b/{path}", *lines])[:_FILE]


def _words(text: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in text.lower()).split()
