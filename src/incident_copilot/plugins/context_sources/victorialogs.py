"""Reads the error lines of an incident's services from VictoriaLogs, before the trouble and since.

API: https://docs.victoriametrics.com/victorialogs/querying/#querying-logs
"""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, Field, ValidationError

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import log_pages, times
from incident_copilot.vendors.http import Params
from incident_copilot.vendors.log_pages import Ask, Line, LogOptions
from incident_copilot.vendors.promql import filled
from incident_copilot.vendors.server import Server
from incident_copilot.vendors.shown import page_of
from incident_copilot.vendors.together import ask_all

_PATH = "select/logsql/query"
_QUERY = (
    '{service="{service}"} _msg:~"(?i)error|exception|fatal|panic|timeout|timed out|refused|denied|failed|exhausted'
    '|overload|queue full|shedding|too many"'
)


class Options(LogOptions):
    """Where VictoriaLogs answers, and what is asked for each service, in LogsQL without pipes.

    `{service}` in `query` stands for the service's name, between double quotes. `account` and `project` are the tenant
    of a cluster.
    """

    query: str = Field(default=_QUERY, max_length=2000)
    account: int | None = Field(default=None, ge=0)
    project: int | None = Field(default=None, ge=0)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source."""
    return VictoriaLogs(env, options)


class VictoriaLogs:
    """One VictoriaLogs, asked for lines."""

    finds = frozenset({EvidenceKind.LOG})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "victorialogs", "VictoriaLogs")
        tenant = {"AccountID": options.account, "ProjectID": options.project}
        self._server.add_headers({name: str(value) for name, value in tenant.items() if value is not None})
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per service that wrote matching lines."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(service, question) for service in services)

    async def check(self) -> None:
        """Ask for one line of the last minutes."""
        await self._server.http.text(_PATH, {"query": "* | limit 1", "start": "1m"})

    async def _look_up(self, service: str, question: Question) -> list[Evidence]:
        query = filled(self._options.query, service)

        async def page(ask: Ask) -> Sequence[Line]:
            order = "_time desc" if ask.newest else "_time"
            params: Params = {
                "query": f"{query} | fields _time, _msg | sort by ({order}) limit {ask.wanted}",
                "start": ask.start,
                # Both ends count here.
                "end": ask.end - 1,
            }
            body = await self._server.http.text(_PATH, params, log_pages.PAGE_BYTES)
            return list(self._lines(body))

        stretches = await log_pages.read(question, page, self._options)
        link = page_of(self._options.page, query, question)
        return log_pages.evidence(self._server, question, service, stretches, query=query, link=link)

    def _lines(self, body: str) -> Iterator[Line]:
        """Yield the lines of a body that has one JSON object in each."""
        for number, text in enumerate(body.splitlines(), 1):
            if not text.strip():
                continue
            try:
                row = _Row.model_validate_json(text)
            except ValidationError as error:
                problem = error.errors(include_input=False, include_url=False)[0]["msg"]
                raise VendorRefused(f"{self.name}: unexpected answer: line {number}: {problem}", 200) from None
            at = times.read(row.time)
            if at:
                yield log_pages.line(log_pages.ns_of(at), row.message)


class _Row(BaseModel):
    time: str = Field(alias="_time")
    message: str = Field(default="", alias="_msg")
