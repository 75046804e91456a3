"""How well alerts become incidents: the real intake and correlation on recorded streams, beside simple baselines.

`python -m evals.correlation`; the measures and the baselines are explained in README.md beside this file.
"""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from evals import streams
from evals.streams import Event, Stream
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.catalog import Catalog
from incident_copilot.jobs.worker import Worker
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline import correlate, receive, resolve
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.ports import Delivery
from incident_copilot.store import alerts, schema
from incident_copilot.store.db import Db

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
GAP_S = 300

Groups = Sequence[Hashable]
"""For each event of a stream the group it was put into."""


class Clock:
    """A clock that says when the last event was received."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


async def copilot(stream: Stream, catalog: Catalog, url: str) -> Groups:
    """Return the incident of each event, as the copilot placed it with its default policy and nobody to help it."""
    await schema.upgrade(url, MIGRATIONS)
    db = Db.open(url)
    clock = Clock(stream.events[0].received)
    runbooks = RunbookIndex.build(Library())
    deps = Deps(db=db, now=clock, workspace_id="eval", chat=None, catalog=catalog, runbooks=runbooks)  # type: ignore[arg-type]
    steps = {Work.CORRELATE: correlate.correlate, Work.QUIET: resolve.end_quiet}
    worker = Worker(db, {kind.value: partial(step, deps) for kind, step in steps.items()}, clock)
    placed: dict[tuple[str, datetime], Hashable] = {}
    groups: list[Hashable] = []
    for event in stream.events:
        clock.at = event.received
        await worker.run_due()
        await receive.receive(deps, "itbench", Delivery(alerts=(event.alert,)), b"{}")
        await worker.run_due()
        groups.append(await _group(db, event.alert, placed))
    await db.close()
    return groups


async def _group(db: Db, alert: Alert, placed: dict[tuple[str, datetime], Hashable]) -> Hashable:
    """Return where the firing that an event speaks of was put; a late word of an earlier firing belongs to that."""
    firing = alert.fingerprint, alert.starts_at
    async with db.read() as tx:
        stored = await alerts.lock(tx, "eval", alert.fingerprint)
    if stored and stored.alert.starts_at == alert.starts_at:
        placed[firing] = stored.incident_id or f"alone {alert.fingerprint}"
    return placed.get(firing, f"alone {alert.fingerprint}")


def gap(stream: Stream, key: Callable[[Event], Hashable]) -> Groups:
    """Return groups by a key, a new one where none of its alerts began for five minutes."""
    groups: dict[int, Hashable] = {}
    last: dict[Hashable, tuple[float, int]] = {}
    for event in sorted(stream.events, key=lambda one: (one.alert.starts_at, one.place)):
        at = event.alert.starts_at.timestamp()
        before, number = last.get(key(event), (0.0, -1))
        last[key(event)] = at, number + 1 if at - before > GAP_S else number
        groups[event.place] = key(event), last[key(event)][1]
    return [groups[event.place] for event in stream.events]


def labels(*names: str) -> Callable[[Event], Hashable]:
    """Return a key made of labels."""
    return lambda event: tuple(event.alert.labels.get(name) for name in names)


BASELINES: dict[str, Callable[[Stream], Groups]] = {
    "every alert by itself": lambda stream: [event.alert.fingerprint for event in stream.events],
    "group_by alertname, cluster": lambda stream: [labels("alertname", "cluster")(event) for event in stream.events],
    "group_by cluster, namespace": lambda stream: [labels("cluster", "namespace")(event) for event in stream.events],
    "cluster, namespace, 300 s gap": partial(gap, key=labels("cluster", "namespace")),
}


class Score:
    """Pairs of events that were put together, that belong together, and both; incidents found and true."""

    def __init__(self) -> None:
        self.both = self.put = self.belong = self.found = self.true = 0

    def add(self, stream: Stream, groups: Groups) -> None:
        """Count a stream. Noise belongs to nothing, and counts where it is put together with anything."""
        truths = [event.truth for event in stream.events]
        kept = [(group, truth) for group, truth in zip(groups, truths, strict=True) if truth]
        self.both += _pairs(Counter(kept))
        self.put += _pairs(Counter(groups))
        # The firing and the end of one noisy alert are no mistake.
        noise = zip(groups, stream.events, strict=True)
        self.put -= _pairs(Counter((group, event.alert.fingerprint) for group, event in noise if not event.truth))
        self.belong += _pairs(Counter(truth for _, truth in kept))
        self.found += len({group for group, _ in kept})
        self.true += len({truth for _, truth in kept})

    @property
    def f1(self) -> float:
        """Of precision and recall over pairs the harmonic mean."""
        return 2 * self.both / (self.put + self.belong)

    @property
    def ratio(self) -> float:
        """Incidents found for each true one."""
        return self.found / self.true


def _pairs(sizes: Counter[Hashable]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def scores(read: Sequence[Stream], found: Sequence[Groups]) -> dict[str, Score]:
    """Return the score of all streams and of each mode."""
    by_mode: dict[str, Score] = defaultdict(Score)
    for stream, groups in zip(read, found, strict=True):
        by_mode["all"].add(stream, groups)
        by_mode[stream.mode].add(stream, groups)
    return by_mode


async def measure(folder: Path, only: Sequence[str] = ()) -> dict[str, dict[str, Score]]:
    """Return the scores of the copilot and of each baseline."""
    read = [stream for stream in streams.read(folder) if not only or stream.name in only]
    catalog = streams.catalog(folder)
    with tempfile.TemporaryDirectory() as scratch:
        found = [await copilot(one, catalog, f"sqlite+aiosqlite:///{scratch}/{one.name}.db") for one in read]
    table = {name: scores(read, [baseline(stream) for stream in read]) for name, baseline in BASELINES.items()}
    return {"incident-copilot": scores(read, found), **table}


def show(table: dict[str, dict[str, Score]]) -> None:
    """Print a table: F1 over pairs for all streams and each mode, and incidents for each true one."""
    modes = list(table["incident-copilot"])
    print(f"{'pairwise F1':<32}", *(f"{mode:>12}" for mode in modes), f"{'incidents':>10}")
    for name, by_mode in table.items():
        print(f"{name:<32}", *(f"{by_mode[mode].f1:>12.3f}" for mode in modes), f"{by_mode['all'].ratio:>10.2f}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=streams.FOLDER, help="where the streams are")
    parser.add_argument("--only", default="", help="names of streams, by comma")
    chosen = parser.parse_args(argv)
    if not chosen.folder.exists():
        print(f"skipped: no shared data at {chosen.folder}")
        return 0
    show(asyncio.run(measure(chosen.folder, [name for name in chosen.only.split(",") if name])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
