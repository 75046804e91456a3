"""B17: a look of the monitors at an AI system with 12,000 figures, without and with what is kept of its baseline.

Without: a process that has looked at nothing yet, as right after a restart. With: the looks after it, a second apart;
what was told since the window began is read anew each time.
"""

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.results import Section, Verdict
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.monitoring import Monitored, MonitoredSystem
from incident_copilot.domain.observation import Figure, Snapshot
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.monitors_file import monitors_of
from incident_copilot.pipeline import monitor
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import observations, schema
from incident_copilot.store.db import Db

MIGRATIONS = Path(__file__).parents[1] / "migrations"
METRICS, HOURS = 36, 336
AIM = 3.0
"""A look beside what is kept takes at the most one third."""
NOON = datetime(2026, 11, 28, 12, 1, tzinfo=UTC)


async def run(rounds: int, small: bool) -> Section:
    """Look anew, and again, in turns; processor time counts, as other work may keep the processor busy."""
    hours = 48 if small else HOURS
    with tempfile.TemporaryDirectory() as folder:
        db = await _filled(Path(folder), hours)
        anew, again = [], []
        for _ in range(1 if small else rounds):
            deps = _deps(db)
            anew.append(await _look(deps))
            again += [await _look(deps) for _ in range(3)]
        await db.close()
    first, later = (statistics.median(some) for some in (anew, again))
    rows = [("anew", f"{first:.0f}", len(anew)), ("with what is kept", f"{later:.0f}", len(again))]
    ratio = first / later
    verdict = Verdict("a look again", f"{ratio:.1f}x quicker", f"at least {AIM:g}x", ratio >= AIM)
    return Section(f"{METRICS * hours:,} figures of one system", ("look", "CPU, ms (median)", "looks"), rows, [verdict])


async def _look(deps: Deps) -> float:
    """Return the milliseconds of processor time that a look takes."""
    began = time.process_time()
    await monitor.look_at(deps, deps.monitored.systems[0], deps.monitors["bot"])
    return (time.process_time() - began) * 1000


def _deps(db: Db) -> Deps:
    watched = Monitored(systems=(MonitoredSystem(name="bot"),))
    seconds = itertools.count()
    return Deps(
        db=db,
        now=lambda: NOON + timedelta(seconds=next(seconds)),
        workspace_id="w",
        chat=None,  # type: ignore[arg-type]
        catalog=Catalog(),
        runbooks=RunbookIndex.build(Library()),
        monitored=watched,
        monitors=monitors_of(watched),
    )


async def _filled(folder: Path, hours: int) -> Db:
    url = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
    await schema.upgrade(url, MIGRATIONS)
    db = Db.open(url)
    random = np.random.default_rng(5)
    for hour in range(hours):
        at = NOON - timedelta(hours=hour, minutes=30)
        told = Snapshot(system="bot", id=f"{hour}", at=at, figures=tuple(_figures(random)), labels={"version": "7"})
        async with db.transaction() as tx:
            await observations.add_all(tx, "w", [told])
    return db


def _figures(random: np.random.Generator) -> Iterator[Figure]:
    """Yield the figures of an hour, of all kinds that monitors look at."""
    made: tuple[tuple[str, int, Callable[[str], Figure]], ...] = (
        ("quality.share", 8, lambda name: Figure(metric=name, successes=int(random.binomial(100, 0.95)), n=100)),
        ("quality.score", 6, lambda name: Figure(metric=name, value=0.8, n=100, squares=64.0 + random.random())),
        ("interactions.kind", 6, lambda name: Figure(metric=name, successes=int(random.binomial(100, 0.02)), n=100)),
        ("data.missing.field", 6, lambda name: Figure(metric=name, successes=int(random.binomial(100, 0.01)), n=100)),
        ("feature.kind", 6, lambda name: Figure(metric=name, counts={"a": 60, "b": 30, "c": 10}, n=100)),
        ("cost.tokens_", 2, lambda name: Figure(metric=name, value=float(random.lognormal(8, 0.1)))),
        ("performance.requests", 2, lambda name: Figure(metric=name, value=float(random.poisson(100)))),
    )
    for name, count, figure in made:
        yield from (figure(f"{name}{number}") for number in range(count))
