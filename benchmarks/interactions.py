"""B16: 10,000 interactions a minute with AI systems, beside alerts: how much longer an alert's answer takes.

Alerts come at a steady pace, without and with interactions, which come in batches of 100 from a process of their own.
The copilot redacts, stores and scores them; the eighth part has a fault, and each five hundredth alerts at once.
"""

import asyncio
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks import program
from benchmarks.load import SECRET, Load, finish, start
from benchmarks.results import Section, Verdict

PER_MINUTE, BATCH = 10_000, 100
ALERTS_PER_S = 50
SECONDS = 60
AIM, SLACK_MS = 2.0, 25.0
"""An alert's median may take so many times as long, and its 99th percentile so much longer."""
SCORED_WITHIN_S = 60.0
PASSAGE = "Refunds are paid within 14 days after the return has arrived. Ask for one in your account under Orders. " * 3


class Measured(NamedTuple):
    """How long alerts took, and what came of the interactions."""

    alerts: int
    p50_ms: float
    p99_ms: float
    refused: int
    scored: int
    late_s: float
    cpu_s: float


async def run(rounds: int, small: bool) -> Section:
    """Measure without and with interactions, in turns."""
    seconds = 6 if small else SECONDS
    found: dict[bool, list[Measured]] = {False: [], True: []}
    for _ in range(1 if small else max(1, rounds // 2)):
        for busy in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                found[busy].append(await measure(Path(folder), seconds, busy=busy))
    rows = [_row(busy, some) for busy, some in found.items()]
    alone, beside = (statistics.median(one.p50_ms for one in found[busy]) for busy in (False, True))
    slow, slower = (statistics.median(one.p99_ms for one in found[busy]) for busy in (False, True))
    ratio, more = beside / alone, slower - slow
    lost = sum(_sent(seconds) - one.scored for one in found[True])
    late = max(one.late_s for one in found[True])
    verdicts = [
        Verdict("an alert's answer beside interactions: median", f"{ratio:.2f}x", f"at most {AIM:g}x", ratio <= AIM),
        Verdict("the same: 99th percentile", f"{more:+.0f} ms", f"at most +{SLACK_MS:g} ms", more <= SLACK_MS),
        Verdict("interactions lost", str(lost), "0", lost == 0),
        Verdict(
            "scored after the last was sent", f"{late:.0f} s", f"at most {SCORED_WITHIN_S:g} s", late <= SCORED_WITHIN_S
        ),
    ]
    title = (
        f"{PER_MINUTE:,} interactions a minute, {BATCH} a request, beside {ALERTS_PER_S} alerts a second, {seconds} s"
    )
    columns = ("beside", "alerts", "p50, ms", "p99, ms", "refused", "interactions scored", "CPU, s")
    return Section(title, columns, rows, verdicts)


async def measure(folder: Path, seconds: int, *, busy: bool) -> Measured:
    """Run a fresh copilot under alerts, and interactions where it is to be busy."""
    async with program.running(folder, systems=("bot",)) as running:
        sender = _sender(running.port, seconds) if busy else None
        load = start(Load(port=running.port, alerts=1, connections=8, seconds=seconds, per_s=ALERTS_PER_S))
        outcome = await asyncio.to_thread(finish, load)
        if sender:
            await asyncio.to_thread(sender.wait)
        began = time.monotonic()
        scored = await _until_scored(folder, _sent(seconds) if busy else 0)
        refused = sum(count for status, count in outcome.statuses.items() if not status.startswith("2"))
        late_s, cpu_s = time.monotonic() - began, running.cpu_s()
        return Measured(outcome.alerts, outcome.p50_ms, outcome.p99_ms, refused, scored, late_s, cpu_s)


def _row(busy: bool, found: list[Measured]) -> tuple[object, ...]:
    median, p99 = (
        f"{statistics.median(times):.1f}" for times in zip(*((o.p50_ms, o.p99_ms) for o in found), strict=True)
    )
    refused, scored = sum(one.refused for one in found), sum(one.scored for one in found)
    cpu = statistics.median(one.cpu_s for one in found)
    return (
        "interactions" if busy else "nothing",
        sum(one.alerts for one in found),
        median,
        p99,
        refused,
        f"{scored:,}",
        f"{cpu:.1f}",
    )


def _sent(seconds: int) -> int:
    return PER_MINUTE * seconds // 60 // BATCH * BATCH


async def _until_scored(folder: Path, wanted: int) -> int:
    """Wait until so many are scored, or too long."""
    until = time.monotonic() + SCORED_WITHIN_S
    while (scored := _scored(folder)) < wanted and time.monotonic() < until:
        await asyncio.sleep(0.25)
    return scored


def _scored(folder: Path) -> int:
    [file] = folder.rglob("*.db")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM interactions").fetchone()[0])


def _sender(port: int, seconds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.interactions", str(port), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def send(port: int, seconds: int) -> None:
    """Post batches at an even pace; what is not taken is sent again."""
    pause, batches = 60 * BATCH / PER_MINUTE, _sent(seconds) // BATCH
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {SECRET}"}) as client:
        began = time.monotonic()
        for number in range(batches):
            time.sleep(max(0.0, began + number * pause - time.monotonic()))
            # As every sender should: what was not recorded is sent again.
            while client.post("/monitoring/bot/interactions", content=_batch(number * BATCH), timeout=30).is_error:
                time.sleep(1)


def _batch(first: int) -> bytes:
    return json.dumps(
        {"id": f"b{first}", "interactions": [_one(number) for number in range(first, first + BATCH)]}
    ).encode()


def _one(number: int) -> dict[str, object]:
    answer = "Refunds are paid within 14 days after the return has arrived."
    if number % 8 == 0:
        answer = "I'm sorry, but I cannot help with that."
    if number % 500 == 0:
        answer = f"Write to ann.{number}@example.org, she had the same."
    return {
        "id": f"req-{number}",
        "request": f"How long does a refund of order {number} take? I am user{number}@example.org and wait for weeks.",
        "response": answer,
        "retrieved": [{"id": "refunds", "text": PASSAGE}, {"id": "returns", "text": PASSAGE}],
        "cited": ["refunds"],
        "user": f"c{number % 997}",
        "labels": {"model": "m-large", "version": "7", "prompt": "support-4"},
        "groups": {"language": "en" if number % 3 else "de"},
        "latency_ms": 600 + number % 700,
        "cost_usd": 0.002,
        "input_tokens": 900,
        "output_tokens": 60,
    }


if __name__ == "__main__":
    send(int(sys.argv[1]), int(sys.argv[2]))
