"""Builds the program from Settings and runs it; it and `assembly.py` are the only places that pick concrete classes."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.routing import Route

from incident_copilot.assembly import Examine, Program, assemble, deps_of, now
from incident_copilot.errors import ChatError, ChatRefused, ChatUnavailable, ConfigError, StoreUnavailable
from incident_copilot.knowledge.shelf import RunbookFolder
from incident_copilot.language_model import language_model
from incident_copilot.pipeline import by_words, catch_up, configured, cut_off, operators
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.librarian import Librarian
from incident_copilot.plugins import Plugins, build, build_source, load_config
from incident_copilot.plugins.discovery import Kind
from incident_copilot.ports import AlertSource
from incident_copilot.settings import Settings
from incident_copilot.settled import environment, longest_wait_s, shown, slack_token
from incident_copilot.slack import app as slack_app
from incident_copilot.slack import checkup, http_edge, oauth
from incident_copilot.slack.calls import connected
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store import schema
from incident_copilot.store.db import Db
from incident_copilot.vendors import outbound
from incident_copilot.web.pages import LOOPBACK
from incident_copilot.web.server import application, listening

__all__ = ["at_rest", "language_model", "now", "program", "read_only", "serve", "with_plugins"]

log = logging.getLogger(__name__)

GRACE_S = 4.0
"""For jobs under way at the end, after clicks and before requests: Docker kills what has not ended in ten seconds."""


@contextlib.asynccontextmanager
async def program(settings: Settings, examine: Examine | None = None) -> AsyncIterator[Program]:
    """Build the program on a migrated database; nothing runs yet. `examine` looks at all that it depends on.

    Raises:
        ConfigError: a setting or file is wrong; names the thing and the fix.
        StoreUnavailable: the database does not answer.
    """
    token = slack_token(settings)
    async with contextlib.AsyncExitStack() as stack:
        config = load_config(settings.config_file)
        named = outbound.hosts_in(instance.options for instance in config.instances)
        http = await stack.enter_async_context(outbound.client(named, settings.ca_file))
        plugins = build(config, http, now, environment(), longest_wait_s(settings))
        db = Db.open(settings.database_url)
        stack.push_async_callback(db.close)
        await schema.check_schema(db)
        client = await stack.enter_async_context(connected(token, settings.slack_base_url))
        llm = await stack.enter_async_context(language_model(settings))
        yield assemble(settings, config, plugins, db, client, llm, examine)


@contextlib.asynccontextmanager
async def at_rest(settings: Settings) -> AsyncIterator[tuple[Deps, Callable[[str], AlertSource]]]:
    """Yield what a command works with while nothing runs, and alert sources by name, to parse with.

    Raises:
        ConfigError: a setting or file is wrong; names the thing and the fix.
    """
    async with contextlib.AsyncExitStack() as stack:
        config = load_config(settings.config_file)
        http = await stack.enter_async_context(outbound.client(frozenset()))
        client = await stack.enter_async_context(connected("", settings.slack_base_url))
        db = Db.open(settings.database_url)
        stack.push_async_callback(db.close)
        deps = deps_of(settings, db, SlackWorkspace(client), Plugins(), None, RunbookFolder(settings.runbooks_dir))
        yield deps, partial(build_source, config, http=http, now=now)


@contextlib.asynccontextmanager
async def read_only(settings: Settings) -> AsyncIterator[Deps]:
    """Yield what people's questions are answered with, where nothing runs; the workspace says who they are.

    Raises:
        ConfigError: a setting or file is wrong; names the thing and the fix.
    """
    async with at_rest(settings) as (deps, _), connected(slack_token(settings), settings.slack_base_url) as client:
        await schema.check_schema(deps.db)
        asked = replace(deps, chat=SlackWorkspace(client))
        await Librarian(asked, RunbookFolder(settings.runbooks_dir)).look()
        yield asked


@contextlib.asynccontextmanager
async def with_plugins(settings: Settings, kind: Kind) -> AsyncIterator[tuple[Deps, Plugins]]:
    """Yield what a command asks the plugins of a kind with. Raises ConfigError naming thing and fix."""
    async with at_rest(settings) as (deps, _), contextlib.AsyncExitStack() as stack:
        config = load_config(settings.config_file)
        wanted = tuple(one for one in config.instances if one.kind == kind)
        named = outbound.hosts_in(one.options for one in wanted)
        http = await stack.enter_async_context(outbound.client(named, settings.ca_file))
        asked = config.model_copy(update={"instances": wanted})
        yield deps, build(asked, http, now, environment(), longest_wait_s(settings))


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    ready: Callable[[int], None] | None = None,
    examine: Examine | None = None,
) -> None:
    """Run until `stop` is set: listen first, then Slack and the workers; stop in the opposite order.

    `ready` is told the port once webhooks are taken; `examine` is what people get who ask how the copilot is.

    Raises:
        ConfigError, StoreUnavailable: as for `program`; also when the port is taken or Slack refuses the token.
    """
    slack_token(settings)
    await schema.upgrade(settings.database_url, settings.migrations_dir)
    async with program(settings, examine) as built:
        app = application(
            built.deps,
            built.plugins.alert_sources,
            page_token=shown(settings.page_token),
            local_only=settings.host in LOOPBACK,
            api_token=shown(settings.api_token),
            more=_slack_routes(built),
            elsewhere=built.elsewhere,
        )
        async with listening(app, settings.host, settings.port) as port:
            log.info("listening on http://%s:%d, mode %s", settings.host, port, settings.mode)
            if ready:
                ready(port)
            await _run(built, stop)
        log.info("stopped")


async def _run(built: Program, stop: asyncio.Event) -> None:
    await _begin(built)
    async with contextlib.AsyncExitStack() as stack:
        working = [
            asyncio.create_task(part.run()) for part in (built.roll_call, built.worker, built.outbox, built.librarian)
        ]
        stack.push_async_callback(_stop, built, working)
        built.ticker.start()
        stack.callback(built.ticker.stop)
        talking = asyncio.create_task(_talk_to_slack(built))
        stack.push_async_callback(_cancelled, talking)
        stopped = asyncio.create_task(stop.wait())
        stack.push_async_callback(_cancelled, stopped)
        done, _ = await asyncio.wait([stopped, talking, *working], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task  # one that ended by itself says why


async def _begin(built: Program) -> None:
    """Write down what the copilot runs with, and sum up what is stale before anything of it goes out."""
    settings = built.settings
    await asyncio.to_thread(by_words.learn, built.deps.catalog)
    files = {
        "copilot.yaml": settings.config_file,
        "catalog.yaml": settings.catalog_file,
        "actions.yaml": settings.actions_file,
        "monitors.yaml": settings.monitors_file,
    }
    try:
        await configured.log_loaded(built.deps, files)
        if built.workspaces.installs:
            await built.workspaces.installs.renew(built.deps)
        for name in [built.deps.workspace_id, *await built.workspaces.everyone()]:
            deps = built.workspaces.known(name).deps
            await catch_up.after_restart(deps)
            await cut_off.after_restart(deps)
    except StoreUnavailable as error:
        log.warning("the start is not in the log, and nothing was summed up: %s", error)


async def _talk_to_slack(built: Program) -> None:
    """Hear what people do, until cancelled; over HTTP the web server hears it."""
    if built.settings.slack_bot_token:
        await _ask_who_we_are(built.identity)
        await _say_what_is_missing(built)
        await _enter(built)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(_cancelled, asyncio.create_task(built.watched.join_all()))
        if built.settings.slack_signing_secret is None:
            app_token = shown(built.settings.slack_app_token) or ""
            await stack.enter_async_context(slack_app.listening(built.bolt, app_token))
        await asyncio.Event().wait()


async def _ask_who_we_are(identity: Identity) -> None:
    """Find a wrong token before an incident does; with Slack away the copilot starts all the same."""
    try:
        await identity.me()
    except ChatUnavailable as error:
        log.warning("Slack is away, webhooks are stored meanwhile: %s", error)
    except ChatRefused as error:
        raise ConfigError(
            f"COPILOT_SLACK_BOT_TOKEN: Slack answers {error.code}; copy the token again from the app's page at Slack"
        ) from error


async def _say_what_is_missing(built: Program) -> None:
    """Tell operators what the token may not do, before an incident has to do without it."""
    me = built.identity.known
    if me is None or me.scopes is None:
        return
    missing = checkup.lacking(me.scopes)
    text = f"My Slack token lacks {', '.join(missing)}{checkup.lost(missing)}. Everything else works."
    if missing:
        log.warning("%s %s", text, checkup.INSTALL)
    try:
        async with built.deps.db.transaction() as tx:
            if missing:
                await operators.tell(tx, built.deps, "scopes", text, detail=checkup.INSTALL)
            else:
                await operators.take_back(tx, built.deps, "scopes", "My Slack token has every scope that I use.")
    except StoreUnavailable as error:
        log.warning("operators were not told of missing scopes: %s", error)


async def _enter(built: Program) -> None:
    """Find and join the channel of announcements before the first incident has to wait for it."""
    is_shadow = built.settings.mode == "shadow"
    channel = built.settings.shadow_channel if is_shadow else built.settings.announce_channel
    try:
        await built.channel_id(channel)
    except ChatError as error:
        log.warning("#%s is looked for again with the first message: %s", channel, error)


async def _cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _stop(built: Program, working: Sequence[asyncio.Task[None]]) -> None:
    """Let what is under way finish; what is cut off is taken up by whoever runs next."""
    await asyncio.gather(built.worker.stop(GRACE_S), built.outbox.stop(GRACE_S))
    built.roll_call.stop()
    built.librarian.stop()
    await asyncio.gather(*working)


def _slack_routes(built: Program) -> list[Route]:
    """Slack's requests over HTTP, where a signing secret is set."""
    settings = built.settings
    secret = shown(settings.slack_signing_secret)
    if secret is None:
        return []
    heard = http_edge.routes(built.bolt, secret, built.deps, built.workspaces.pick)
    installs = built.workspaces.installs
    if installs is None:
        return heard
    known_by = oauth.OAuth(
        client=built.client,
        client_id=settings.slack_client_id or "",
        client_secret=shown(settings.slack_client_secret) or "",
        public_url=settings.public_url or "",
    )
    return [*heard, *oauth.routes(built.deps, known_by, installs, built.workspaces.installed)]
