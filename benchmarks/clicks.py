"""Clicks under load: how long until Slack's button is acknowledged while a storm runs and model calls hang.

`python benchmarks/clicks.py [--clicks 200] [--write]`. The copilot is a process of its own; its model never answers.
"""

import argparse
import asyncio
import contextlib
import statistics
import tempfile
from pathlib import Path

import results
from load import Load, start
from program import running

HUNG = 10


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=200)
    parser.add_argument("--per-s", type=float, default=20)
    parser.add_argument("--storm-per-s", type=float, default=2_000)
    parser.add_argument("--write", action="store_true", help="append to results.md")
    asked = parser.parse_args()
    rows = []
    for name, storm in (("idle", 0.0), ("storm", asked.storm_per_s)):
        async with hung_model() as url:
            with tempfile.TemporaryDirectory() as folder:
                rows.append((name, *await measure(Path(folder), url, asked.clicks, asked.per_s, storm)))
    columns = ("load", "clicks", "unacked", "p50, ms", "p99, ms", "slowest, ms")
    results.show(f"Clicks with {HUNG} hung model calls", columns, rows, write=asked.write)


async def measure(folder: Path, model: str, clicks: int, per_s: float, storm: float) -> tuple[object, ...]:
    """Click at a steady pace and return count, unacked, median, p99 and slowest."""
    async with running(folder, llm_base_url=model, llm_model="hung", llm_deadline_s="120") as program:
        sandbox = program.sandbox
        await asyncio.to_thread(lambda: start(Load(port=program.port, alerts=1, total=HUNG, seconds=5)).wait())
        [card, *_] = await sandbox.until(lambda: sandbox.messages("#incidents"), 20)
        with_buttons = card.blocks
        seconds = clicks / per_s
        load = start(Load(port=program.port, per_s=storm, seconds=seconds, first=1_000)) if storm else None
        ben = sandbox.person("ben")
        clicking = []
        for _ in range(clicks):
            card.blocks = with_buttons  # as somebody sees it whose client is behind
            clicking.append(asyncio.create_task(ben.click(card, "acknowledge")))
            await asyncio.sleep(1 / per_s)
        acks = await asyncio.gather(*clicking)
        if load:
            await asyncio.to_thread(load.wait)
    took = sorted(ack.seconds * 1000 for ack in acks)
    p99 = statistics.quantiles(took, n=100)[98]
    unacked = sum(not ack.ok for ack in acks)
    return clicks, unacked, f"{statistics.median(took):.0f}", f"{p99:.0f}", f"{took[-1]:.0f}"


@contextlib.asynccontextmanager
async def hung_model():  # noqa: ANN201 -- yields the URL
    """Serve a model that takes every request and answers none."""

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            await reader.read(-1)

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


if __name__ == "__main__":
    asyncio.run(main())
