"""B5: what an alert costs with 10,000 and with 1,000,000 stored ones: processor time to take it in and to place it."""

import json
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.load import Load, Requests
from benchmarks.results import Section, Verdict
from benchmarks.web_only import MIGRATIONS
from incident_copilot.domain.catalog import Catalog
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

SIZES = (10_000, 1_000_000)
BATCH, ROUNDS = 512, 9
AIM = 1.3
FILLING = 20_000
NEW = 0x70000000


def now() -> datetime:
    """Return the aware time, in UTC."""
    return datetime.now(UTC)


async def run(rounds: int, small: bool) -> Section:
    """Measure each size, and compare with the first."""
    sizes = (1_000, 20_000) if small else SIZES
    rows, costs = [], []
    with tempfile.TemporaryDirectory() as folder:
        for stored in sizes:
            taken, placed = await measure(Path(folder), stored, max(rounds, ROUNDS))
            costs.append(taken + placed)
            rows.append((f"{stored:,}", f"{taken:.0f}", f"{placed:.0f}", f"{costs[-1] / costs[0]:.2f}x"))
    ratio = costs[-1] / costs[0]
    what = f"cost of an alert with {sizes[-1]:,} stored against {sizes[0]:,}"
    title = f"Growth: what an alert costs by stored alerts, SQLite; medians of {max(rounds, ROUNDS)} batches of {BATCH}"
    columns = ("stored alerts", "taken in, CPU µs", "placed, CPU µs", "against the first")
    return Section(title, columns, rows, [Verdict(what, f"{ratio:.2f}x", f"at most {AIM}x", ratio <= AIM)])


async def measure(folder: Path, stored: int, rounds: int) -> tuple[float, float]:
    """Return microseconds of processor time for each alert: to take it in, and to place it."""
    url = f"sqlite+aiosqlite:///{folder / f'{stored}.db'}"
    await schema.upgrade(url, MIGRATIONS)
    db = Db.open(url)
    runbooks = RunbookIndex.build(Library())
    deps = Deps(db=db, now=now, workspace_id="bench", chat=None, catalog=Catalog(), runbooks=runbooks)  # type: ignore[arg-type]
    await _fill(db, stored)
    worker = Worker(db, {Work.CORRELATE: lambda job: correlate.correlate(deps, job)}, now)
    env = PluginEnv(http=None, now=now, secret="x", instance="bench")  # type: ignore[arg-type]
    source, requests = alertmanager.create(env, alertmanager.Options()), Requests(Load(port=0))
    taken, placed = [], []
    for round_ in range(rounds):
        bodies = [requests.body(NEW + round_ * BATCH + first) for first in range(0, BATCH, 64)]
        began = time.process_time()
        await receive_all(deps, [Arrival("bench", source.parse({}, body), body) for body in bodies])
        between = time.process_time()
        await worker.run_due()
        taken.append((between - began) / BATCH * 1e6)
        placed.append((time.process_time() - between) / BATCH * 1e6)
    await db.close()
    return statistics.median(taken), statistics.median(placed)


async def _fill(db: Db, stored: int) -> None:
    """Store alerts as a past of many services left them: placed, and of no running incident."""
    alert = {
        "source": "bench",
        "name": "Old",
        "status": "resolved",
        "labels": {"alertname": "Old", "padding": "x" * 600},
        "starts_at": "2026-01-01T00:00:00Z",
    }
    statement = (
        "INSERT INTO alerts (workspace_id, fingerprint, alert, status, starts_at, first_seen, last_seen, times_seen, "
        "waiting) VALUES ('bench', ?, ?, 'resolved', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', "
        "'2026-01-01 00:00:00.000000', 1, 0)"
    )
    for first in range(0, stored, FILLING):
        names = [f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}" for number in range(first, min(first + FILLING, stored))]
        rows = [(name, json.dumps({**alert, "fingerprint": name})) for name in names]
        async with db.transaction() as tx:
            await tx.exec_driver_sql(statement, rows)
