"""A world with a clock that tests turn, and a client that speaks HTTP to it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import cache

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from incident_copilot.sandbox.world import Stage, World, load_scenario

ALERT_AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
BASE_URL = "http://127.0.0.1:8500/world"


# Reading the YAML takes longer than most tests; a scenario is frozen, so tests may share it.
loaded = cache(load_scenario)


class RunningWorld:
    """One world, its clock in seconds after the alert, and a client below its base URL."""

    def __init__(self, name: str) -> None:
        self.elapsed_s = 30.0
        self.world = World(loaded(name), ALERT_AT, self.now, BASE_URL)
        stage = Stage()
        stage.show(self.world)
        app = Starlette(routes=[Mount("/world", app=stage)])
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE_URL)

    def now(self) -> datetime:
        return ALERT_AT + timedelta(seconds=self.elapsed_s)

    async def get(self, path: str, **params: object) -> httpx.Response:
        return await self.client.get(path, params=params)

    async def dispatch(self, repo: str, workflow: str, **inputs: str) -> httpx.Response:
        return await self.client.post(
            f"/github/repos/{repo}/actions/workflows/{workflow}/dispatches",
            json={"ref": "main", "inputs": inputs},
            headers={"Authorization": "Bearer sandbox"},
        )


@pytest.fixture
async def bad_deploy() -> AsyncIterator[RunningWorld]:
    running = RunningWorld("bad_deploy")
    async with running.client:
        yield running


@pytest.fixture
async def provider_outage() -> AsyncIterator[RunningWorld]:
    running = RunningWorld("llm_provider_outage")
    async with running.client:
        yield running
