"""Reads the failing and slow requests of an incident's services from Grafana Tempo.

API: https://grafana.com/docs/tempo/latest/api_docs/#search
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import spans
from incident_copilot.vendors.http import Params
from incident_copilot.vendors.log_pages import healthy_until
from incident_copilot.vendors.promql import filled
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.shown import page_of
from incident_copilot.vendors.spans import Sampled, Span
from incident_copilot.vendors.together import ask_all

_ANSWER_BYTES = 8 * 1024 * 1024
_SPANS = 20  # of one trace


class Options(ServerOptions):
    """Where Tempo answers, what of each service is searched (`{service}` is its name), and how much of it.

    `slow_ms` is from when on a request counts as slow. `page` is an address that shows a query to people, such as
    Grafana's Explore; `{query}`, `{since_ms}` and `{until_ms}` in it are replaced.
    """

    query: str = Field(
        default='{ resource.service.name = "{service}" && (status = error || duration > {slow_ms}ms) }', max_length=2000
    )
    slow_ms: int = Field(default=1000, ge=1, le=600_000)
    traces: int = Field(default=100, ge=1, le=1000)
    page: str | None = None


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return Tempo(env, options)


class Tempo:
    """One Tempo, searched for spans."""

    finds = frozenset({EvidenceKind.TRACE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "tempo", "Tempo")
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per service with spans that fail or are slow."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def check(self) -> None:
        """Read the names of the tags."""
        await self._server.http.get("api/search/tags", _Tags)

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        query = filled(self._options.query.replace("{slow_ms}", str(self._options.slow_ms)), service)
        split = healthy_until(question)
        before, during = await asyncio.gather(
            self._search(query, question.since, split), self._search(query, split, question.until)
        )
        sampled = Sampled(before.spans(service), during.spans(service), len(during.traces) >= self._options.traces)
        link = page_of(self._options.page, query, question)
        return spans.evidence(self._server, question, service, sampled, query=query, link=link)

    async def _search(self, query: str, since: datetime, until: datetime) -> "_Answer":
        params: Params = {
            "q": f"{query} | select(name, status)",
            "start": int(since.timestamp()),
            "end": int(until.timestamp()),
            "limit": self._options.traces,
            "spss": _SPANS,
        }
        return await self._server.http.get("api/search", _Answer, params, _ANSWER_BYTES)


class _Value(BaseModel):
    text: str = Field(default="", alias="stringValue")


class _Attribute(BaseModel):
    key: str
    value: _Value = _Value()


class _Span(BaseModel):
    name: str = ""
    duration_ns: int = Field(default=0, alias="durationNanos")
    attributes: list[_Attribute] = []

    def said(self, key: str) -> str:
        """Return an attribute, or an empty text."""
        return next((one.value.text for one in self.attributes if one.key == key), "")


class _SpanSet(BaseModel):
    spans: list[_Span] = []


class _Trace(BaseModel):
    trace: str = Field(alias="traceID")
    root: str = Field(default="", alias="rootTraceName")
    span_sets: list[_SpanSet] = Field(default=[], alias="spanSets")


class _Answer(BaseModel):
    traces: list[_Trace] = []

    def spans(self, service: str) -> list[Span]:
        """Return the spans that matched; a name that Tempo does not tell is that of the trace."""
        return [
            Span(
                service=service,
                operation=one.name or one.said("name") or trace.root or "unnamed",
                ms=one.duration_ns / 1e6,
                failed=one.said("status") == "error",
                trace=trace.trace,
            )
            for trace in self.traces
            for several in trace.span_sets
            for one in several.spans
        ]


class _Tags(BaseModel):
    names: list[str] = Field(default=[], alias="tagNames")
