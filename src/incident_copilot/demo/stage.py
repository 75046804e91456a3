"""Sandbox, world and copilot together, with somebody who delivers the world's alerts as Alertmanager does."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx

from incident_copilot.demo import files
from incident_copilot.demo.bot import Bot
from incident_copilot.sandbox.hooks import Mount, SandboxHooks
from incident_copilot.sandbox.sandbox import Sandbox
from incident_copilot.sandbox.wire import Json
from incident_copilot.sandbox.world import Dispatch, Webhook, World, load_scenario, scenario_names
from incident_copilot.sandbox.world import Stage as WorldStage
from incident_copilot.slack.manifest import manifest

LOOK_EVERY_S = 0.2
REPEAT_S = 0.6


class Stage:
    """Everything of one demo; made by `on_stage`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.sandbox: Sandbox
        self.bot = Bot(self.folder, files.free_port())
        self.worlds = WorldStage()
        self.sent_at: list[datetime] = []

    @property
    def webhook_url(self) -> str:
        """Where alerts go."""
        return f"{self.bot.url}/webhooks/alertmanager"

    @property
    def dispatches(self) -> list[Dispatch]:
        """Workflow runs that were started in the world on stage."""
        return self.worlds.world.dispatches if self.worlds.world else []

    async def play(self, scenario: str | Path) -> None:
        """Put another world on stage; its alert fires now."""
        base_url = f"{self.sandbox.page_url}world"
        self.worlds.show(World(load_scenario(scenario), datetime.now(UTC), base_url=base_url))

    async def deliver_alerts(self) -> None:
        """Send the world's alerts as they fire and resolve, again and again until each is taken."""
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            while True:
                for webhook in self.worlds.world.take_webhooks() if self.worlds.world else []:
                    self.sent_at.append(datetime.now(UTC))
                    await self._send(http, webhook)
                await asyncio.sleep(LOOK_EVERY_S)

    async def _send(self, http: httpx.AsyncClient, webhook: Webhook) -> None:
        headers = {**webhook.headers, "Authorization": f"Bearer {files.SECRET}"}
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await http.post(self.webhook_url, content=json.dumps(webhook.body), headers=headers)
                if not answer.is_server_error:
                    return
            await asyncio.sleep(REPEAT_S)


@contextlib.asynccontextmanager
async def on_stage(folder: Path, port: int = 0, settings: Mapping[str, str] | None = None) -> AsyncIterator[Stage]:
    """Start sandbox and copilot in `folder`; nothing has fired yet.

    The page takes another port where `port` is taken; `settings` are further variables for the copilot.

    Raises:
        CopilotError: the copilot did not come up.
    """
    stage = Stage(folder)
    async with Sandbox.running(
        port=files.port_or_free(port),
        manifest=manifest(None),
        channels=files.CHANNELS,
        hooks=_hooks(stage),
        mounts=_mounts(stage),
    ) as sandbox:
        stage.sandbox = sandbox
        files.write_configuration(stage.folder, f"{sandbox.page_url}world")
        environment = files.environment(stage.folder, sandbox, stage.bot.port) | dict(settings or {})
        delivering = asyncio.create_task(stage.deliver_alerts())
        try:
            await stage.bot.start(environment)
            yield stage
        finally:
            delivering.cancel()
            await asyncio.wait([delivering])
            await stage.bot.stop()


def _mounts(stage: Stage) -> list[Mount]:
    return [Mount("/world", stage.worlds)]


def _hooks(stage: Stage) -> SandboxHooks:
    return SandboxHooks(
        kill_bot=stage.bot.kill,
        bot_status=stage.bot.status,
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
