"""Sandbox, world and copilot together, with somebody who delivers the world's alerts as Alertmanager does."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx

from incident_copilot.demo import files
from incident_copilot.demo.bot import Bot
from incident_copilot.sandbox.hooks import Mount, SandboxHooks
from incident_copilot.sandbox.sandbox import Sandbox
from incident_copilot.sandbox.wire import Json
from incident_copilot.sandbox.world import Stage as WorldStage
from incident_copilot.sandbox.world import Webhook, World, load_scenario, scenario_names
from incident_copilot.slack.manifest import manifest

LOOK_EVERY_S = 0.2
REPEAT_S = 0.6


class Stage:
    """Everything of one demo; made by `on_stage`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandbox: Sandbox
        self.bot: Bot
        self.world: World
        self.worlds = WorldStage()
        self.sent_at: list[datetime] = []

    @property
    def webhook_url(self) -> str:
        """Where alerts go."""
        return f"{self.bot.url}/webhooks/alertmanager"

    async def play(self, name: str) -> None:
        """Put another world on stage; its alert fires now."""
        base_url = f"{self.sandbox.page_url}world"
        self.world = World(load_scenario(name), datetime.now(UTC), base_url=base_url)
        self.worlds.show(self.world)

    async def deliver_alerts(self) -> None:
        """Send the world's alerts as they fire and resolve, again and again until each is taken."""
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            while True:
                for webhook in self.world.take_webhooks() if hasattr(self, "world") else []:
                    self.sent_at.append(datetime.now(UTC))
                    await self._send(http, webhook)
                await asyncio.sleep(LOOK_EVERY_S)

    async def _send(self, http: httpx.AsyncClient, webhook: Webhook) -> None:
        headers = {**webhook.headers, "Authorization": f"Bearer {files.SECRET}"}
        while True:
            try:
                answer = await http.post(self.webhook_url, content=json.dumps(webhook.body), headers=headers)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 500:
                return
            await asyncio.sleep(REPEAT_S)


@contextlib.asynccontextmanager
async def on_stage(folder: Path, port: int) -> AsyncIterator[Stage]:
    """Start sandbox and copilot in `folder`; nothing has fired yet.

    Raises:
        CopilotError: the copilot did not come up.
    """
    stage = Stage(folder.resolve())
    bot_port = files.free_port()
    async with Sandbox.running(
        port=port, manifest=manifest(None), channels=files.CHANNELS, hooks=_hooks(stage), mounts=_mounts(stage)
    ) as sandbox:
        stage.sandbox = sandbox
        files.write_configuration(stage.folder, f"{sandbox.page_url}world")
        environment = files.environment(stage.folder, sandbox, bot_port)
        stage.bot = Bot(stage.folder, environment, f"http://127.0.0.1:{bot_port}")
        delivering = asyncio.create_task(stage.deliver_alerts())
        try:
            await stage.bot.start()
            yield stage
        finally:
            delivering.cancel()
            await stage.bot.stop()


def _mounts(stage: Stage) -> list[Mount]:
    return [Mount("/world", stage.worlds)]


def _hooks(stage: Stage) -> SandboxHooks:
    return SandboxHooks(
        kill_bot=lambda: stage.bot.kill(),
        bot_status=lambda: stage.bot.status(),
        start_scenario=stage.play,
        scenarios=_scenarios,
        links=lambda: _links(stage),
    )


def _scenarios() -> list[Json]:
    found = [load_scenario(name) for name in scenario_names()]
    return [{"name": one.name, "title": one.title, "description": one.description} for one in found]


def _links(stage: Stage) -> list[Json]:
    base = f"{stage.sandbox.page_url}world"
    return [{"label": "Metrics of the world", "url": f"{base}/prometheus/graph"}]
