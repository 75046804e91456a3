"""A drill: a sandbox workspace and a world in this process, and copilots in processes that may die at any moment."""

import asyncio
import contextlib
import itertools
import json
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx

from chaos.child import Child
from chaos.crossings import Strike
from incident_copilot.demo import files
from incident_copilot.demo.story import shown
from incident_copilot.sandbox import Sandbox
from incident_copilot.sandbox.hooks import Mount
from incident_copilot.sandbox.people.person import Person
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.world import Stage, World, load_scenario
from incident_copilot.sandbox.world.scenario import Scenario
from incident_copilot.slack.manifest import manifest
from incident_copilot.store.db import Db

SPEED = 50
PATIENCE_S = 60.0
AGAIN_S = 0.25
SOURCE_S = 20
"""Sources get long to answer, because many drills share a machine and the story goes by what they say."""
NOWHERE = "http://world.example.net"
QUICK = {
    "COPILOT_SEND_PACE_S": "0.02",
    "COPILOT_READ_BACK_S": "1",
    "COPILOT_VERIFY_EVERY_S": "0.2",
    "COPILOT_BRIEF_DEADLINE_S": "20",
    "COPILOT_PUBLIC_URL": "http://127.0.0.1:8420",
}
Found = TypeVar("Found")


@cache
def quick(name: str = "bad_deploy") -> Scenario:
    """Return a shipped scenario whose alerts fire at once, and which heals and resolves as soon as it is remedied."""
    scenario = load_scenario(name)
    at_once = tuple(
        alert.model_copy(update={"after_s": 0.1 * number, "resolves_after_s": 0.2})
        for number, alert in enumerate(scenario.alerts)
    )
    remedies = tuple(remedy.model_copy(update={"heal_after_s": 0}) for remedy in scenario.remedies)
    series = tuple(
        one.model_copy(update={"healed": one.healed.model_copy(update={"decay_s": 0.05})}) if one.healed else one
        for one in scenario.series
    )
    return scenario.model_copy(update={"alerts": at_once, "remedies": remedies, "series": series})


@dataclass
class Drill:
    """What a drill consists of; made by `drill`."""

    folder: Path
    database_url: str
    sandbox: Sandbox
    world: World
    http: httpx.AsyncClient
    db: Db
    environment: dict[str, str]
    patience_s: float = PATIENCE_S
    copilots: dict[str, Child] = field(default_factory=dict)
    _turn: Any = field(default_factory=itertools.count)

    async def start(self, name: str = "copilot", strike: Strike | None = None) -> bool:
        """Start a copilot; False where it died before it took webhooks."""
        born = self.copilots[name] = Child(self.folder, self.environment, name, strike)
        return await born.ready()

    async def kill(self, name: str) -> None:
        """kill -9 one copilot."""
        await self.copilots[name].kill()

    def pause(self, name: str) -> None:
        """Stop a copilot where it is; it does not know."""
        self.copilots[name].signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a paused copilot go on."""
        self.copilots[name].signal(signal.SIGCONT)

    async def send(self, body: object) -> None:
        """Send a webhook as Alertmanager does: again and again, to any copilot, until it is taken."""
        headers = {"Authorization": f"Bearer {files.SECRET}", "Content-Type": "application/json"}
        content = json.dumps(body).encode()
        async with asyncio.timeout(self.patience_s):
            while True:
                for copilot in self.living():
                    with contextlib.suppress(httpx.HTTPError):
                        answer = await self.http.post(
                            f"{copilot.url}/webhooks/alertmanager", content=content, headers=headers
                        )
                        if answer.is_success:
                            return
                await asyncio.sleep(AGAIN_S)

    def person(self, name: str) -> Person:
        """Return somebody of the workspace."""
        return self.sandbox.person(name)

    def channels(self) -> list[str]:
        """Return the names of all incident channels."""
        names = [channel.name for channel in self.sandbox.workspace.channels.values()]
        return [f"#{name}" for name in names if name.startswith("inc-")]

    def told(self, place: str, words: str) -> list[Message]:
        """Return the messages of a channel that show these words."""
        return [message for message in self.sandbox.messages(place) if words in shown(message)]

    async def until(self, condition: Callable[[], Found]) -> Found:
        """Wait for something that has to happen.

        Raises:
            AssertionError: it did not.
        """
        return await self.sandbox.until(condition, self.patience_s)

    async def sees(self, place: str, words: str) -> Message:
        """Wait for words in a channel and return the newest message that shows them."""
        return (await self.until(lambda: self.told(place, words)))[-1]

    def living(self) -> list[Child]:
        """All copilots, each time beginning with the next one, as a load balancer does."""
        living = [copilot for copilot in self.copilots.values() if copilot.listens]
        first = next(self._turn) % len(living) if living else 0
        return living[first:] + living[:first]


@cache
def _configuration() -> dict[str, str]:
    """The files a copilot needs, read once: the catalogue is merged from all scenarios, which takes a second."""
    with tempfile.TemporaryDirectory() as folder:
        files.write_configuration(Path(folder), NOWHERE)
        texts = {path.name: path.read_text() for path in Path(folder).iterdir()}
    plugins = json.loads(texts["copilot.yaml"])
    for instance in plugins["context_sources"]:
        instance["options"]["deadline_s"] = SOURCE_S
    return {**texts, "copilot.yaml": json.dumps(plugins)}


@contextlib.asynccontextmanager
async def drill(folder: Path, database_url: str, scenario: Scenario | None = None) -> AsyncIterator[Drill]:
    """Set the stage; no copilot runs yet, and at the end those that do are killed."""
    stage = Stage()
    async with (
        Sandbox.running(
            mounts=[Mount("/world", stage)], speed=SPEED, manifest=manifest(), channels=files.CHANNELS
        ) as sandbox,
        httpx.AsyncClient(trust_env=False, timeout=5) as http,
    ):
        base_url = f"{sandbox.page_url}world"
        for name, text in _configuration().items():
            (folder / name).write_text(text.replace(NOWHERE, base_url))
        world = World(scenario or quick(), datetime.now(UTC), base_url=base_url)
        stage.show(world)
        settings = {**files.environment(folder, sandbox, 0), **QUICK, "COPILOT_DATABASE_URL": database_url}
        made = Drill(folder, database_url, sandbox, world, http, Db.open(database_url), settings)
        try:
            yield made
        finally:
            for copilot in made.copilots.values():
                copilot.signal(signal.SIGCONT)
                await copilot.kill()
            await made.db.close()
