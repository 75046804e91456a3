"""Restart with a full outbox: how long until webhooks are taken, and until the first effect is sent.

`python benchmarks/restart.py [--pending 10000] [--write]`
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import results
import sqlalchemy as sa

from incident_copilot import app
from incident_copilot.demo import files
from incident_copilot.domain.base import new_id
from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Effect, Place, Show, class_of
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.sandbox import Sandbox
from incident_copilot.settings import Settings
from incident_copilot.slack.manifest import manifest
from incident_copilot.store import incidents, jobs, schema
from incident_copilot.store.db import Db
from incident_copilot.store.tables import effects

ROUNDS = 3
ROOMS = 50


async def once(folder: Path, pending: int, age: timedelta) -> tuple[float, float, int]:
    """Return seconds until ready, seconds until the first message, and how many messages there are after three more."""
    async with Sandbox.running(manifest=manifest(), channels=files.CHANNELS) as sandbox:
        files.write_configuration(folder, f"{sandbox.page_url}world")
        given = files.environment(folder, sandbox, 0)
        os.environ |= given  # plugins find their secrets there
        settings = Settings(
            _env_file=None, **{name.removeprefix("COPILOT_").lower(): value for name, value in given.items()}
        )
        await fill(settings, sandbox, pending, age)
        stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
        started = time.monotonic()
        serving = asyncio.create_task(app.serve(settings, stop, ready.set_result))
        await asyncio.wait([serving, ready], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
        ready_s = time.monotonic() - started
        await sandbox.until(lambda: [one for one in sandbox.ledger if one.method == "chat.postMessage"], 60)
        first_s = time.monotonic() - started
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(serving), 3)
        posts = len([one for one in sandbox.ledger if one.method == "chat.postMessage"])
        stop.set()
        await serving
    return ready_s, first_s, posts


async def fill(settings: Settings, sandbox: Sandbox, pending: int, age: timedelta) -> None:
    """Leave effects and jobs as a process does that was killed a while ago."""
    at = datetime.now(UTC) - age
    await schema.upgrade(settings.database_url, settings.migrations_dir)
    db = Db.open(settings.database_url)
    general = sandbox.channel("#incidents").id
    async with db.transaction() as tx:
        rooms = [await incidents.open_new(tx, incident(number, general, at)) for number in range(ROOMS)]
        await tx.execute(
            sa.insert(effects), [waiting(number, rooms[number % ROOMS].id, at) for number in range(pending)]
        )
        for number in range(pending // 10):
            later = at + timedelta(days=1)
            key = f"expire:{number}"
            await jobs.enqueue(tx, workspace_id="default", kind="expire", key=key, lane=key, run_at=later)
    await db.close()


def waiting(number: int, incident_id: str, at: datetime) -> dict[str, object]:
    """Return the row of an effect that was never sent; one by one they would take a minute."""
    slot = f"notice:{number}"
    deed = Show(place=Place.INCIDENT, slot=slot, content=Notice(text=f"line {number}"))
    effect = Effect(
        id=new_id(at),
        workspace_id="default",
        incident_id=incident_id,
        stream=f"incident:{incident_id}",
        seq=number + 1,
        deed=deed,
        effect_class=class_of(deed),
        run_at=at,
        created_at=at,
    )
    row = {**effect.model_dump(), "deed": deed.model_dump(mode="json"), "needs": [], "asked": False}
    return row | {"slot": slot, "place": Place.INCIDENT.value, "sends": 0}


def incident(number: int, channel: str, at: datetime) -> Incident:
    """Return an incident that lives in a channel."""
    return Incident(
        id=new_id(at),
        workspace_id="default",
        number=0,
        title=f"incident {number}",
        severity=Severity.P2,
        status=Status.OPEN,
        correlation_key=f"{number}",
        started_at=at,
        opened_at=at,
        channel_id=channel,
    )


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pending", type=int, default=10_000)
    parser.add_argument("--write", action="store_true", help="append to results.md")
    asked = parser.parse_args()
    rows = []
    for name, age in (("a minute", timedelta(minutes=1)), ("three hours", timedelta(hours=3))):
        rounds = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                rounds.append(await once(Path(folder), asked.pending, age))
        ready, first, posts = (statistics.median(values) for values in zip(*rounds, strict=True))
        rows.append((f"after {name}", f"{ready:.2f}", f"{first:.2f}", int(posts)))
    columns = ("restart", "ready, s", "first message, s", "messages in the next 3 s")
    results.show(f"Restart with {asked.pending} pending effects", columns, rows, write=asked.write)


if __name__ == "__main__":
    asyncio.run(main())
