"""A sandbox workspace, the bot's client to it, and effects to deliver."""

import itertools
import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_copilot import CATALOG, Copilot
from slack_samples import INCIDENT_ID, NOON

from incident_copilot.domain.effect import Effect, class_of
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline.deps import Deps
from incident_copilot.sandbox import Sandbox
from incident_copilot.slack.app import build, listening
from incident_copilot.slack.calls import connected
from incident_copilot.slack.manifest import manifest
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store.tables import deliveries


@pytest.fixture
async def sandbox():
    """A workspace that knows the app's manifest; whatever Slack would refuse fails the test."""
    async with Sandbox.running(manifest=manifest(), speed=20) as running:
        yield running
        running.assert_conformant()


@pytest.fixture
async def client(sandbox):
    """The bot's client, with a short deadline."""
    async with connected(sandbox.bot_token, sandbox.base_url) as opened:
        opened.timeout = 1
        yield opened


@pytest.fixture
def workspace(client):
    """The workspace under test."""
    return SlackWorkspace(client)


@pytest.fixture
def effect():
    """Makes an effect of a deed, each with its own id."""
    numbers = itertools.count(1)

    def make(deed):
        return Effect(
            id=f"{next(numbers):032x}",
            workspace_id="w",
            incident_id=INCIDENT_ID,
            stream="s",
            seq=1,
            deed=deed,
            effect_class=class_of(deed),
            run_at=NOON,
            created_at=datetime.now(UTC),
        )

    return make


@pytest.fixture
async def odd_slack():
    """Serves answers that the sandbox never gives: method to (status, headers, body)."""
    answers = {}

    async def answer(request):
        status, headers, body = answers[request.path.removeprefix("/api/")]
        return web.Response(status=status, headers=headers, text=body)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    async with TestServer(app) as server:
        answers["base_url"] = str(server.make_url("/api/"))
        yield answers


@pytest.fixture
def llm():
    """No language model, unless a module has another fixture of this name."""
    return


@pytest.fixture
def more():
    """What else the bot works with, by field of `Deps`; tests override it."""
    return {}


@pytest.fixture
async def copilot(sandbox, db, client, workspace, llm, more):
    """The whole bot in Socket Mode, without the workers: nothing is sent unless a test sends it."""
    deps = Deps(
        db=db,
        now=lambda: datetime.now(UTC),
        workspace_id="w",
        chat=workspace,
        runbooks=RunbookIndex.build(Library()),
        llm=llm,
        **({"catalog": CATALOG} | more),
    )
    app = build(deps, client, workspace.identity)
    async with listening(app, sandbox.app_token):
        await sandbox.until(lambda: sandbox.sockets)
        yield Copilot(sandbox, deps, workspace, app)


@pytest.fixture
def events(sandbox, sqlite_url):
    """Waits until so many events are stored, and returns them, oldest first."""
    engine = sa.create_engine(sqlite_url.replace("+aiosqlite", ""))
    rows = sa.select(deliveries.c.body).where(deliveries.c.source == "slack")

    def stored():
        with engine.connect() as db:
            bodies = db.execute(rows.order_by(deliveries.c.received_at, deliveries.c.id)).scalars().all()
        return [json.loads(body)["event"] if body else {} for body in bodies]

    async def wait_for(count):
        return await sandbox.until(lambda: stored() if len(stored()) >= count else None)

    yield wait_for
    engine.dispose()
