"""A storm of 100,000 alerts in 60 s from one cause: what people see of it, and what it costs (B4, B6).

`python benchmarks/storm.py --alerts 10000 --seconds 6 --after 10` is a small one.
"""

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import httpx
import program
import results
from load import Load, Outcome, Requests, finish, start

from incident_copilot.sandbox.ledger import Effect

OTHER = "search"


async def storm(folder: Path, alerts: int, seconds: float, after_s: float) -> list[results.Row]:
    """Run one storm and return what was measured of it."""
    async with program.running(folder) as copilot:
        load = Load(port=copilot.port, alerts=64, connections=8, seconds=0, total=alerts, per_s=alerts / seconds)
        storming = await asyncio.to_thread(start, load)
        sent = asyncio.create_task(asyncio.to_thread(finish, storming))
        await asyncio.sleep(seconds / 2)
        first_message_s = await other_incident(copilot)
        outcome = await sent
        placed_s = await until_placed(folder)
        await asyncio.sleep(max(0.0, after_s - placed_s))
        return _rows(copilot, outcome, first_message_s, placed_s)


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


def _rows(copilot: program.Program, outcome: Outcome, first_message_s: float, placed_s: float) -> list[results.Row]:
    folder = copilot.folder
    others = _about(copilot, OTHER)
    writes = Counter(effect.method for effect in copilot.sandbox.ledger if effect not in others)
    stored = _one(folder, "SELECT count(*) FROM alerts") - 1
    rows = sum(
        _one(folder, f"SELECT count(*) FROM {table}")
        for table in ("alerts", "deliveries", "incident_members", "timeline")
    )
    size = sum(path.stat().st_size for path in folder.glob("copilot.db*")) / 1e6
    return [
        results.Row("alerts accepted", outcome.alerts, f"of answers {outcome.statuses}"),
        results.Row("alerts a second", round(outcome.alerts_per_s), f"p99 of answers {outcome.p99_ms:.0f} ms"),
        results.Row("alerts stored", stored, "aim: all accepted"),
        results.Row("incidents", _one(folder, "SELECT count(*) FROM incidents") - 1, "aim: 1"),
        results.Row("Slack writes for it", sum(writes.values()), f"aim: at most 20; {dict(writes)}"),
        results.Row("alert rows for each alert", round(stored / max(1, outcome.alerts), 2), "aim: at most 1.2"),
        results.Row("rows of all tables for each alert", round(rows / max(1, stored), 2), ""),
        results.Row("database, MB", round(size, 1), ""),
        results.Row("memory, MB", round(copilot.rss_mb()), "aim: at most 300"),
        results.Row("processor, s", round(copilot.cpu_s(), 1), ""),
        results.Row("another incident's first message, s", round(first_message_s, 2), "aim: at most 2"),
        results.Row("all placed after the last alert, s", round(placed_s, 1), ""),
    ]


def main() -> None:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--after", type=float, default=60.0, help="how long Slack is watched after the last alert")
    parser.add_argument("--write", action="store_true", help="append the table to benchmarks/results.md")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(storm(Path(folder), chosen.alerts, chosen.seconds, chosen.after))
    title = f"Storm: {chosen.alerts:,} alerts in {chosen.seconds:g} s from one cause, 64 a request"
    results.show(title, ("what", "measured", "note"), rows, write=chosen.write)


if __name__ == "__main__":
    main()
