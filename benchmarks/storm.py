"""B4: storms of 100,000 alerts in 60 s, from one cause and from three: what people see of them, and what they cost."""

import asyncio
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks import program
from benchmarks.load import Load, Outcome, Requests, finish, start
from benchmarks.results import Section, Verdict
from incident_copilot.sandbox.ledger import Effect

OTHER = "search"
CAUSES = {
    "postgres": ("orders", "cart", "checkout"),
    "kafka": ("billing", "mail", "ledger"),
    "auth": ("login", "sso", "profile"),
}
"""Three services that do not depend on each other, and those that depend on each; the last one through the first."""
TABLES = ("alerts", "deliveries", "incident_members", "timeline")


class Size(NamedTuple):
    """How many alerts in how long, and how long Slack is watched after the last one."""

    alerts: int = 100_000
    seconds: float = 60.0
    after_s: float = 60.0


async def run(rounds: int, small: bool) -> Section:
    """Run one storm after the other; each takes two minutes."""
    del rounds
    size = Size(10_000, 6, 10) if small else Size()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as three:
        section, more = await storm(Path(one), size), await three_causes(Path(three), size)
        rows, verdicts = [*section.rows, *more.rows], [*section.verdicts, *more.verdicts]
        return section._replace(title=f"{section.title}; and from three", rows=rows, verdicts=verdicts)


async def storm(folder: Path, size: Size) -> Section:
    """Run a storm and return what was measured of it."""
    async with program.running(folder) as copilot:
        pace = size.alerts / size.seconds
        load = Load(port=copilot.port, alerts=64, connections=8, seconds=0, total=size.alerts, per_s=pace)
        storming = await asyncio.to_thread(start, load)
        sent = asyncio.create_task(asyncio.to_thread(finish, storming))
        await asyncio.sleep(size.seconds / 2)
        first_message_s = await other_incident(copilot)
        outcome = await sent
        placed_s = await until_placed(folder)
        await asyncio.sleep(max(0.0, size.after_s - placed_s))
        return _section(copilot, size, outcome, first_message_s, placed_s)


async def three_causes(folder: Path, size: Size) -> Section:
    """Run a storm of the services of three causes, in turns, and return what was measured of it."""
    named = [name for cause, names in CAUSES.items() for name in (cause, *names)]
    services = [
        {"name": name, "tier": 1, "depends_on": [names[0] if name == names[2] else cause] * (name != cause)}
        for cause, names in CAUSES.items()
        for name in (cause, *names)
    ]
    async with program.running(folder, catalog={"services": services}) as copilot:
        pace = size.alerts / size.seconds
        load = Load(port=copilot.port, connections=8, seconds=0, total=size.alerts, per_s=pace, service=",".join(named))
        outcome = await asyncio.to_thread(lambda: finish(start(load)))
        placed_s = await until_placed(folder)
        await asyncio.sleep(max(0.0, size.after_s - placed_s))
        return _of_three(copilot, outcome, placed_s)


def _of_three(copilot: program.Program, outcome: Outcome, placed_s: float) -> Section:
    folder, writes = copilot.folder, Counter(effect.method for effect in copilot.sandbox.ledger)
    lost = outcome.alerts - _one(folder, "SELECT count(*) FROM alerts")
    opened = _one(folder, "SELECT count(*) FROM incidents")
    running = _one(folder, "SELECT count(*) FROM incidents WHERE ended_at IS NULL")
    shown = [str(effect.args) for effect in copilot.sandbox.ledger if effect.method.startswith("chat.")]
    named = [cause for cause in CAUSES if any("Comes from: " in text and f"{cause}: " in text for text in shown)]
    rows = [
        ("three causes: alerts accepted", f"{outcome.alerts:,}", f"{outcome.alerts_per_s:,.0f} a second; lost {lost}"),
        ("three causes: incidents", running, f"{opened} opened, some of them merged" if opened > running else ""),
        ("three causes: named on the cards", ", ".join(named), ""),
        ("three causes: Slack writes", writes.total(), ""),
        ("three causes: memory, largest", f"{copilot.rss_mb():.0f} MB", f"processor {copilot.cpu_s():.0f} s"),
        ("three causes: all placed after the last alert", f"{placed_s:.1f} s", ""),
    ]
    return Section(
        "",
        (),
        rows,
        [
            Verdict("storm of three causes: acknowledged alerts lost", str(lost), "0", lost == 0),
            Verdict("storm of three causes: incidents", str(running), "3", running == 3),
            Verdict("storm of three causes: causes named", str(len(named)), "3", len(named) == 3),
        ],
    )


async def other_incident(copilot: program.Program) -> float:
    """Fire one alert of another service; return the seconds until its first message is in Slack."""
    request = Requests(Load(port=copilot.port, alerts=1, service=OTHER))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{copilot.port}") as http:
        began = time.perf_counter()
        answer = await http.post(request.path, content=request.body(900_000_000), headers=request.headers)
        answer.raise_for_status()
        while not any(effect.method == "chat.postMessage" for effect in _about(copilot, OTHER)):
            await asyncio.sleep(0.005)
    return time.perf_counter() - began


def _about(copilot: program.Program, service: str) -> list[Effect]:
    """Writes to the channel of a service's incident, its creation, and those that name the service."""
    made = [effect for effect in copilot.sandbox.ledger if f"{service}" in str(effect.args)]
    channels = {effect.response["channel"]["id"] for effect in made if effect.method == "conversations.create"}
    return [
        effect
        for effect in copilot.sandbox.ledger
        if effect in made or {effect.args.get("channel"), effect.args.get("channel_id")} & channels
    ]


async def until_placed(folder: Path) -> float:
    """Wait until no alert waits to be correlated; return the seconds."""
    began = time.perf_counter()
    while _one(folder, "SELECT count(*) FROM alerts WHERE waiting"):
        await asyncio.sleep(0.2)
    return time.perf_counter() - began


def _one(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(folder / "copilot.db")) as db:
        return int(db.execute(query).fetchone()[0])


def _section(
    copilot: program.Program, size: Size, outcome: Outcome, first_message_s: float, placed_s: float
) -> Section:
    folder = copilot.folder
    others = _about(copilot, OTHER)
    writes = Counter(effect.method for effect in copilot.sandbox.ledger if effect not in others)
    kinds = ", ".join(f"{count} {method}" for method, count in writes.most_common())
    stored = _one(folder, "SELECT count(*) FROM alerts") - 1
    incidents = _one(folder, "SELECT count(*) FROM incidents") - 1
    lost, rows_each, rss_mb = outcome.alerts - stored, stored / max(1, outcome.alerts), copilot.rss_mb()
    kept = sum(_one(folder, f"SELECT count(*) FROM {table}") for table in TABLES)
    file_mb = sum(path.stat().st_size for path in folder.glob("copilot.db*")) / 1e6
    rows = [
        ("alerts accepted", f"{outcome.alerts:,}", f"{outcome.alerts_per_s:,.0f} a second; answers {outcome.statuses}"),
        ("alerts accepted and not stored", lost, ""),
        ("answers, p99", f"{outcome.p99_ms:.0f} ms", "the load goes on at its pace where answers are late"),
        ("incidents", incidents, ""),
        ("Slack writes for it", writes.total(), kinds),
        ("alert rows for each distinct alert", f"{rows_each:.2f}", f"{kept / max(1, stored):.2f} of all tables"),
        ("memory, largest", f"{rss_mb:.0f} MB", f"database {file_mb:.0f} MB, processor {copilot.cpu_s():.0f} s"),
        ("first message of another incident", f"{first_message_s:.2f} s", "half-way through the storm"),
        ("all placed after the last alert", f"{placed_s:.1f} s", ""),
    ]
    title = f"Storm: {size.alerts:,} alerts in {size.seconds:g} s from one cause, 64 a request"
    return Section(
        title,
        ("what", "measured", "more"),
        rows,
        [
            Verdict("storm: acknowledged alerts lost", str(lost), "0", lost == 0),
            Verdict("storm: incidents", str(incidents), "1", incidents == 1),
            Verdict("storm: Slack writes for it", str(writes.total()), "at most 20", writes.total() <= 20),
            Verdict("storm: alert rows for each distinct alert", f"{rows_each:.2f}", "at most 1.2", rows_each <= 1.2),
            Verdict("storm: memory", f"{rss_mb:.0f} MB", "at most 300 MB", rss_mb <= 300),
            Verdict(
                "storm: another incident's first message",
                f"{first_message_s:.2f} s",
                "at most 2 s",
                first_message_s <= 2,
            ),
        ],
    )
