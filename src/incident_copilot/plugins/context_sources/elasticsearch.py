"""Reads the error lines of an incident's services from Elasticsearch or OpenSearch, before the trouble and since.

The secret is the password of `user`, or "ApiKey ..." with `header: Authorization`. An address of Kibana that shows a
query can be the `page`.

API: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-search
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import log_pages, times
from incident_copilot.vendors.log_pages import Ask, Line, LogOptions
from incident_copilot.vendors.server import Server
from incident_copilot.vendors.shown import page_of
from incident_copilot.vendors.together import ask_all

_QUERY = (
    "log.level:(error OR fatal OR critical OR emergency) OR level:(error OR fatal OR critical OR ERROR OR FATAL) OR "
    "{message}:(error OR exception OR fatal OR panic OR timeout OR refused OR denied OR failed OR exhausted)"
)


class Options(LogOptions):
    """Where the server answers, which `index` is searched, and under which fields time, text and service are.

    `query` is in the syntax of query_string; `{message}` in it stands for the text's field. `page_size` may be no more
    than the index's max_result_window, which is 10,000 by default.
    """

    index: str = Field(default="logs-*", pattern=r"^[^/?#\s]{1,200}$")
    query: str = Field(default=_QUERY, max_length=2000)
    time_field: str = "@timestamp"
    message_field: str = "message"
    service_field: str = "service.name"
    page_size: int = Field(default=5000, ge=1, le=10_000)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return Elasticsearch(env, options)


class Elasticsearch:
    """One cluster, asked for lines."""

    finds = frozenset({EvidenceKind.LOG})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._query = options.query.replace("{message}", options.message_field)
        self._server = Server(env, options, "elasticsearch", "Elasticsearch")
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per service that wrote matching lines."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def check(self) -> None:
        """Search for no document at all, which needs the right to search."""
        await self._search({"size": 0, "query": {"match_none": {}}})

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        async def page(ask: Ask) -> Sequence[Line]:
            return (await self._search(self._body(service, ask))).lines(self._options)

        stretches = await log_pages.read(question, page, self._options)
        query = f'{self._options.service_field}:"{service}" AND ({self._query})'
        link = page_of(self._options.page, query, question)
        return log_pages.evidence(self._server, question, service, stretches, query=query, link=link)

    async def _search(self, body: Mapping[str, Any]) -> "_Answer":
        path = f"{self._options.index}/_search"
        return await self._server.http.look_up(path, body, _Answer, max_bytes=2 * log_pages.PAGE_BYTES)

    def _body(self, service: str, ask: Ask) -> dict[str, Any]:
        options = self._options
        # Times are kept in milliseconds: rounded up, so that a page does not begin with the end of the one before.
        span = {"gte": math.ceil(ask.start / 1e6), "lt": math.ceil(ask.end / 1e6), "format": "epoch_millis"}
        text = {"query": self._query, "default_field": options.message_field, "lenient": True}
        return {
            "size": ask.wanted,
            "track_total_hits": False,
            "_source": [options.time_field, options.message_field],
            "sort": [{options.time_field: {"order": "desc" if ask.newest else "asc"}}],
            "query": {
                "bool": {
                    "filter": [
                        {"match_phrase": {options.service_field: service}},
                        {"range": {options.time_field: span}},
                        {"query_string": text},
                    ]
                }
            },
        }


class _Hit(BaseModel):
    source: dict[str, Any] = Field(default={}, alias="_source")
    sort: list[int | float | str]


class _Hits(BaseModel):
    hits: list[_Hit]


class _Answer(BaseModel):
    hits: _Hits

    def lines(self, options: Options) -> list[Line]:
        """Return the lines that have a time and a text; the value that was sorted by is the time as a number."""
        found = []
        for hit in self.hits.hits:
            at = times.read(hit.sort[0]) if hit.sort else None
            text = _field(hit.source, options.message_field)
            if at and isinstance(text, str):
                found.append(log_pages.line(log_pages.ns_of(at), text))
        return found


def _field(source: Mapping[str, Any], name: str) -> Any:
    """Return a field that is written with dots, or as objects within objects."""
    if name in source:
        return source[name]
    head, dot, rest = name.partition(".")
    inner = source.get(head)
    return _field(inner, rest) if dot and isinstance(inner, Mapping) else None
