"""Reads the metrics of an incident's services from Azure Monitor.

1. In Entra ID, register an application and give it the role Monitoring Reader on the resources. 2. Put a client secret
of it into the secret. 3. Name the resource of each service, and the metrics that are read of each.

API: https://learn.microsoft.com/en-us/rest/api/monitor/metrics/list
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import series
from incident_copilot.vendors.http import BaseUrl, Params
from incident_copilot.vendors.oauth import Tokens
from incident_copilot.vendors.series import Found, Weekly
from incident_copilot.vendors.server import Server, ServerOptions, required
from incident_copilot.vendors.together import ask_all

_UNITS = {"Seconds": "s", "MilliSeconds": "ms", "Bytes": "B", "Percent": "%", "Count": "", "CountPerSecond": "a second"}
_INTERVALS_MIN = (1, 5, 15, 30, 60)
_RESOURCE = r"^/subscriptions/[^/?#]+/resourceGroups/[^/?#]+/providers/[^?#]+[^/?#]$"


class Resource(Frozen):
    """A resource of Azure by its id, and the names of its metrics, such as Http5xx."""

    id: str = Field(pattern=_RESOURCE)
    metrics: tuple[str, ...] = Field(min_length=1, max_length=20)
    aggregation: Literal["Average", "Total", "Maximum", "Minimum", "Count"] = "Average"


class Options(ServerOptions, Weekly):
    """The application (`directory` is the tenant's id, `client` the application's) and the resource of each service."""

    url: BaseUrl = "https://management.azure.com"
    sign_in_url: BaseUrl = "https://login.microsoftonline.com"
    directory: str = Field(pattern=r"^[A-Za-z0-9.-]{1,100}$")
    client: str = Field(min_length=1, max_length=100)
    resources: dict[str, Resource] = Field(min_length=1, max_length=200)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: there is no secret."""
    return AzureMonitor(env, options)


class AzureMonitor:
    """The metrics of resources of Azure."""

    finds = frozenset({EvidenceKind.METRIC})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options = options
        self._server = Server(env, options, "azure_monitor", "Azure Monitor", headers={})
        self.name = self._server.name
        form = {
            "grant_type": "client_credentials",
            "client_id": options.client,
            "client_secret": required(env, "azure_monitor", "the application's client secret"),
            "scope": f"{options.url}/.default",
        }
        address = f"{options.sign_in_url}/{options.directory}/oauth2/v2.0/token"
        self._tokens = Tokens(env, self.name, address, form, self._server.http.deadline_s)

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per metric of each service that has a resource."""
        services = question.services[: self._options.services]
        named = [(name, self._options.resources[name]) for name in services if name in self._options.resources]
        return await ask_all(self._look_up(name, resource, question) for name, resource in named)

    async def check(self) -> None:
        """Read five minutes of the first resource."""
        resource = next(iter(self._options.resources.values()))
        until = self._server.now()
        await self._answer(resource, until - timedelta(minutes=5), until, 1)

    async def _look_up(self, service: str, resource: Resource, question: Question) -> list[Evidence]:
        wanted = series.step_s(question, 60) / 60
        minutes = next((one for one in _INTERVALS_MIN if one >= wanted), _INTERVALS_MIN[-1])

        async def look(asked: Question) -> list[Found]:
            answer = await self._answer(resource, asked.since, asked.until, minutes)
            return [_found(service, resource, metric, line) for metric in answer.value for line in metric.timeseries]

        found = await series.look_up(look, question, week_before=self._options.week_before)
        return [series.evidence(self._server, question, one) for one in series.liveliest(found, len(found))]

    async def _answer(self, resource: Resource, since: datetime, until: datetime, minutes: int) -> "_Answer":
        http = replace(self._server.http, headers=await self._tokens.headers())
        params: Params = {
            "api-version": "2018-01-01",
            "metricnames": ",".join(resource.metrics),
            "timespan": f"{since:%Y-%m-%dT%H:%M:%SZ}/{until:%Y-%m-%dT%H:%M:%SZ}",
            "interval": f"PT{minutes}M" if minutes < 60 else "PT1H",
            "aggregation": resource.aggregation,
        }
        return await http.get(f"{resource.id.lstrip('/')}/providers/Microsoft.Insights/metrics", _Answer, params)


class _Name(BaseModel):
    value: str
    localized: str | None = Field(default=None, alias="localizedValue")


class _Point(BaseModel):
    """A point; of the aggregations only the one that was asked for is there, and none where there was no data."""

    at: Utc = Field(alias="timeStamp")
    average: float | None = None
    total: float | None = None
    maximum: float | None = None
    minimum: float | None = None
    count: float | None = None

    def value(self) -> float | None:
        """Return the number that there is."""
        told = (self.average, self.total, self.maximum, self.minimum, self.count)
        return next((number for number in told if number is not None), None)


class _Dimension(BaseModel):
    name: _Name
    value: str


class _Line(BaseModel):
    data: list[_Point] = []
    metadatavalues: list[_Dimension] = []


class _Metric(BaseModel):
    name: _Name
    unit: str = ""
    timeseries: list[_Line] = []


class _Answer(BaseModel):
    value: list[_Metric]


def _found(service: str, resource: Resource, metric: _Metric, line: _Line) -> Found:
    return Found(
        title=f"{metric.name.localized or metric.name.value} on {service}",
        points=series.finite([(one.at.timestamp(), one.value()) for one in line.data]),
        query=f"{resource.aggregation} of {metric.name.value} of {resource.id}"[:1000],
        unit=_UNITS.get(metric.unit, metric.unit.lower()),
        service=service,
        labels={one.name.value: one.value for one in line.metadatavalues},
        link=f"https://portal.azure.com/#resource{resource.id}/metrics",
    )
