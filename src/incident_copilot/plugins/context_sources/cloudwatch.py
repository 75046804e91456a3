"""Reads series of an incident's services from Amazon CloudWatch.

1. In IAM, make a user or role that may cloudwatch:GetMetricData. 2. Put its key into the secret, as
ACCESS_KEY_ID:SECRET_ACCESS_KEY. 3. List the metrics; `{service}` in dimensions and expressions is the service's name.

API: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Self

from pydantic import BaseModel, Field, model_validator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import series
from incident_copilot.vendors.series import Found, Weekly
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.sigv4 import Aws, AwsOptions

_ANSWER_BYTES = 8 * 1024 * 1024
_SHORTEST_S = 60
_AT_ONCE = 500  # metrics in one request; more are refused


class Metric(Frozen):
    """A metric with its dimensions, or an expression such as SEARCH('{AWS/ECS,ServiceName} {service}', 'Average').

    `unit` is one of s, ms, B, ratio, %, or any word that is written after the number.
    """

    title: str = Field(max_length=80)
    namespace: str | None = None
    metric: str | None = None
    dimensions: dict[str, str] = Field(default_factory=dict, max_length=30)
    stat: str = "Average"
    expression: str | None = Field(default=None, max_length=2000)
    unit: str = ""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.expression is None) == (self.namespace is None or self.metric is None):
            raise ValueError("write namespace and metric, or an expression")
        return self


class Options(AwsOptions, Weekly):
    """Which metrics are read, of the services of an incident."""

    metrics: tuple[Metric, ...] = Field(min_length=1, max_length=20)
    series: int = Field(default=24, ge=1, le=100)


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: the secret is no key."""
    return CloudWatch(env, options)


class CloudWatch:
    """The metrics of one account and region."""

    finds = frozenset({EvidenceKind.METRIC})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options, self._now = options, env.now
        # Only for the name and for evidence: what is sent is signed by `Aws`.
        self._server = Server(env, ServerOptions(url="https://aws.amazon.com"), "cloudwatch", "CloudWatch", headers={})
        self.name = self._server.name
        self._aws = Aws(env, options, self.name, host="monitoring", target="GraniteServiceVersion20100801", json="1.0")

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return one evidence per series, those that moved most; one request asks for all."""
        services = question.services[: self._options.services]
        asks = list(islice(((one, name) for name in services for one in self._options.metrics), _AT_ONCE))
        if not asks:
            return []
        period = series.step_s(question, _SHORTEST_S, multiple=60)
        queries = [_query(number, one, name, period) for number, (one, name) in enumerate(asks)]

        async def look(asked: Question) -> list[Found]:
            answer = await self._answer(queries, asked.since.timestamp(), asked.until.timestamp())
            return [self._found(one, *asks[int(one.id.removeprefix("m"))]) for one in answer.results]

        found = await series.look_up(look, question, week_before=self._options.week_before)
        return [series.evidence(self._server, question, one) for one in series.liveliest(found, self._options.series)]

    async def check(self) -> None:
        """Read the last minutes of the first metric, of no service."""
        until = self._now().timestamp()
        await self._answer([_query(0, self._options.metrics[0], "check", 60)], until - 120, until)

    async def _answer(self, queries: list[dict[str, Any]], since: float, until: float) -> "_Answer":
        body = {
            "StartTime": int(since),
            "EndTime": int(until),
            "ScanBy": "TimestampAscending",
            "MetricDataQueries": queries,
        }
        answer = await self._aws.ask("GetMetricData", body, _Answer, _ANSWER_BYTES)
        for one in answer.results:
            if one.status in {"Forbidden", "InternalError"}:
                raise VendorRefused(f"{self.name}: {one.label}: {one.status}", 200)
        return answer

    def _found(self, one: "_Result", metric: Metric, service: str) -> Found:
        title = series.filled(metric.title, service)
        where = f" on {service}" if service not in title else ""
        several = f" ({one.label})" if metric.expression else ""
        return Found(
            title=f"{title}{where}{several}",
            points=series.finite(list(zip(one.times, one.values, strict=False))),
            query=series.filled(metric.expression or f"{metric.stat} of {metric.namespace} {metric.metric}", service),
            unit=metric.unit,
            service=service,
            labels=_dimensions(metric, service),
            link=f"https://{self._options.region}.console.aws.amazon.com/cloudwatch/home?region={self._options.region}#metricsV2",
        )


class _Result(BaseModel):
    id: str = Field(alias="Id")
    label: str = Field(default="", alias="Label")
    times: list[float] = Field(default=[], alias="Timestamps")
    values: list[float] = Field(default=[], alias="Values")
    status: str = Field(default="Complete", alias="StatusCode")


class _Answer(BaseModel):
    results: list[_Result] = Field(alias="MetricDataResults")


def _query(number: int, one: Metric, service: str, period: int) -> dict[str, Any]:
    if one.expression is not None:
        return {"Id": f"m{number}", "Expression": series.filled(one.expression, service), "Period": period}
    dimensions = [{"Name": name, "Value": value} for name, value in _dimensions(one, service).items()]
    metric = {"Namespace": one.namespace, "MetricName": one.metric, "Dimensions": dimensions}
    return {"Id": f"m{number}", "MetricStat": {"Metric": metric, "Period": period, "Stat": one.stat}}


def _dimensions(one: Metric, service: str) -> Mapping[str, str]:
    return {name: series.filled(value, service) for name, value in one.dimensions.items()}
