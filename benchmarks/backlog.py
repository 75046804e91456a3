"""B10: what placing an alert costs with 10,000 alerts open in 500 incidents, and with 100 open in 5."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.growth import now
from benchmarks.load import Load, Requests
from benchmarks.results import Section, Verdict
from benchmarks.web_only import MIGRATIONS
from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.jobs.worker import Worker
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline import correlate
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.receive import Arrival, receive_all
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.plugins.alert_sources import alertmanager
from incident_copilot.ports import PluginEnv
from incident_copilot.store import schema
from incident_copilot.store.db import Db

PER_INCIDENT = 20
FILLED_AT_ONCE = 25
NEW, AT_ONCE = 1_000, 50
AIM = 1.5


class Size(NamedTuple):
    """How many incidents are open, each with so many alerts."""

    incidents: int

    @property
    def alerts(self) -> int:
        """How many alerts are open."""
        return self.incidents * PER_INCIDENT


async def run(rounds: int, small: bool) -> Section:
    """Measure with few and with many, several times in turns, and compare the medians."""
    sizes = (Size(5), Size(50)) if small else (Size(5), Size(500))
    costs: dict[Size, list[float]] = {size: [] for size in sizes}
    with tempfile.TemporaryDirectory() as folder:
        backlogs = [await Backlog.filled(Path(folder), size) for size in sizes]
        for _ in range(rounds):
            for backlog in backlogs:
                costs[backlog.size].append(await backlog.place())
        for backlog in backlogs:
            await backlog.close()
    medians = [statistics.median(costs[size]) for size in sizes]
    rows = [
        (f"{size.alerts:,}", size.incidents, f"{cost:.0f}", f"{cost / medians[0]:.2f}x")
        for size, cost in zip(sizes, medians, strict=True)
    ]
    ratio = medians[-1] / medians[0]
    what = f"cost of placing an alert with {sizes[-1].alerts:,} open against {sizes[0].alerts:,}"
    return Section(
        f"Backlog: placing {NEW:,} new alerts, {AT_ONCE} at once, by open alerts, SQLite; medians of {rounds}",
        ("open alerts", "open incidents", "placed, CPU µs", "against the first"),
        rows,
        [Verdict(what, f"{ratio:.2f}x", f"at most {AIM}x", ratio <= AIM)],
    )


class Backlog:
    """A database with open incidents, one a service, and what places alerts in it."""

    def __init__(self, db: Db, deps: Deps, size: Size) -> None:
        self.size = size
        self._db, self._deps = db, deps
        self._worker = Worker(db, {Work.CORRELATE: lambda job: correlate.correlate(deps, job)}, now)
        env = PluginEnv(http=None, now=now, secret="x", instance="bench")  # type: ignore[arg-type]
        self._source = alertmanager.create(env, alertmanager.Options())
        self._requests: dict[str, Requests] = {}
        self._next = 0

    @classmethod
    async def filled(cls, folder: Path, size: Size) -> "Backlog":
        """Return one with its incidents open, as alerts opened them."""
        url = f"sqlite+aiosqlite:///{folder / f'{size.incidents}.db'}"
        await schema.upgrade(url, MIGRATIONS)
        names = [f"service-{number}" for number in range(500)]
        catalog = Catalog(
            services=tuple(Service(name=name, tier=1, depends_on=(f"{name}-db",)) for name in names),
        )
        runbooks = RunbookIndex.build(Library())
        db = Db.open(url)
        deps = Deps(db=db, now=now, workspace_id="bench", chat=None, catalog=catalog, runbooks=runbooks)  # type: ignore[arg-type]
        backlog = cls(db, deps, size)
        for first in range(0, size.incidents, FILLED_AT_ONCE):
            await backlog._take(names[first : min(first + FILLED_AT_ONCE, size.incidents)] * PER_INCIDENT)
        await backlog.shown()
        return backlog

    async def place(self) -> float:
        """Place new alerts of five services that are in trouble; return microseconds of processor time for each."""
        spent = 0.0
        for _ in range(0, NEW, AT_ONCE):
            spent += await self._take([f"service-{place % 5}" for place in range(AT_ONCE)])
        return spent / NEW * 1e6

    async def shown(self) -> None:
        """Have all that is to be shown count as shown, as an outbox would."""
        async with self._db.transaction() as tx:
            await tx.exec_driver_sql("UPDATE effects SET state = 'done', attempts = 1")

    async def close(self) -> None:
        """Close the database."""
        await self._db.close()

    async def _take(self, services: list[str]) -> float:
        """Take in an alert of each service and place them; return seconds of processor time for the placing."""
        arrivals = []
        for service in services:
            if service not in self._requests:
                self._requests[service] = Requests(Load(port=0, alerts=1, service=service))
            body = self._requests[service].body(self._next)
            arrivals.append(Arrival("bench", self._source.parse({}, body), body))
            self._next += 1
        await receive_all(self._deps, arrivals)
        began = time.process_time()
        await self._worker.run_due()
        return time.process_time() - began
