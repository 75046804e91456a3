"""Reads what the databases of an incident's services are busy with, and what happened to them, from Amazon RDS.

1. Turn Performance Insights (Database Insights) on. 2. In IAM, make a user or role that may pi:GetResourceMetrics,
pi:DescribeDimensionKeys and rds:DescribeEvents. 3. Put its key into the secret, as ACCESS_KEY_ID:SECRET_ACCESS_KEY.
4. Name each service's database by its identifier and its resource id, which begins with db-.

API: https://docs.aws.amazon.com/performance-insights/latest/APIReference/API_DescribeDimensionKeys.html and
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.ports import ContextSource, PluginEnv, Question
from incident_copilot.vendors import series, xml
from incident_copilot.vendors.http import BaseUrl
from incident_copilot.vendors.series import Found, Weekly
from incident_copilot.vendors.server import Server, ServerOptions
from incident_copilot.vendors.sigv4 import Aws, AwsOptions
from incident_copilot.vendors.together import ask_all

_LOAD = "db.load.avg"
_PERIODS_S = (60, 300, 3600)
_VERSION = "2014-10-31"
_EVENTS = 100  # no page holds more
_LOOK_AT = timedelta(minutes=5)


class Database(Frozen):
    """A database instance: its `id`, which people gave, and its `resource`, which Amazon gave."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,62}$")
    resource: str = Field(pattern=r"^db-[A-Z0-9]{1,250}$")


class Options(AwsOptions, Weekly):
    """The database of each service, and how many statements, waits and users of its load are told.

    `url` is for Performance Insights, `events_url` for the events of RDS.
    """

    databases: dict[str, Database] = Field(min_length=1, max_length=200)
    top: int = Field(default=5, ge=1, le=10)
    events_url: BaseUrl | None = None


def create(env: PluginEnv, options: Options) -> ContextSource:
    """Return the source. Raises ConfigError: the secret is no key."""
    return Rds(env, options)


class Rds:
    """The databases of one account and region."""

    finds = frozenset({EvidenceKind.METRIC, EvidenceKind.LOG})

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._options, self._now = options, env.now
        # Only for the name and for evidence: what is sent is signed by `Aws`.
        self._server = Server(env, ServerOptions(url="https://aws.amazon.com"), "rds", "Amazon RDS", headers={})
        self.name = self._server.name
        self._load = Aws(env, options, self.name, host="pi", target="PerformanceInsightsv20180227", json="1.1")
        events = options.model_copy(update={"url": options.events_url})
        self._rds = Aws(env, events, self.name, host="rds")

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return of each service that has a database its load with what it consists of, and its events."""
        services = question.services[: self._options.services]
        named = [(name, self._options.databases[name]) for name in services if name in self._options.databases]
        looks = [look(name, one, question) for name, one in named for look in (self._busy_with, self._happened)]
        return await ask_all(looks)

    async def check(self) -> None:
        """Read a minute's load and five minutes' events of the first database."""
        one, until = next(iter(self._options.databases.values())), self._now()
        await self._points(one, until - timedelta(minutes=1), until, 60)
        await self._told(one, until - _LOOK_AT, until)

    async def _busy_with(self, service: str, one: Database, question: Question) -> list[Evidence]:
        wanted = series.step_s(question, 60)
        period = next((s for s in _PERIODS_S if s >= wanted), _PERIODS_S[-1])

        async def look(asked: Question) -> list[Found]:
            points = await self._points(one, asked.since, asked.until, period)
            return [
                Found(
                    title=f"database load of {service}",
                    points=points,
                    query=f"{_LOAD} of {one.id}",
                    unit="sessions",
                    service=service,
                    labels={"instance": one.id},
                    link=self._link(one),
                )
            ]

        found, parts = await asyncio.gather(
            series.look_up(look, question, week_before=self._options.week_before), self._parts(one, question)
        )
        return [
            item.model_copy(update={"data": {**item.data, "parts": parts}})
            for item in (series.evidence(self._server, question, load) for load in series.liveliest(found, 1))
        ]

    async def _points(self, one: Database, since: datetime, until: datetime, period: int) -> list[series.Point]:
        body = {**_asked(one, since, until), "MetricQueries": [{"Metric": _LOAD}], "PeriodInSeconds": period}
        answer = await self._load.ask("GetResourceMetrics", body, _Metrics)
        return series.finite([(point.at, point.value) for line in answer.metrics for point in line.points])

    async def _parts(self, one: Database, question: Question) -> list[dict[str, Any]]:
        """Return what the load since the trouble began consists of, the largest first by kind."""
        began = min((alert.starts_at for alert in question.alerts), default=question.incident.started_at)
        since = max(question.since, min(began, question.until) - _LOOK_AT)
        by_kind = await asyncio.gather(
            self._keys(one, since, question.until, "db.sql_tokenized", "db.wait_event"),
            self._keys(one, since, question.until, "db.wait_event"),
            self._keys(one, since, question.until, "db.user"),
        )
        return [
            {"by": by, "name": key.name(group), "value": key.total, **({"waits": waits} if waits else {})}
            for (by, group), answer in zip(_KINDS, by_kind, strict=True)
            for key in answer.keys
            if key.name(group)
            for waits in [answer.waits_of(key)]
        ]

    async def _keys(
        self, one: Database, since: datetime, until: datetime, group: str, partition: str | None = None
    ) -> "_Keys":
        body = {
            **_asked(one, since, until),
            "Metric": _LOAD,
            "GroupBy": {"Group": group, "Limit": self._options.top},
            **({"PartitionBy": {"Group": partition, "Limit": self._options.top}} if partition else {}),
        }
        return await self._load.ask("DescribeDimensionKeys", body, _Keys)

    async def _happened(self, service: str, one: Database, question: Question) -> list[Evidence]:
        lines = await self._told(one, question.since, question.until)
        if not lines:
            return []
        data = {
            "lines": [list(line) for line in lines],
            "events": True,
            "truncated": len(lines) >= _EVENTS,
            "service": service,
            "since": question.since.timestamp(),
            "until": question.until.timestamp(),
        }
        return [
            self._server.evidence(
                question,
                EvidenceKind.LOG,
                title=f"Events of {service}'s database",
                summary=f"{len(lines)} events, the newest: {lines[-1][1]}",
                data=data,
                link=self._link(one),
                query=f"events of {one.id}",
            )
        ]

    async def _told(self, one: Database, since: datetime, until: datetime) -> list[tuple[float, str]]:
        window = {"StartTime": f"{since:%Y-%m-%dT%H:%M:%SZ}", "EndTime": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
        form = {"SourceType": "db-instance", "SourceIdentifier": one.id, "MaxRecords": str(_EVENTS), **window}
        root = await self._rds.query("DescribeEvents", _VERSION, form)
        told = [(_time(xml.text(event, "Date")), xml.text(event, "Message")) for event in xml.named(root, "Event")]
        return sorted((at, message) for at, message in told if at is not None and message)

    def _link(self, one: Database) -> str:
        region = self._options.region
        return f"https://{region}.console.aws.amazon.com/rds/home?region={region}#database:id={one.id}"


_KINDS = (("statement", "db.sql_tokenized"), ("wait", "db.wait_event"), ("user", "db.user"))
_NAMES = {"db.sql_tokenized": "statement", "db.wait_event": "name", "db.user": "name"}


class _Point(BaseModel):
    at: float = Field(alias="Timestamp")
    value: float | None = Field(default=None, alias="Value")


class _Line(BaseModel):
    points: list[_Point] = Field(default=[], alias="DataPoints")


class _Metrics(BaseModel):
    metrics: list[_Line] = Field(alias="MetricList")


class _Partition(BaseModel):
    dimensions: dict[str, str] = Field(alias="Dimensions")


class _Key(BaseModel):
    dimensions: dict[str, str] = Field(alias="Dimensions")
    total: float = Field(default=0.0, alias="Total")
    partitions: list[float] = Field(default=[], alias="Partitions")

    def name(self, group: str) -> str:
        """Return what people call it; a statement as one line."""
        return " ".join(self.dimensions.get(f"{group}.{_NAMES[group]}", "").split())


class _Keys(BaseModel):
    keys: list[_Key] = Field(default=[], alias="Keys")
    partitions: list[_Partition] = Field(default=[], alias="PartitionKeys")

    def waits_of(self, key: _Key) -> dict[str, float]:
        """Return what a key waits for, without the waits that it does not know."""
        names = [one.dimensions.get("db.wait_event.name", "") for one in self.partitions]
        return {name: value for name, value in zip(names, key.partitions, strict=False) if name and value > 0}


def _asked(one: Database, since: datetime, until: datetime) -> Mapping[str, Any]:
    window = {"StartTime": int(since.timestamp()), "EndTime": int(until.timestamp())}
    return {"ServiceType": "RDS", "Identifier": one.resource, **window}


def _time(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
