"""B14: from an alert to its brief in Slack, without a model, while all context sources are as slow as each other.

Every alert is of a service of its own and opens an incident. Who does not answer until the brief is due (3 s) is named
in it as a gap.
"""

import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from benchmarks import program, results
from benchmarks.load import Load, Requests
from benchmarks.results import Section, Verdict

INCIDENTS, FEW = 20, 3
EVERY_S = 1.0
SPEED = 100
NEVER_S = 3600.0
DELAYS_S = {"at once": 0.0, "after 2 s": 2.0, "after 10 s": 10.0, "never": NEVER_S}
P50_S, P99_S = 1.0, 5.0
PATIENCE_S = 40
EMPTY = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": []}}).encode()


async def run(rounds: int, small: bool) -> Section:
    """Fire alerts beside sources of each speed; look up when Slack first heard of each brief."""
    del rounds
    took = {name: await _took(delay_s, FEW if small else INCIDENTS) for name, delay_s in DELAYS_S.items()}
    rows = [
        (name, len(times), f"{statistics.median(times):.2f}", f"{results.p99(times):.2f}", f"{times[-1]:.2f}")
        for name, times in took.items()
    ]
    p50 = statistics.median(took["at once"])
    p99 = max(results.p99(times) for times in took.values())
    verdicts = [
        Verdict("alert to brief, sources answer, p50", f"{p50:.2f} s", f"at most {P50_S:g} s", p50 <= P50_S),
        Verdict("alert to brief, all sources slow, p99", f"{p99:.2f} s", f"at most {P99_S:g} s", p99 <= P99_S),
    ]
    title = f"Alert to brief, no model: one alert every {EVERY_S:g} s, Prometheus and Loki equally slow"
    return Section(title, ("sources answer", "incidents", "p50, s", "p99, s", "slowest, s"), rows, verdicts)


async def _took(delay_s: float, incidents: int) -> list[float]:
    services = [f"svc-{number:03}" for number in range(incidents)]
    catalog = {**program.CATALOG, "services": [{"name": name, "team": "shop", "tier": 1} for name in services]}
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = await stack.enter_async_context(_answering(delay_s))
        sources = [
            {"plugin": "prometheus", "options": {"url": url}},
            {"plugin": "loki", "options": {"url": url, "query": '{service="{service}"}'}},
        ]
        pace = str(1 / SPEED)
        copilot = await stack.enter_async_context(
            program.running(folder, catalog=catalog, speed=SPEED, context_sources=sources, send_pace_s=pace)
        )
        sent = await _fire(copilot.port, services)
        await copilot.sandbox.until(lambda: len(_briefs(copilot)) == len(sent), PATIENCE_S)
        return sorted(at - sent[name] for name, at in _briefs(copilot).items())


@contextlib.asynccontextmanager
async def _answering(delay_s: float) -> AsyncIterator[str]:
    """Stand for every source: answer any question with nothing, after a while."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Who never answers is cut off at the end.
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(delay_s)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(EMPTY)}\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n".encode() + EMPTY)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _fire(port: int, services: list[str]) -> dict[str, float]:
    sent: dict[str, float] = {}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        for number, name in enumerate(services):
            request = Requests(Load(port=port, alerts=1, service=name))
            sent[name] = time.time()
            answer = await http.post(request.path, content=request.body(number), headers=request.headers)
            answer.raise_for_status()
            await asyncio.sleep(EVERY_S)
    return sent


def _briefs(copilot: program.Program) -> dict[str, float]:
    """Return when the first brief about each service was posted."""
    found: dict[str, float] = {}
    for effect in copilot.sandbox.ledger:
        said = str(effect.args)
        at = said.find("svc-")
        if effect.method == "chat.postMessage" and "'brief'" in said.replace('"', "'") and at >= 0:
            found.setdefault(said[at : at + len("svc-000")], effect.at)
    return found
