"""Reads the error lines of an incident's services from Loki, before the trouble and since.

API: https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time
"""

from collections.abc import Sequence

from pydantic import BaseModel

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import log_pages
from incident_copilot.vendors.http import Params
from incident_copilot.vendors.log_pages import Ask, Line, LogOptions
from incident_copilot.vendors.promql import filled
from incident_copilot.vendors.server import Server
from incident_copilot.vendors.shown import page_of
from incident_copilot.vendors.together import ask_all

# Errors, what is full or shed, and statements that a database found slow (PostgreSQL's "duration: 41022.1 ms").
_QUERY = (
    '{service="{service}"} |~ "(?i)error|exception|fatal|panic|timeout|timed out|refused|denied|failed|exhausted'
    '|overload|queue full|shedding|too many|duration: [0-9]{4,}"'
)


class Options(LogOptions):
    """Where Loki answers, and what is asked for each service.

    `{service}` in `query` stands for the service's name, between double quotes. `page_size` may be no more than Loki's
    max_entries_limit_per_query.
    """

    query: str = _QUERY


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return Loki(env, options)


class Loki:
    """One Loki, asked for lines."""

    finds = frozenset({EvidenceKind.LOG})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "loki", "Loki")
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per service that wrote matching lines."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def check(self) -> None:
        """Read the names of the labels."""
        await self._server.http.get("loki/api/v1/labels", _Status)

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        query = filled(self._options.query, service)

        async def page(ask: Ask) -> Sequence[Line]:
            params: Params = {
                "query": query,
                "start": ask.start,
                "end": ask.end,
                "limit": ask.wanted,
                "direction": "backward" if ask.newest else "forward",
            }
            answer = await self._server.http.get("loki/api/v1/query_range", _Answer, params, log_pages.PAGE_BYTES)
            return [log_pages.line(ns, text) for stream in answer.data.result for ns, text, *_ in stream.values]

        stretches = await log_pages.read(question, page, self._options)
        link = page_of(self._options.page, query, question)
        return log_pages.evidence(self._server, question, service, stretches, query=query, link=link)


class _Stream(BaseModel):
    """One stream; a value is (nanoseconds, text), and structured metadata may follow."""

    values: list[tuple[int, str] | tuple[int, str, object]]


class _Streams(BaseModel):
    result: list[_Stream]


class _Answer(BaseModel):
    data: _Streams


class _Status(BaseModel):
    status: str
