"""B14: from an alert to its brief in Slack, without a model, while all context sources are as slow as each other."""

import asyncio
import contextlib
import statistics
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from benchmarks import program, results
from benchmarks.first_message import EVERY_S, SPEED, fire, first_messages
from benchmarks.results import Section, Verdict

SLOW: dict[str, float | None] = {"at once": 0.0, "after 2 s": 2.0, "after 10 s": 10.0, "never": None}
ALERTS = 30
AIM_P50_S, AIM_P99_S, PATIENCE_S = 1.0, 5.0, 40
EMPTY = b'{"status": "success", "data": {"resultType": "matrix", "result": []}}'
SAYS = "computed from the evidence"


async def run(rounds: int, small: bool) -> Section:
    """Fire one alert after the other for each slowness, and look up when its brief was there."""
    del rounds
    services = [f"svc-{number:03}" for number in range(5 if small else ALERTS)]
    rows, verdicts = [], []
    for name, delay_s in SLOW.items():
        took = sorted(await measure(services, delay_s))
        p50, p99 = statistics.median(took), results.p99(took)
        rows.append((name, len(took), f"{p50:.2f}", f"{p99:.2f}", f"{took[-1]:.2f}"))
        if delay_s == 0:
            aim = f"at most {AIM_P50_S:g} s"
            verdicts.append(Verdict("brief, sources answer at once, p50", f"{p50:.2f} s", aim, p50 <= AIM_P50_S))
        aim = f"at most {AIM_P99_S:g} s"
        verdicts.append(Verdict(f"brief, sources answer {name}, p99", f"{p99:.2f} s", aim, p99 <= AIM_P99_S))
    title = f"Alert to brief, without a model: one alert every {EVERY_S:g} s, four sources"
    return Section(title, ("sources answer", "briefs", "p50, s", "p99, s", "slowest, s"), rows, verdicts)


async def measure(services: Sequence[str], delay_s: float | None) -> list[float]:
    """Return the seconds until each alert's first brief."""
    catalog = {**program.CATALOG, "services": [{"name": name, "team": "shop", "tier": 1} for name in services]}
    async with _slow(delay_s) as url:
        sources = [_source(plugin, number, url) for plugin in ("prometheus", "loki") for number in range(2)]
        with tempfile.TemporaryDirectory() as folder:
            given = {"catalog": catalog, "context_sources": sources, "speed": SPEED, "send_pace_s": str(1 / SPEED)}
            async with program.running(Path(folder), **given) as copilot:
                sent = await fire(copilot, services)
                sandbox = copilot.sandbox
                await sandbox.until(lambda: len(dict(first_messages(sandbox, SAYS))) == len(sent), PATIENCE_S)
                there = dict(first_messages(sandbox, SAYS))
    return [there[name] - at for name, at in sent.items()]


def _source(plugin: str, number: int, url: str) -> dict[str, object]:
    query = {"title": "load of {service}", "query": 'load{service="{service}"}'}
    options: dict[str, object] = {"url": url, **({"extra_queries": [query]} if plugin == "prometheus" else {})}
    return {"plugin": plugin, "name": f"{plugin}{number}", "options": options}


@contextlib.asynccontextmanager
async def _slow(delay_s: float | None) -> AsyncIterator[str]:
    """Serve what answers every question with nothing, after a while or never; yields its URL."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if delay_s is None:
                await reader.read(-1)
                return
            await asyncio.sleep(delay_s)
            head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
            writer.write(f"{head}content-length: {len(EMPTY)}\r\n\r\n".encode() + EMPTY)
            await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
