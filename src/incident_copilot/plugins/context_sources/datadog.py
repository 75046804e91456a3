"""Reads series of an incident's services from Datadog.

1. In Datadog, Organization Settings: make an API key, and an application key with the scope timeseries_query. 2. Put
both into the secret, as API_KEY:APPLICATION_KEY. 3. Write the queries; `{service}` in them is the service's name.

API: https://docs.datadoghq.com/api/latest/metrics/#query-timeseries-points
"""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import ConfigError, VendorRefused
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import series
from incident_copilot.vendors.http import BaseUrl, Params
from incident_copilot.vendors.series import ExtraQuery, Found, Weekly
from incident_copilot.vendors.server import Server, ServerOptions, required
from incident_copilot.vendors.together import ask_all

_ANSWER_BYTES = 8 * 1024 * 1024
_UNITS = {"second": "s", "millisecond": "ms", "byte": "B", "percent": "%", "fraction": "ratio"}


class Options(ServerOptions, Weekly):
    """Which site of Datadog (`url`, such as https://api.datadoghq.eu) and what is asked of each service.

    `page` is where people open Datadog.
    """

    url: BaseUrl = "https://api.datadoghq.com"
    page: BaseUrl = "https://app.datadoghq.com"
    queries: tuple[ExtraQuery, ...] = Field(min_length=1, max_length=12)
    series_per_query: int = Field(default=8, ge=1, le=50)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: the secret is not two keys."""
    return Datadog(env, options)


class Datadog:
    """One organisation of Datadog."""

    finds = frozenset({EvidenceKind.METRIC})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        api_key, colon, application_key = required(env, "datadog", "API_KEY:APPLICATION_KEY").partition(":")
        if not colon:
            raise ConfigError(f"{env.instance or 'datadog'}: write the secret as API_KEY:APPLICATION_KEY")
        keys = {"dd-api-key": api_key, "dd-application-key": application_key}
        self._server = Server(env, options, "datadog", "Datadog", headers=keys)
        self.name = self._server.name

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per series of each query and service, those that moved most."""
        services = question.services[: self._options.services]
        return await ask_all(self._look_up(ask, name, question) for name in services for ask in self._options.queries)

    async def check(self) -> None:
        """Ask for the first minute of 1970, which needs both keys and no series."""
        await self._answer("avg:system.cpu.user{*}", 0, 60)

    async def _look_up(self, ask: ExtraQuery, service: str, question: Question) -> list[Evidence]:
        query = series.filled(ask.query, service)
        since, until = (round(at.timestamp()) * 1000 for at in (question.since, question.until))
        link = f"{self._options.page}/metric/explorer?start={since}&end={until}"

        async def look(asked: Question) -> list[Found]:
            answer = await self._answer(query, int(asked.since.timestamp()), int(asked.until.timestamp()))
            return [
                Found(
                    title=_title(series.filled(ask.title, service), one.scope, service),
                    points=series.finite([(at / 1000, value) for at, value in one.pointlist]),
                    query=query,
                    unit=ask.unit or one.unit_word(),
                    service=service,
                    labels=one.labels(),
                    link=link,
                )
                for one in answer.series
            ]

        found = await series.look_up(look, question, week_before=self._options.week_before)
        chosen = series.liveliest(found, self._options.series_per_query)
        return [series.evidence(self._server, question, one) for one in chosen]

    async def _answer(self, query: str, since: int, until: int) -> "_Answer":
        params: Params = {"from": since, "to": until, "query": query}
        answer = await self._server.http.get("api/v1/query", _Answer, params, _ANSWER_BYTES)
        if answer.status != "ok":
            # Datadog says with HTTP 200 that it does not understand a query.
            raise VendorRefused(f"{self.name}: {answer.error or answer.message or answer.status}: {query}"[:300], 200)
        return answer


class _Unit(BaseModel):
    name: str


class _Series(BaseModel):
    """One series: (epoch milliseconds, value or nothing) each; `unit` is for the number and for what it is per."""

    scope: str = ""
    tag_set: list[str] = []
    pointlist: list[tuple[float, float | None]]
    unit: list[_Unit | None] | None = None

    def unit_word(self) -> str:
        """Return the unit as evidence has it, or an empty text."""
        first = self.unit[0] if self.unit else None
        return _UNITS.get(first.name, first.name) if first else ""

    def labels(self) -> dict[str, str]:
        """Return the tags of the series."""
        tags = self.tag_set or self.scope.split(",")
        return {key: value for key, colon, value in (tag.partition(":") for tag in tags) if colon}


class _Answer(BaseModel):
    status: str
    error: str = ""
    message: str = ""
    series: list[_Series] = []


def _title(title: str, scope: str, service: str) -> str:
    others = [tag for tag in scope.split(",") if tag not in {"*", "", f"service:{service}"}]
    return f"{title} ({', '.join(others[:3])})" if others else title
