"""B3: from an alert to the first message about it in Slack, which answers each call after 50 ms.

Every alert is of a service of its own and opens an incident. Slack's limits are sped up, since Slack itself lets an app
open no more than twenty channels a minute.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from benchmarks import program, results
from benchmarks.load import Load, Requests
from benchmarks.results import Section, Verdict
from incident_copilot.sandbox import Fault, Sandbox

ALERTS = 60
EVERY_S = 1.0
SPEED = 100
ROUND_TRIP_S = 0.05
AIM_MS = 250
PATIENCE_S = 30


async def run(rounds: int, small: bool) -> Section:
    """Fire one alert after the other, and look up when Slack first heard of each."""
    del rounds
    services = [f"svc-{number:03}" for number in range(10 if small else ALERTS)]
    with tempfile.TemporaryDirectory() as folder:
        catalog = {**program.CATALOG, "services": [{"name": name, "team": "shop", "tier": 1} for name in services]}
        pace = str(1 / SPEED)
        async with program.running(Path(folder), catalog=catalog, speed=SPEED, send_pace_s=pace) as copilot:
            copilot.sandbox.faults.take = lambda _: Fault("slow", delay_s=ROUND_TRIP_S)
            sent = await fire(copilot, services)
            await copilot.sandbox.until(lambda: len(dict(first_messages(copilot.sandbox))) == len(sent), PATIENCE_S)
            heard = dict(first_messages(copilot.sandbox))
    took = sorted((heard[name] - at) * 1000 for name, at in sent.items())
    p50, p99 = statistics.median(took), results.p99(took)
    title = f"Alert to first message: one alert every {EVERY_S:g} s, Slack answers after {ROUND_TRIP_S * 1000:.0f} ms"
    rows = [(len(took), f"{took[0]:.0f}", f"{p50:.0f}", f"{p99:.0f}", f"{took[-1]:.0f}")]
    verdict = Verdict("alert to first Slack message, idle, p99", f"{p99:.0f} ms", f"at most {AIM_MS} ms", p99 <= AIM_MS)
    return Section(title, ("incidents", "fastest, ms", "p50, ms", "p99, ms", "slowest, ms"), rows, [verdict])


async def fire(copilot: program.Program, services: Sequence[str]) -> dict[str, float]:
    """Send the alerts; return when each was sent."""
    sent: dict[str, float] = {}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{copilot.port}", trust_env=False) as http:
        for number, name in enumerate(services):
            request = Requests(Load(port=copilot.port, alerts=1, service=name))
            sent[name] = time.time()
            answer = await http.post(request.path, content=request.body(number), headers=request.headers)
            answer.raise_for_status()
            await asyncio.sleep(EVERY_S)
    return sent


def first_messages(sandbox: Sandbox, words: str = "") -> Iterator[tuple[str, float]]:
    """Yield services with the time of the first message to their incident that says `words`, the earliest last."""
    channels = {
        effect.response["channel"]["id"]: str(effect.args["name"])
        for effect in sandbox.ledger
        if effect.method == "conversations.create"
    }
    for effect in reversed(sandbox.ledger):
        if effect.method == "chat.postMessage" and words in str(effect.args):
            said = f"{channels.get(effect.args['channel'], '')} {effect.args}"
            at = said.find("svc-")
            if at >= 0:
                yield said[at : at + len("svc-000")], effect.at
