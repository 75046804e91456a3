"""The whole program in this process, between a sandbox workspace and a world: what a user's story needs."""

import asyncio
import contextlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import sqlalchemy as sa

from incident_copilot import app
from incident_copilot.demo import files
from incident_copilot.demo.story import shown
from incident_copilot.doctor import examine
from incident_copilot.sandbox import Sandbox
from incident_copilot.sandbox.hooks import Mount
from incident_copilot.sandbox.world import Stage, World, load_scenario
from incident_copilot.settings import Settings
from incident_copilot.slack.manifest import manifest
from incident_copilot.store.db import Db
from quick import TLS, migrated

QUICK = {"send_pace_s": 0.02, "verify_every_s": 0.2, "brief_deadline_s": 20}
SPEED = 50


def quick(name="bad_deploy", **first_alert):
    """A shipped scenario that heals and resolves at once; fields of its only alert by keyword."""
    scenario = load_scenario(name)
    alert = scenario.alerts[0].model_copy(update={"resolves_after_s": 0.2, **first_alert})
    remedies = tuple(remedy.model_copy(update={"heal_after_s": 0}) for remedy in scenario.remedies)
    return scenario.model_copy(update={"alerts": (alert,), "remedies": remedies})


@dataclass
class Whole:
    """A workspace, a world and the copilot."""

    sandbox: Sandbox
    world: World
    folder: object
    http: httpx.AsyncClient
    url: str = ""
    sent: list = field(default_factory=list)

    async def post(self, body, secret=files.SECRET, instance="alertmanager"):
        """Send a webhook, once more while it is not recorded as Alertmanager does, and return the answer."""
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        for _ in range(5):
            answer = await self.http.post(f"{self.url}/webhooks/{instance}", content=content, headers=headers)
            if answer.status_code != 503:
                break
        return answer

    async def fire(self):
        """Send what the world's Alertmanager has to say now."""
        due = self.world.take_webhooks()
        self.sent += [webhook.body for webhook in due]
        return [await self.post(webhook.body) for webhook in due]

    async def fire_resolved(self):
        """Send what comes next, once the world's Alertmanager has something to say."""
        for webhook in await self.sandbox.until(self.world.take_webhooks, 10):
            await self.post(webhook.body)

    async def channel(self, timeout_s=15):
        """The incident's channel, once it is there and holds the card."""
        found = await self.sandbox.until(self.channels, timeout_s)
        await self.sandbox.until(lambda: self.sandbox.messages(found[0]), timeout_s)
        return found[0]

    def channels(self):
        """The names of all incident channels."""
        names = [channel.name for channel in self.sandbox.workspace.channels.values()]
        return [f"#{name}" for name in names if name.startswith("inc-")]

    def told(self, place, words, thread_ts=None):
        """Messages of a channel or thread that show these words."""
        return [message for message in self.sandbox.messages(place, thread_ts) if words in shown(message)]

    async def sees(self, place, words, thread_ts=None, timeout_s=20):
        """Wait for words in a channel or thread; return the newest message that shows them."""
        return (await self.sandbox.until(lambda: self.told(place, words, thread_ts), timeout_s))[-1]

    async def form(self, person):
        """Wait until a form opens for a person."""
        return (await self.sandbox.until(lambda: person.views))[-1]

    def posts(self):
        """The ids of everything the copilot posted, in order."""
        made = [effect for effect in self.sandbox.ledger if effect.method == "chat.postMessage"]
        return [effect.args["metadata"]["event_payload"]["id"] for effect in made]

    async def still(self, quiet_s=0.6):
        """Wait until the copilot has changed nothing in the workspace for a while."""
        count = -1
        while count != len(self.sandbox.ledger):
            count = len(self.sandbox.ledger)
            await asyncio.sleep(quiet_s)

    def open_db(self):
        """The copilot's database."""
        return Db.open(f"sqlite+aiosqlite:///{self.folder / 'copilot.db'}")


@contextlib.asynccontextmanager
async def workspace(folder, scenario=None, **sandbox_options):
    """A sandbox and a world without a copilot; the files it will need are written."""
    stage = Stage()
    options = {"speed": SPEED, "manifest": manifest(), "channels": files.CHANNELS, **sandbox_options}
    async with (
        Sandbox.running(mounts=[Mount("/world", stage)], **options) as sandbox,
        httpx.AsyncClient(verify=TLS) as http,
    ):
        base_url = f"{sandbox.page_url}world"
        files.write_configuration(folder, base_url)
        world = World(scenario or quick(), datetime.now(UTC), base_url=base_url)
        stage.show(world)
        yield Whole(sandbox=sandbox, world=world, folder=folder, http=http)


def settings_for(whole, **changes):
    """The settings of a copilot in Socket Mode that knows only this workspace and this world."""
    given = {
        re.sub("^COPILOT_", "", name).lower(): value
        for name, value in files.environment(whole.folder, whole.sandbox, 0).items()
    }
    return Settings(_env_file=None, **{**given, "public_url": "http://127.0.0.1:8420", **QUICK, **changes})


async def with_tables(settings):
    """Give the settings' database its tables, where it is a file that is not there yet; return the settings."""
    await asyncio.to_thread(_make_tables, sa.make_url(settings.database_url))
    return settings


def _make_tables(url):
    if url.drivername == "sqlite+aiosqlite" and not Path(url.database).exists():
        Path(url.database).write_bytes(migrated())


@contextlib.asynccontextmanager
async def running(whole, settings=None):
    """Run the copilot while entered; it has to end without an error."""
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    settings = await with_tables(settings or settings_for(whole))
    serving = asyncio.create_task(app.serve(settings, stop, port.set_result, examine))
    await asyncio.wait([serving, port], return_when=asyncio.FIRST_COMPLETED)
    try:
        if port.done():
            whole.url = f"http://127.0.0.1:{await port}"
            yield whole
    finally:
        stop.set()
        await serving


@contextlib.asynccontextmanager
async def copilot(folder, scenario=None, outages=None, sandbox_options=None, **settings):
    """Workspace, world and copilot, connected; nothing has fired yet. Whatever Slack would refuse fails the test."""
    async with workspace(folder, scenario, **(sandbox_options or {})) as whole:
        whole.world.outages |= outages or {}
        async with running(whole, settings_for(whole, **settings)):
            await whole.sandbox.until(lambda: whole.sandbox.sockets)
            yield whole
        whole.sandbox.assert_conformant()
