"""B6: clicks under load: how long until Slack's button is acknowledged while a storm runs and model calls hang.

The copilot is a process of its own; its model takes every request and answers none.
"""

import asyncio
import contextlib
import statistics
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks import results
from benchmarks.load import Load, start
from benchmarks.program import running
from benchmarks.results import Section, Verdict
from incident_copilot.sandbox.people.person import Ack

HUNG = 10
CLICKS, PER_S = 400, 20
STORM_PER_S = 100_000 / 60
AIM_MS = 500


async def run(rounds: int, small: bool) -> Section:
    """Click without and with a storm."""
    del rounds
    clicks, rows, verdicts = 40 if small else CLICKS, [], []
    for name, storm in (("idle", 0.0), ("storm", STORM_PER_S)):
        async with hung_model() as url:
            with tempfile.TemporaryDirectory() as folder:
                took = await measure(Path(folder), url, clicks, storm)
        times = sorted(ack.seconds * 1000 for ack in took)
        unacked, p99 = sum(not ack.ok for ack in took), results.p99(times)
        rows.append((name, clicks, unacked, f"{statistics.median(times):.0f}", f"{p99:.0f}", f"{times[-1]:.0f}"))
        what = f"clicks with {HUNG} hung model calls, {name}"
        verdicts.append(Verdict(f"{what}: ack p99", f"{p99:.0f} ms", f"at most {AIM_MS} ms", p99 <= AIM_MS))
        verdicts.append(Verdict(f"{what}: not acknowledged", str(unacked), "0", unacked == 0))
    title = f"Clicks, {PER_S} a second, with {HUNG} hung model calls; storm: {STORM_PER_S:,.0f} alerts a second"
    columns = ("load", "clicks", "not acknowledged", "p50, ms", "p99, ms", "slowest, ms")
    return Section(title, columns, rows, verdicts)


async def measure(folder: Path, model: str, clicks: int, storm: float) -> list[Ack]:
    """Click at a steady pace and return what Slack got for each click."""
    async with running(folder, llm_base_url=model, llm_model="hung", llm_deadline_s="120") as program:
        sandbox = program.sandbox
        await asyncio.to_thread(lambda: start(Load(port=program.port, alerts=1, total=HUNG, seconds=5)).wait())
        [card, *_] = await sandbox.until(lambda: sandbox.messages("#incidents"), 20)
        with_buttons = card.blocks
        seconds = clicks / PER_S
        load = start(Load(port=program.port, per_s=storm, seconds=seconds, first=1_000)) if storm else None
        ben = sandbox.person("ben")
        clicking = []
        for _ in range(clicks):
            card.blocks = with_buttons  # as somebody sees it whose client is behind
            clicking.append(asyncio.create_task(ben.click(card, "acknowledge")))
            await asyncio.sleep(1 / PER_S)
        acks = await asyncio.gather(*clicking)
        if load:
            await asyncio.to_thread(load.wait)
    return acks


@contextlib.asynccontextmanager
async def hung_model() -> AsyncIterator[str]:
    """Serve a model that takes every request and answers none; yields its URL."""

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            await reader.read(-1)

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
