"""B8: restart with a full outbox: how long until webhooks are taken, and until the first effect is sent.

Times begin with the start of the process, so Python's own are in them.
"""

import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks import program
from benchmarks.results import Section, Verdict
from benchmarks.web_only import MIGRATIONS
from incident_copilot.demo import files
from incident_copilot.domain.base import new_id
from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Effect, Place, Show, class_of
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.sandbox import Sandbox
from incident_copilot.slack.manifest import manifest
from incident_copilot.store import incidents, jobs, schema
from incident_copilot.store.db import Db
from incident_copilot.store.tables import effects

PENDING, ROOMS = 10_000, 50
AIM_S = 3
MOMENT, HOURS = timedelta(), timedelta(hours=3)


async def run(rounds: int, small: bool) -> Section:
    """Restart at once after kill -9, and hours after it; medians."""
    pending, rows, verdicts = 500 if small else PENDING, [], []
    for name, away in (("at once", MOMENT), ("after three hours", HOURS)):
        found = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                found.append(await once(Path(folder), pending, away))
        ready_s, first_s, posts = (statistics.median(values) for values in zip(*found, strict=True))
        rows.append((name, f"{ready_s:.2f}", f"{first_s:.2f}", int(posts)))
        what = f"ready after kill -9 with {pending:,} pending effects, started again {name}"
        verdicts.append(Verdict(what, f"{ready_s:.2f} s", f"at most {AIM_S} s", ready_s <= AIM_S))
    columns = ("started again", "ready, s", "first message, s", "messages in the next 3 s")
    return Section(f"Restart with {pending:,} pending effects; medians of {rounds}", columns, rows, verdicts)


async def once(folder: Path, pending: int, away: timedelta) -> tuple[float, float, int]:
    """Return seconds until ready, seconds until the first message, and how many messages there are after three more."""
    async with Sandbox.running(manifest=manifest(), channels=files.CHANNELS) as sandbox:
        program.configure(folder)
        environment = program.environment(folder, sandbox, files.free_port())
        await fill(environment["COPILOT_DATABASE_URL"], sandbox, pending, away)
        if not away:
            async with program.process(folder, environment) as killed:
                await sandbox.until(lambda: _posts(sandbox), 60)
                killed.kill()
        before = _posts(sandbox)
        started = time.monotonic()
        async with program.process(folder, environment):
            ready_s = time.monotonic() - started
            await sandbox.until(lambda: _posts(sandbox) > before, 60)
            first_s = time.monotonic() - started
            await asyncio.sleep(3)
            posts = _posts(sandbox) - before
    return ready_s, first_s, posts


def _posts(sandbox: Sandbox) -> int:
    return sum(effect.method == "chat.postMessage" for effect in sandbox.ledger)


async def fill(url: str, sandbox: Sandbox, pending: int, age: timedelta) -> None:
    """Leave effects and jobs as a process does that was killed a while ago."""
    at = datetime.now(UTC) - age
    await schema.upgrade(url, MIGRATIONS)
    db = Db.open(url)
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
