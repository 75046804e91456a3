"""B7: delivery while every fifth call goes wrong: effects over channels, of which none may be lost or come twice.

The sandbox's limits, its read-back lag and our own waits are all sped up a hundred times. Peers post the same messages
with slack_sdk as it comes.
"""

import asyncio
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.results import Section, Verdict
from incident_copilot.domain.base import new_id
from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, Show
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.jobs.dispatch import Couriers
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.sandbox import ChannelSpec, Fault, Sandbox, Timing
from incident_copilot.slack import calls
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store import effects, incidents, open_effects, schema
from incident_copilot.store.db import Db

EFFECTS, CHANNELS = 10_000, 100
SEED = 1
SPEED = 100
LAG_S = 2.0 / SPEED
SHARE = 0.2
KINDS = ("ratelimited", "error", "error_after", "drop", "drop_reply")
MIGRATIONS = Path(__file__).parents[1] / "migrations"


class Came(NamedTuple):
    """What came of it: messages that never arrived, copies too many, seconds, faults met."""

    lost: int
    duplicated: int
    seconds: float
    faults: int


class Unlucky:
    """Hands out faults to a share of the posts."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.met = 0

    def take(self, method: str) -> Fault | None:
        """Return the fault of this call."""
        if method != "chat.postMessage" or self.chance.random() >= SHARE:
            return None
        self.met += 1
        return Fault(self.chance.choice(KINDS), status=self.chance.choice((500, 503)))


async def run(rounds: int, small: bool) -> Section:
    """Deliver the same through the outbox and through slack_sdk; the seed gives both the same luck."""
    del rounds
    count, channels = (500, 20) if small else (EFFECTS, CHANNELS)
    every: list[Any] = [
        AsyncConnectionErrorRetryHandler(max_retry_count=2),
        AsyncRateLimitErrorRetryHandler(max_retry_count=2),
        AsyncServerErrorRetryHandler(max_retry_count=2),
    ]
    mine = await ours(count, channels, SEED)
    came = {
        "incident-copilot, 2 outboxes": mine,
        "slack_sdk, default": await slack_sdk(count, channels, SEED, None),
        "slack_sdk, all its retry handlers": await slack_sdk(count, channels, SEED, every),
    }
    rows = [(who, c.lost, c.duplicated, c.faults, f"{c.seconds:.0f}") for who, c in came.items()]
    title = f"Delivery under {SHARE:.0%} faults: {count:,} effects over {channels} channels, limits {SPEED}x as fast"
    return Section(
        title,
        ("who", "lost", "duplicated", "faults met", "seconds"),
        rows,
        [
            Verdict(f"{count:,} effects under faults: lost", str(mine.lost), "0", mine.lost == 0),
            Verdict(f"{count:,} effects under faults: duplicated", str(mine.duplicated), "0", mine.duplicated == 0),
        ],
    )


async def ours(count: int, channels: int, seed: int) -> Came:
    """Send through the outbox, with two replicas on one database."""
    calls.ANSWERED_S = 5.0 / SPEED
    async with sandbox(channels) as running, calls.connected(running.bot_token, running.base_url) as client:
        luck = Unlucky(seed)
        running.faults.take = luck.take
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite+aiosqlite:///{folder}/copilot.db"
            await schema.upgrade(url, MIGRATIONS)
            db = Db.open(url)
            await fill(db, running, count, channels)
            outboxes = [
                Outbox(
                    db,
                    Couriers(SlackWorkspace(client)),
                    now,
                    places={},
                    pace_s=1 / SPEED,
                    settle_s=60 / SPEED,
                    max_sends=50,
                )
                for _ in range(2)
            ]
            started = time.monotonic()
            sending = [asyncio.create_task(outbox.run()) for outbox in outboxes]
            while await left(db):
                await asyncio.sleep(0.2)
            seconds = time.monotonic() - started
            await asyncio.gather(*(outbox.stop() for outbox in outboxes))
            await asyncio.gather(*sending)
            await db.close()
        return judge(running, count, seconds, luck.met)


async def slack_sdk(count: int, channels: int, seed: int, handlers: list[object] | None) -> Came:
    """Post with slack_sdk: its default handlers, or all that it has; one caller a channel, in order."""
    async with sandbox(channels) as running:
        luck = Unlucky(seed)
        running.faults.take = luck.take
        given = {} if handlers is None else {"retry_handlers": handlers}
        client = AsyncWebClient(token=running.bot_token, base_url=running.base_url, timeout=2, **given)
        started = time.monotonic()

        async def post(channel: int) -> None:
            for number in range(channel, count, channels):
                marked = {"event_type": "copilot_effect", "event_payload": {"id": str(number)}}
                try:
                    await client.chat_postMessage(channel=f"room-{channel}", text=str(number), metadata=marked)
                except (SlackApiError, OSError, TimeoutError):
                    continue  # as a caller without an outbox does: it logs, and the message is gone
                except Exception as error:  # aiohttp has errors of its own, which the SDK lets through
                    if "aiohttp" not in type(error).__module__:
                        raise
                await asyncio.sleep(1 / SPEED)

        await asyncio.gather(*(post(channel) for channel in range(channels)))
        return judge(running, count, time.monotonic() - started, luck.met)


def sandbox(channels: int):  # noqa: ANN201 -- an async context manager of Sandbox
    """Return a sandbox with rooms; the burst is what Slack has."""
    rooms = [ChannelSpec(f"room-{number}") for number in range(channels)]
    timing = Timing(read_lag_s=LAG_S)
    return Sandbox.running(channels=rooms, speed=SPEED, timing=timing)


async def fill(db: Db, running: Sandbox, count: int, channels: int) -> None:
    """Put `count` messages into the outbox, in order in each of the rooms."""
    put_at = now()
    async with db.transaction() as tx:
        rooms = [
            await incidents.open_new(tx, incident(number, running.channel(f"room-{number}").id))
            for number in range(channels)
        ]
        for number in range(count):
            room = rooms[number % channels]
            deed = Show(place=Place.INCIDENT, slot=f"notice:{number}", content=Notice(text=str(number)))
            await effects.enqueue(tx, workspace_id="w", incident_id=room.id, stream=room.id, deed=deed, now=put_at)


def incident(number: int, channel: str) -> Incident:
    """Return an incident that lives in a channel."""
    at = now()
    return Incident(
        id=new_id(at),
        workspace_id="w",
        number=0,
        title=f"room {number}",
        severity=Severity.P1,
        status=Status.OPEN,
        correlation_key=f"{number}",
        started_at=at,
        opened_at=at,
        channel_id=channel,
    )


async def left(db: Db) -> int:
    """Return how many effects are not settled."""
    async with db.read() as view:
        return await open_effects.open_count(view, "w")


def judge(running: Sandbox, count: int, seconds: float, faults: int) -> Came:
    """Compare what people see with what was asked for."""
    posts = [one for one in running.ledger if one.method == "chat.postMessage"]
    seen = Counter(one.args["metadata"]["event_payload"]["id"] for one in posts)
    return Came(
        lost=count - len(seen),
        duplicated=sum(seen.values()) - len(seen),
        seconds=seconds,
        faults=faults,
    )


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
