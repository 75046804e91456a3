"""Log lines of a service before the trouble and since, read page by page; complete within the time that is told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import Question
from incident_copilot.vendors.bodies import clean
from incident_copilot.vendors.server import Server, ServerOptions

PAGE_BYTES = 8 * 1024 * 1024
_LINE = 1000
# Alerts fire minutes after the trouble began.
_LATE = timedelta(minutes=5)


class LogLimits(Frozen):
    """Of each service at most `lines_before` and `lines_during` lines and `characters` are kept, asked for in pages.

    `page` is an address that shows a query to people, such as Grafana's Explore; `{query}`, `{since_ms}` and
    `{until_ms}` in it are replaced.
    """

    page: str | None = None
    lines_before: int = Field(default=2000, ge=1, le=50_000)
    lines_during: int = Field(default=8000, ge=1, le=50_000)
    page_size: int = Field(default=5000, ge=1, le=50_000)
    characters: int = Field(default=2 * 1024 * 1024, ge=1000, le=16 * 1024 * 1024)


class LogOptions(ServerOptions, LogLimits):
    """Where a server of logs answers, and how much is read of it."""


class Line(NamedTuple):
    """A line and its time in nanoseconds since the epoch."""

    ns: int
    text: str


class Ask(NamedTuple):
    """A page of lines in [start, end) nanoseconds: the newest or the oldest `wanted`."""

    start: int
    end: int
    wanted: int
    newest: bool


Page = Callable[[Ask], Awaitable[Sequence[Line]]]
"""Reads one page of lines, in any order."""


def line(ns: int, text: str) -> Line:
    """Return a line that can be stored, cut where it is long."""
    return Line(ns, clean(text, _LINE))


class Stretch(NamedTuple):
    """All matching lines from `since` to `until` in epoch seconds; `is_cut`: it is shorter than what was asked for."""

    lines: list[Line]
    since: float
    until: float
    is_cut: bool

    def told(self) -> str:
        """Return how many lines and how many a minute."""
        if not self.lines:
            return "none"
        per_minute = len(self.lines) / max(1 / 60, (self.until - self.since) / 60)
        rate = f"{per_minute:,.0f}" if per_minute >= 10 else f"{per_minute:.2g}"
        return f"{'more than ' if self.is_cut else ''}{len(self.lines):,} ({rate} a minute)"


async def read(
    question: Question, page: Page, options: LogLimits, *, only_forward: bool = False
) -> tuple[Stretch, Stretch]:
    """Return the lines before the trouble and since; `only_forward` where a server cannot give the newest first.

    Raises VendorError.
    """
    split = healthy_until(question)
    reader = _Reader(page, options)
    try:
        async with asyncio.TaskGroup() as both:
            before = both.create_task(
                reader.onward(question.since, split, options.lines_before)
                if only_forward
                else reader.back(question.since, split)
            )
            during = both.create_task(reader.onward(split, question.until, options.lines_during))
    except ExceptionGroup as group:
        raise group.exceptions[0] from None
    return before.result(), during.result()


def evidence(
    server: Server,
    question: Question,
    service: str,
    stretches: tuple[Stretch, Stretch],
    *,
    query: str,
    link: str | None = None,
) -> list[Evidence]:
    """Return the lines of a service as evidence, or nothing where there are none."""
    before, during = stretches
    if not (before.lines or during.lines):
        return []
    summary = f"Lines that match: {during.told()} since {_clock(during)} UTC, {before.told()} before."
    data = {
        "lines": [[one.ns / 10**9, one.text] for one in before.lines + during.lines],
        "truncated": before.is_cut or during.is_cut,
        "service": service,
        "since": before.since,
        "until": during.until,
    }
    title = f"Errors in the logs of {service}"
    return [
        server.evidence(question, EvidenceKind.LOG, title=title, summary=summary, data=data, link=link, query=query)
    ]


def healthy_until(question: Question) -> datetime:
    """Return where the healthy time ends for sure."""
    began = min([question.incident.started_at, *(alert.starts_at for alert in question.alerts)])
    return min(max(question.since, began - _LATE), question.until)


def ns_of(at: datetime) -> int:
    """Return a time in nanoseconds since the epoch."""
    return round(at.timestamp() * 1_000_000) * 1000


class _Reader:
    """Reads the two stretches; where a page could be full, another follows."""

    def __init__(self, page: Page, options: LogLimits) -> None:
        self._page, self._options = page, options

    async def back(self, since: datetime, until: datetime) -> Stretch:
        """Return the newest lines of the healthy time; if there are too many, `since` moves up to the oldest read."""
        start, end = ns_of(since), ns_of(until)
        lines: list[Line] = []
        while page := await self._ask(start, end, self._options.lines_before - len(lines), newest=True):
            lines = page + lines
            if self._is_full(lines, self._options.lines_before):
                return Stretch(lines, lines[0].ns / 1e9, until.timestamp(), is_cut=True)
            if len(page) < self._options.page_size:
                break
            end = page[0].ns
        return Stretch(lines, since.timestamp(), until.timestamp(), is_cut=False)

    async def onward(self, since: datetime, until: datetime, most: int) -> Stretch:
        """Return the first lines; where there are too many, `until` moves back to the newest read."""
        start, end = ns_of(since), ns_of(until)
        lines: list[Line] = []
        while page := await self._ask(start, end, most - len(lines), newest=False):
            lines += page
            if self._is_full(lines, most):
                return Stretch(lines, since.timestamp(), lines[-1].ns / 1e9, is_cut=True)
            if len(page) < self._options.page_size:
                break
            start = page[-1].ns + 1
        return Stretch(lines, since.timestamp(), until.timestamp(), is_cut=False)

    def _is_full(self, lines: Sequence[Line], most: int) -> bool:
        return len(lines) >= most or sum(len(one.text) for one in lines) >= self._options.characters / 2

    async def _ask(self, start: int, end: int, wanted: int, *, newest: bool) -> list[Line]:
        """Return at most one page of lines in [start, end), oldest first."""
        if start >= end:
            return []
        return sorted(await self._page(Ask(start, end, min(self._options.page_size, wanted), newest)))


def _clock(stretch: Stretch) -> str:
    return f"{datetime.fromtimestamp(stretch.since, tz=UTC):%H:%M}"
