"""Find what an alert's link leads to, whichever wiki, Git host or site of runbooks the link was written for."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar
from urllib.parse import unquote_plus, urlsplit

from incident_copilot.knowledge.runbook import Runbook, Section
from incident_copilot.knowledge.words import squash

_LONGEST_URL = 2_000
_LOOSE_ENDS = re.compile(r"(\.md|\.html?|/)+$")
# Confluence writes /pages/65538/Title or ?pageId=65538 in links, and Title_65538.html or 65538.html in an export.
_PAGE_OF_LINK = re.compile(r"(?:/pages/|[?&]pageId=)(?P<page>\d{4,})")
_PAGE_OF_FILE = re.compile(r"(?:^|\D)(?P<page>\d{4,})$")

T = TypeVar("T")


class Links:
    """Runbooks by what a link can say of them: its whole address, the page's number, the file's name, an alert."""

    def __init__(self, runbooks: Sequence[Runbook]) -> None:
        self._by_file = grouped((squash(one.id.rsplit("/", 1)[-1]), one) for one in runbooks)
        self._by_page = grouped(
            (found["page"], one) for one in runbooks if (found := _PAGE_OF_FILE.search(one.id.rsplit("/", 1)[-1]))
        )
        self._by_name = grouped((squash(name), one) for one in runbooks for name in (*one.alerts, one.title))

    def follow(self, url: str) -> list[tuple[Runbook, Section]]:
        """The runbooks that a link leads to, each with the section that it names or else the one to begin with."""
        url = url[:_LONGEST_URL]
        try:
            link = urlsplit(url)
        except ValueError:
            return []
        parts = [squash(part) for part in unquote_plus(_LOOSE_ENDS.sub("", link.path)).split("/") if squash(part)]
        last = parts[-1] if parts else ""
        page = _PAGE_OF_LINK.search(url)
        found = (
            # A page that was fetched is a file called as its whole address.
            self._by_file.get(squash(url.partition("#")[0].partition("://")[2]))
            or self._by_page.get(page["page"] if page else "")
            or _with_longest_path(self._by_file.get(last, []), parts)
            or self._by_name.get(last, [])
        )
        return [(one, section_at(one, link.fragment) or one.first_section_with_steps) for one in found]


def section_at(runbook: Runbook, fragment: str) -> Section | None:
    """The section that the end of a link names: by its anchor, or as Confluence writes it, with the title before."""
    wanted = squash(fragment)
    headings = (
        one for one in runbook.sections if squash(one.heading) in {wanted, wanted.removeprefix(squash(runbook.title))}
    )
    return runbook.section(fragment.lower()) or next(headings, None)


def grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    """What has each name, each once; what has no letters or digits names nothing."""
    found: dict[str, list[T]] = {}
    for name, one in pairs:
        if name and one not in found.get(name, ()):
            found.setdefault(name, []).append(one)
    return found


def _with_longest_path(runbooks: Sequence[Runbook], parts: Sequence[str]) -> list[Runbook]:
    """Those whose folders are the link's too, as far as any are: kafka/lag.md is not postgres/lag.md."""

    def in_common(runbook: Runbook) -> int:
        folders = [squash(part) for part in runbook.id.split("/")]
        pairs = zip(reversed(folders), reversed(parts), strict=False)
        return next((at for at, (mine, its) in enumerate(pairs) if mine != its), min(len(folders), len(parts)))

    most = max(map(in_common, runbooks), default=0)
    return [one for one in runbooks if in_common(one) == most]
