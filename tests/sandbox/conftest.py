"""A sandbox, and a small Bolt app that talks to it as any Slack app would."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.sandbox import Sandbox, Timing


@pytest.fixture
async def sandbox():
    async with Sandbox.running(speed=20, timing=Timing(burst=100)) as running:
        yield running


@pytest.fixture
async def client(sandbox):
    client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.base_url, retry_handlers=[])
    yield client
    if client.session is not None:
        await client.session.close()


@pytest.fixture
def app(sandbox):
    """A Bolt app that also hears its own messages."""
    client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.base_url)
    return AsyncApp(client=client, ignoring_self_events_enabled=False)


@pytest.fixture
def connected(sandbox, app):
    """`async with connected():` runs the app in Socket Mode."""

    @asynccontextmanager
    async def running():
        already = sandbox.sockets
        handler = AsyncSocketModeHandler(app, sandbox.app_token)
        await handler.connect_async()
        await sandbox.until(lambda: sandbox.sockets > already)
        try:
            yield handler
        finally:
            await handler.close_async()

    return running


class RawApp:
    """An app made by hand: one WebSocket, every frame kept, acknowledged only where `answers` says so."""

    def __init__(self, socket):
        self.socket = socket
        self.frames = []
        self.answers = {}
        self.silent = set()

    async def listen(self):
        async for message in self.socket:
            frame = json.loads(message.data)
            self.frames.append(frame)
            if "envelope_id" in frame and frame["type"] not in self.silent:
                await self.acknowledge(frame)

    async def acknowledge(self, frame):
        answer = {"envelope_id": frame["envelope_id"]}
        kind = frame["payload"].get("type", "command")
        if kind in self.answers:
            answer["payload"] = self.answers[kind]
        await self.socket.send_json(answer)

    def events(self, *names):
        """The events received, by type or subtype."""
        found = [one["payload"]["event"] for one in self.frames if one["type"] == "events_api"]
        return [one for one in found if not names or one.get("subtype", one["type"]) in names]

    def of(self, kind):
        return [one for one in self.frames if one["type"] == kind]

    @property
    def payloads(self):
        return [one["payload"] for one in self.frames if one["type"] in ("interactive", "slash_commands")]


@pytest.fixture
async def raw_apps():
    """`await raw_apps(sandbox)` connects one more hand-made app."""
    open_now = []
    async with aiohttp.ClientSession() as session:

        async def connect(sandbox):
            headers = {"Authorization": f"Bearer {sandbox.app_token}"}
            async with session.post(f"{sandbox.base_url}apps.connections.open", headers=headers) as response:
                url = (await response.json())["url"]
            already = sandbox.sockets
            app = RawApp(await session.ws_connect(url))
            open_now.append((app, asyncio.ensure_future(app.listen())))
            await sandbox.until(lambda: sandbox.sockets > already or app.of("disconnect"))
            return app

        yield connect
        for app, listening in open_now:
            await app.socket.close()
            await listening


@pytest.fixture
async def raw(sandbox, raw_apps):
    """A hand-made app on the sandbox, with the bot in #general."""
    app = await raw_apps(sandbox)
    await sandbox.person("ana").invite("#general", "incident-copilot")
    await sandbox.until(lambda: app.events("member_joined_channel"))
    app.frames.clear()
    return app


class PlainClient:
    """Calls the Web API and gives the answer as it is, refused or not."""

    def __init__(self, sandbox, session):
        self.sandbox = sandbox
        self.session = session

    async def api_call(self, method, *, json, ok=True):
        headers = {"Authorization": f"Bearer {self.sandbox.bot_token}"}
        async with self.session.post(self.sandbox.base_url + method, json=json, headers=headers) as response:
            self.status, self.headers = response.status, response.headers
            answer = await response.json()
        assert not ok or answer["ok"], answer
        return answer


@pytest.fixture
async def client_of():
    """`client_of(sandbox)` is a client that does not raise."""
    async with aiohttp.ClientSession() as session:
        yield lambda sandbox: PlainClient(sandbox, session)
