"""The bench that abuse is tried on."""

import httpx
import pytest
from starlette.routing import Route

from environment import own_environment
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline.deps import Deps
from incident_copilot.plugins.alert_sources import alertmanager
from incident_copilot.ports import PluginEnv
from incident_copilot.sandbox import Sandbox
from incident_copilot.sandbox.state.workspace import ChannelSpec
from incident_copilot.slack import http_edge
from incident_copilot.slack.app import build, listening
from incident_copilot.slack.calls import connected
from incident_copilot.slack.manifest import manifest
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.web.server import application

from .bench import CATALOG, SECRET, Bench, now, people

__all__ = ["own_environment"]
CHANNELS = (ChannelSpec("general", has_bot=True), ChannelSpec("incidents", has_bot=True))


def _quick(bolt, deps):
    """Slack's edge again, with little patience."""
    return Route("/slack/quick", http_edge.endpoint(bolt, "x", deps, slowest_body_s=0.1), methods=["POST"])


@pytest.fixture
async def bench(db):
    """The bot over HTTP, asked without a network; its clicks come to /slack/events."""
    async with (
        Sandbox.running(manifest=manifest(), speed=20, people=people(), channels=CHANNELS) as sandbox,
        connected(sandbox.bot_token, sandbox.base_url) as client,
    ):
        workspace = SlackWorkspace(client)
        deps = Deps(
            db=db,
            now=now,
            workspace_id="w",
            chat=workspace,
            catalog=CATALOG,
            runbooks=RunbookIndex.build(Library()),
        )
        bolt = build(deps, client, workspace.identity)
        env = PluginEnv(http=None, now=now, secret=SECRET, instance="prod")
        site = application(
            deps,
            {"prod": alertmanager.create(env, alertmanager.Options())},
            page_token="token-of-the-pages",
            local_only=False,
            more=[*http_edge.routes(bolt, f"retired-secret, {sandbox.signing_secret}", deps), _quick(bolt, deps)],
        )
        transport = httpx.ASGITransport(site, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
            yield Bench(sandbox, deps, workspace, bolt, http)


@pytest.fixture
async def live(bench):
    """The same bot, hearing what people do in the sandbox."""
    async with listening(bench.bolt, bench.sandbox.app_token):
        await bench.sandbox.until(lambda: bench.sandbox.sockets)
        yield bench
        bench.sandbox.assert_conformant()
