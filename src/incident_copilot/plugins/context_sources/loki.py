"""Reads the error lines of an incident's services from Loki, before the trouble and since.

API: https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Frozen, new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors.bodies import clean
from incident_copilot.vendors.http import BaseUrl, Params, VendorHttp
from incident_copilot.vendors.promql import filled
from incident_copilot.vendors.together import ask_all

_PAGE_BYTES = 8 * 1024 * 1024
_LINE = 1000
# Errors, what is full or shed, and statements that a database found slow (PostgreSQL's "duration: 41022.1 ms").
_QUERY = (
    '{service="{service}"} |~ "(?i)error|exception|fatal|panic|timeout|timed out|refused|denied|failed|exhausted'
    '|overload|queue full|shedding|too many|duration: [0-9]{4,}"'
)
# Alerts fire minutes after the trouble began.
_LATE = timedelta(minutes=5)


class Options(Frozen):
    """Where Loki answers, and what is asked for each service.

    `{service}` in `query` stands for the service's name, between double quotes. `page` is an address that shows a query
    to people, such as Grafana's Explore; `{query}`, `{since_ms}` and `{until_ms}` in it are replaced. `tenant` is
    Loki's X-Scope-OrgID. Of each service at most `lines_before` and `lines_during` lines and `characters` are kept.
    `page_size` may be no more than Loki's max_entries_limit_per_query. `deadline_s` is for one
    request; by default it is a little under the deadline of the brief, so that a slow one does not lose the others.
    """

    url: BaseUrl
    query: str = _QUERY
    page: str | None = None
    tenant: str | None = None
    services: int = Field(default=8, ge=1, le=50)
    lines_before: int = Field(default=2000, ge=1, le=50_000)
    lines_during: int = Field(default=8000, ge=1, le=50_000)
    page_size: int = Field(default=5000, ge=1, le=50_000)
    characters: int = Field(default=2 * 1024 * 1024, ge=1000, le=16 * 1024 * 1024)
    deadline_s: float | None = Field(default=None, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source; a secret is sent as a bearer token."""
    return Loki(env, options)


class Loki:
    """One Loki, asked for lines."""

    finds = frozenset({EvidenceKind.LOG})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = "Loki" if env.instance in {"", "loki"} else f"Loki {env.instance}"
        self._now, self._options = env.now, options
        headers = {"authorization": f"Bearer {env.secret}"} if env.secret else {}
        if options.tenant:
            headers["x-scope-orgid"] = options.tenant
        self._http = VendorHttp(env.http, self.name, options.url, options.deadline_s or env.request_deadline_s, headers)

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per service that wrote matching lines."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        query = filled(self._options.query, service)
        split = _split(question)
        try:
            async with asyncio.TaskGroup() as both:
                before = both.create_task(self._before(query, question.since, split))
                during = both.create_task(self._during(query, split, question.until))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        if not (before.result().lines or during.result().lines):
            return []
        return [self._evidence(service, query, question, before.result(), during.result())]

    async def _before(self, query: str, since: datetime, until: datetime) -> "_Stretch":
        """Return the newest lines of the healthy time; if there are too many, `since` moves up to the oldest read."""
        start, end = _ns(since), _ns(until)
        lines: list[_Line] = []
        while page := await self._page(query, start, end, "backward", self._options.lines_before - len(lines)):
            lines = page + lines
            if self._is_full(lines, self._options.lines_before):
                return _Stretch(lines, lines[0].ns / 1e9, until.timestamp(), is_cut=True)
            if len(page) < self._options.page_size:
                break
            end = page[0].ns
        return _Stretch(lines, since.timestamp(), until.timestamp(), is_cut=False)

    async def _during(self, query: str, since: datetime, until: datetime) -> "_Stretch":
        """Return the first lines of the trouble; where there are too many, `until` moves back to the newest read."""
        start, end = _ns(since), _ns(until)
        lines: list[_Line] = []
        while page := await self._page(query, start, end, "forward", self._options.lines_during - len(lines)):
            lines += page
            if self._is_full(lines, self._options.lines_during):
                return _Stretch(lines, since.timestamp(), lines[-1].ns / 1e9, is_cut=True)
            if len(page) < self._options.page_size:
                break
            start = page[-1].ns + 1
        return _Stretch(lines, since.timestamp(), until.timestamp(), is_cut=False)

    def _is_full(self, lines: Sequence["_Line"], most: int) -> bool:
        return len(lines) >= most or sum(len(line.text) for line in lines) >= self._options.characters / 2

    async def _page(self, query: str, start: int, end: int, direction: str, wanted: int) -> list["_Line"]:
        """Return at most one page of lines in [start, end), oldest first."""
        if start >= end:
            return []
        params: Params = {
            "query": query,
            "start": start,
            "end": end,
            "limit": min(self._options.page_size, wanted),
            "direction": direction,
        }
        answer = await self._http.get("loki/api/v1/query_range", _Answer, params, _PAGE_BYTES)
        lines = [_Line(ns, clean(text, _LINE)) for stream in answer.data.result for ns, text, *_ in stream.values]
        return sorted(lines)

    def _evidence(
        self, service: str, query: str, question: Question, before: "_Stretch", during: "_Stretch"
    ) -> Evidence:
        now = self._now()
        lines = before.lines + during.lines
        return Evidence(
            id=new_id(now),
            incident_id=question.incident.id,
            source=self.name,
            kind=EvidenceKind.LOG,
            title=f"Errors in the logs of {service}",
            summary=f"Lines that match: {during.told()} since {_clock(during)} UTC, {before.told()} before.",
            taken_at=now,
            link=self._link(query, question),
            query=query,
            data={
                "lines": [[line.ns / 1e9, line.text] for line in lines],
                "truncated": before.is_cut or during.is_cut,
                "service": service,
                "since": before.since,
                "until": during.until,
            },
        )

    def _link(self, query: str, question: Question) -> str | None:
        if self._options.page is None:
            return None
        since_ms, until_ms = (_ns(at) // 1_000_000 for at in (question.since, question.until))
        page = self._options.page.replace("{since_ms}", str(since_ms)).replace("{until_ms}", str(until_ms))
        return page.replace("{query}", quote(query, safe=""))


class _Line(NamedTuple):
    ns: int
    text: str


class _Stretch(NamedTuple):
    """All matching lines from `since` to `until` in epoch seconds; `is_cut`: it is shorter than what was asked for."""

    lines: list[_Line]
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


class _Stream(BaseModel):
    """One stream; a value is (nanoseconds, text), and structured metadata may follow."""

    values: list[tuple[int, str] | tuple[int, str, object]]


class _Streams(BaseModel):
    result: list[_Stream]


class _Answer(BaseModel):
    data: _Streams


def _split(question: Question) -> datetime:
    """Return where the healthy time ends for sure."""
    began = min([question.incident.started_at, *(alert.starts_at for alert in question.alerts)])
    return min(max(question.since, began - _LATE), question.until)


def _ns(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000) * 1000


def _clock(stretch: _Stretch) -> str:
    return f"{datetime.fromtimestamp(stretch.since, tz=UTC):%H:%M}"
