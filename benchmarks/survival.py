"""B2: alerts that were acknowledged before kill -9 and are not there after it, on SQLite and on PostgreSQL.

The whole copilot runs. It is killed a random moment after its 300th answer of a round, with requests under way, and
goes on with the same database in the next round. It is the process that is killed and not the machine.
"""

import asyncio
import contextlib
import random
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import sqlalchemy as sa
from chaos import postgres
from chaos.drill import Drill, drill

from benchmarks.load import Load, Requests
from benchmarks.results import Section, Verdict
from incident_copilot.demo import files
from incident_copilot.store.tables import alerts

KILLS = 50
ACKED = 300
CONNECTIONS = 8
LATEST_S = 0.2
SEED = 1


async def run(rounds: int, small: bool) -> Section:
    """Kill it again and again on each database, then count."""
    del rounds
    kills, rows, lost_of_all, acked_of_all = 2 if small else KILLS, [], 0, 0
    for kind in ("SQLite", "PostgreSQL"):
        async with database(kind) as (folder, url), drill(folder, url) as stage:
            lost, acked = await survive(stage, kills)
        rows.append((kind, kills, f"{acked:,}", lost))
        lost_of_all, acked_of_all = lost_of_all + lost, acked_of_all + acked
    measured = f"{lost_of_all} of {acked_of_all:,}"
    verdict = Verdict(f"lost after {kills} kills on each database", measured, "0 of 15,000", lost_of_all == 0)
    columns = ("database", "kill -9", "acknowledged", "lost")
    return Section("Alerts that survive kill -9", columns, rows, [verdict])


@contextlib.asynccontextmanager
async def database(kind: str) -> AsyncIterator[tuple[Path, str]]:
    """Make an empty one; yields a folder to run in and its URL."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        if kind == "SQLite":
            yield folder, f"sqlite+aiosqlite:///{folder / 'copilot.db'}"
        else:
            yield folder, await stack.enter_context(postgres.running()).database()


async def survive(stage: Drill, kills: int) -> tuple[int, int]:
    """Return how many alerts are missing of how many that were acknowledged."""
    chance = random.Random(SEED)
    requests = Requests(Load(port=0, alerts=1, secret=files.SECRET, path="/webhooks/alertmanager"))
    acked: set[int] = set()
    for number in range(kills):
        if not await stage.start():
            raise SystemExit(f"the copilot did not start: see the logs in {stage.folder}")
        port = stage.copilots["copilot"].port
        enough, before = asyncio.Event(), len(acked)
        sending = [
            asyncio.create_task(_send(port, requests, range((number * 100 + sender) * 10_000, 10**9), acked))
            for sender in range(CONNECTIONS)
        ]
        watching = asyncio.create_task(_watch(acked, before + ACKED, enough))
        await asyncio.wait_for(enough.wait(), 120)
        await asyncio.sleep(chance.random() * LATEST_S)
        await stage.kill("copilot")
        await asyncio.gather(*sending, watching)
    async with stage.db.read() as view:
        stored = set((await view.execute(sa.select(alerts.c.fingerprint))).scalars())
    return sum(requests.fingerprint(number) not in stored for number in acked), len(acked)


async def _send(port: int, requests: Requests, numbers: range, acked: set[int]) -> None:
    """Post one alert after the other until nobody answers any more, and note the numbers that a 2xx promised."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.IncompleteReadError):
        for number in numbers:
            writer.write(requests.request(number))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            if head[9:10] == b"2":
                acked.add(number)


async def _watch(acked: set[int], wanted: int, enough: asyncio.Event) -> None:
    while len(acked) < wanted:
        await asyncio.sleep(0.005)
    enough.set()
