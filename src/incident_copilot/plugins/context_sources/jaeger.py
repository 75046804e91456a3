"""Reads the failing and slow requests of an incident's services from Jaeger, and which calls among them fail.

Also from what answers as Jaeger does, such as VictoriaTraces (`url` ends in /select/jaeger).

API: https://www.jaegertracing.io/docs/latest/architecture/apis/#http-json and
https://docs.victoriametrics.com/victoriatraces/querying/#jaeger-http-api
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import spans
from incident_copilot.vendors.http import BaseUrl, Params
from incident_copilot.vendors.log_pages import healthy_until
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.spans import Sampled, Span
from incident_copilot.vendors.together import ask_all

_ANSWER_BYTES = 16 * 1024 * 1024
_FAILED = '{"error":"true"}'


class Options(ServerOptions):
    """Where Jaeger answers, how many traces are read at a time, and from when on a request counts as slow.

    `public_url` is where people open Jaeger.
    """

    public_url: BaseUrl | None = None
    slow_ms: int = Field(default=1000, ge=1, le=600_000)
    traces: int = Field(default=50, ge=1, le=500)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return Jaeger(env, options)


class Jaeger:
    """One Jaeger, searched for traces."""

    finds = frozenset({EvidenceKind.TRACE})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "jaeger", "Jaeger")
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per service whose traces hold spans that fail or are slow."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def check(self) -> None:
        """Read the names of the services."""
        await self._server.http.get("api/services", _Services)

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        split = healthy_until(question)
        before, during = await asyncio.gather(
            self._traces(service, question.since, split), self._traces(service, split, question.until)
        )
        slow_ms = self._options.slow_ms
        sampled = Sampled(
            [span for trace in before for span in trace.troubled(slow_ms)],
            [span for trace in during for span in trace.troubled(slow_ms)],
            len(during) >= self._options.traces,
        )
        query = f"traces of {service} with errors, or over {slow_ms} ms"
        shown = f"{self._options.public_url or self._options.url}/search?service={service}"
        return spans.evidence(self._server, question, service, sampled, query=query, link=shown)

    async def _traces(self, service: str, since: datetime, until: datetime) -> list["_Trace"]:
        """Return the traces with an error and those that took long, each once."""
        params: Params = {
            "service": service,
            "start": round(since.timestamp() * 1e6),
            "end": round(until.timestamp() * 1e6),
            "limit": self._options.traces,
        }
        answers = await asyncio.gather(
            self._search({**params, "tags": _FAILED}),
            self._search({**params, "minDuration": f"{self._options.slow_ms}ms"}),
        )
        return list({trace.trace: trace for answer in answers for trace in answer.data}.values())

    async def _search(self, params: Params) -> "_Answer":
        return await self._server.http.get("api/traces", _Answer, params, _ANSWER_BYTES)


class _Tag(BaseModel):
    key: str
    value: Any = None


class _Reference(BaseModel):
    kind: str = Field(default="CHILD_OF", alias="refType")
    span: str = Field(alias="spanID")


class _Span(BaseModel):
    """A span; `duration` is in microseconds."""

    span: str = Field(alias="spanID")
    operation: str = Field(alias="operationName")
    process: str = Field(alias="processID")
    duration: float
    tags: list[_Tag] = []
    references: list[_Reference] = []

    @property
    def failed(self) -> bool:
        return any(
            (tag.key == "error" and str(tag.value).lower() == "true")
            or (tag.key == "otel.status_code" and tag.value == "ERROR")
            for tag in self.tags
        )

    @property
    def parent(self) -> str | None:
        return next((one.span for one in self.references if one.kind == "CHILD_OF"), None)


class _Process(BaseModel):
    service: str = Field(alias="serviceName")


class _Trace(BaseModel):
    trace: str = Field(alias="traceID")
    spans: list[_Span] = []
    processes: dict[str, _Process] = {}

    def troubled(self, slow_ms: int) -> Iterator[Span]:
        """Yield the spans that failed, and the slow ones under which no slow one lies: above it they only wait."""
        by_id = {span.span: span for span in self.spans}
        slow = {span.span for span in self.spans if span.duration >= slow_ms * 1000}
        waiting = {by_id[name].parent for name in slow}
        for span in self.spans:
            if span.failed or (span.span in slow and span.span not in waiting):
                service, above = self._service(span), by_id.get(span.parent or "")
                caller = self._service(above) if above else None
                yield Span(
                    service=service,
                    operation=span.operation,
                    ms=span.duration / 1000,
                    failed=span.failed,
                    trace=self.trace,
                    caller=caller if caller != service else None,
                )

    def _service(self, span: _Span) -> str:
        process = self.processes.get(span.process)
        return process.service if process else "unknown"


class _Answer(BaseModel):
    data: list[_Trace] = []


class _Services(BaseModel):
    data: list[str] | None = None
