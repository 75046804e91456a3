"""Builds the program from Settings; the only place that picks concrete classes."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import aiohttp
import httpx
from dotenv import dotenv_values
from openai import AsyncOpenAI
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

from incident_copilot.catalog_file import load_catalog
from incident_copilot.domain.effect import Place
from incident_copilot.errors import ConfigError
from incident_copilot.jobs.clock import Ticker
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.jobs.worker import Worker
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbooks import load_runbooks
from incident_copilot.llm.openai_llm import OpenAILLM
from incident_copilot.pipeline import carry_out
from incident_copilot.pipeline.deps import Deps, Policy
from incident_copilot.pipeline.handlers import Rechecked, handlers
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.plugins import Plugins, build, load_config
from incident_copilot.ports import LLM, Chat
from incident_copilot.settings import Settings
from incident_copilot.slack import app as slack_app
from incident_copilot.slack import http_edge
from incident_copilot.slack.shadow import ShadowWorkspace
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store import schema
from incident_copilot.store.db import Db
from incident_copilot.web.server import application, listening

log = logging.getLogger(__name__)

HOUR_S = 3600


@dataclass(frozen=True)
class Program:
    """Everything that runs; `port` is set while it does."""

    settings: Settings
    deps: Deps
    bolt: AsyncApp
    worker: Worker
    outbox: Outbox
    ticker: Ticker
    plugins: Plugins


def now() -> datetime:
    """Return the aware time, in UTC."""
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def program(settings: Settings) -> AsyncIterator[Program]:
    """Build the program on a migrated database; nothing runs yet.

    Raises:
        ConfigError: a setting or file is wrong; names the thing and the fix.
        StoreUnavailable: the database does not answer.
    """
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(follow_redirects=False, trust_env=False))
        plugins = build(load_config(settings.config_file), http, now, _environment())
        db = Db.open(settings.database_url)
        stack.push_async_callback(db.close)
        await schema.check_schema(db)
        client = await stack.enter_async_context(_slack_client(settings))
        yield _assemble(settings, plugins, db, client)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Run until `stop` is set: listen first, then Slack and the workers; stop in the opposite order."""
    await schema.upgrade(settings.database_url, settings.migrations_dir)
    async with program(settings) as built:
        app = application(
            built.deps,
            built.plugins.alert_sources,
            page_token=_shown(settings.page_token),
            local_only=settings.host in {"127.0.0.1", "::1", "localhost"},
            more=_slack_routes(built),
        )
        async with listening(app, settings.host, settings.port) as port:
            log.info("listening on http://%s:%d, mode %s", settings.host, port, settings.mode)
            await _run(built, stop)


async def _run(built: Program, stop: asyncio.Event) -> None:
    async with contextlib.AsyncExitStack() as stack:
        tasks = [asyncio.create_task(built.worker.run()), asyncio.create_task(built.outbox.run())]
        stack.push_async_callback(_stop, built, tasks)
        built.ticker.start()
        stack.callback(built.ticker.stop)
        app_token = _shown(built.settings.slack_app_token)
        if app_token:
            await stack.enter_async_context(slack_app.listening(built.bolt, app_token))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()


async def _stop(built: Program, tasks: Sequence[asyncio.Task[None]]) -> None:
    """Let what is under way finish; what is cut off is taken up by whoever runs next."""
    await asyncio.gather(built.worker.stop(), built.outbox.stop())
    await asyncio.gather(*tasks)


def _slack_routes(built: Program) -> list[Route]:
    """Slack's requests over HTTP, where a signing secret is set."""
    secret = _shown(built.settings.slack_signing_secret)
    if secret is None:
        return []
    return [Route("/slack/events", http_edge.endpoint(built.bolt, secret, built.deps.now), methods=["POST"])]


def _assemble(settings: Settings, plugins: Plugins, db: Db, client: AsyncWebClient) -> Program:
    workspace = SlackWorkspace(client)
    chat: Chat = workspace
    if settings.mode == "shadow":
        chat = ShadowWorkspace(workspace, settings.shadow_channel)
    library = load_runbooks(settings.runbooks_dir)
    for problem in library.problems:
        log.warning("runbook: %s", problem)
    deps = Deps(
        db=db,
        now=now,
        workspace_id=settings.slack_workspace,
        chat=chat,
        catalog=load_catalog(settings.catalog_file),
        runbooks=RunbookIndex.build(library),
        policy=_policy(settings),
        context_sources=tuple(plugins.context_sources.values()),
        llm=_llm(settings),
    )
    deps = replace(deps, actions={name: Rechecked(action, deps) for name, action in plugins.actions.items()})
    outbox = Outbox(
        db, chat, now, places=_places(settings), actions=deps.actions, settled=partial(carry_out.settled, deps)
    )
    return Program(
        settings=settings,
        deps=deps,
        bolt=slack_app.build(deps, client, workspace.identity, signing_secret=_shown(settings.slack_signing_secret)),
        worker=Worker(db, handlers(deps), now, classes={Work.WORD.value: "model"}),
        outbox=outbox,
        ticker=Ticker(db, settings.slack_workspace, [(Work.DIGEST.value, HOUR_S)], now),
        plugins=plugins,
    )


def _llm(settings: Settings) -> LLM | None:
    """The model, where one is named; a server of one's own often wants no key."""
    if settings.llm_model is None:
        return None
    client = AsyncOpenAI(
        api_key=_shown(settings.llm_api_key) or "none",
        base_url=settings.llm_base_url,
        timeout=settings.llm_deadline_s,
        max_retries=0,
    )
    return OpenAILLM(client, settings.llm_model)


def _policy(settings: Settings) -> Policy:
    return Policy(
        shadow=settings.mode == "shadow",
        brief_deadline=timedelta(seconds=settings.brief_deadline_s),
        join_window=timedelta(minutes=settings.join_window_min),
        reopen_window=timedelta(minutes=settings.reopen_window_min),
        quiet_before_ending=timedelta(minutes=settings.quiet_resolve_min),
        channel_pattern=settings.channel_pattern,
        public_url=settings.public_url,
        model_deadline=timedelta(seconds=settings.llm_deadline_s),
    )


def _places(settings: Settings) -> Mapping[Place, str]:
    return {
        Place.ANNOUNCE: settings.announce_channel,
        Place.INTERNAL_UPDATES: settings.internal_updates_channel,
        Place.CUSTOMER_UPDATES: settings.customer_updates_channel,
        Place.OPERATOR: settings.operator_channel,
    }


def _environment() -> dict[str, str]:
    """What plugins find their secrets in: .env, under the process's own environment."""
    from_file = {key: value for key, value in dotenv_values(".env").items() if value is not None}
    return {**from_file, **os.environ}


@contextlib.asynccontextmanager
async def _slack_client(settings: Settings) -> AsyncIterator[AsyncWebClient]:
    if settings.slack_bot_token is None:
        raise ConfigError(
            "COPILOT_SLACK_BOT_TOKEN is not set; take it from the app's page at Slack, or run `incident-copilot demo`"
        )
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(
            token=settings.slack_bot_token.get_secret_value(),
            base_url=settings.slack_base_url,
            session=session,
            timeout=10,
            retry_handlers=[],
        )


def _shown(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
