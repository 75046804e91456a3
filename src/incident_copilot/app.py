"""Builds the program from Settings; the only place that picks concrete classes."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

from incident_copilot.actions_file import load_actions
from incident_copilot.catalog_file import load_catalog
from incident_copilot.domain.finding import Finding
from incident_copilot.drill import Worlds
from incident_copilot.errors import ChatError, ChatRefused, ChatUnavailable, ConfigError, StoreUnavailable
from incident_copilot.jobs.clock import Ticker
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.jobs.roll_call import RollCall
from incident_copilot.jobs.worker import Worker
from incident_copilot.knowledge.meaning import installed_meaning
from incident_copilot.knowledge.shelf import RunbookFolder
from incident_copilot.llm.prices import load_prices
from incident_copilot.pipeline import by_words, carry_out, catch_up, configured, housing, operators, without_chat
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.drill_world import OnlyInDrills
from incident_copilot.pipeline.handlers import Rechecked, handlers, rechecked
from incident_copilot.pipeline.librarian import Librarian
from incident_copilot.pipeline.suggest import ROLLBACK
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.plugins import Plugins, build, build_source, load_config
from incident_copilot.ports import LLM, AlertSource, Chat, ChatChannel, CommsChannel, ContextSource
from incident_copilot.settings import Settings
from incident_copilot.settled import environment, longest_wait_s, mailer_of, places_of, policy_of, shown, slack_token
from incident_copilot.slack import app as slack_app
from incident_copilot.slack import checkup, http_edge
from incident_copilot.slack.calls import connected
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.shadow import ShadowWorkspace
from incident_copilot.slack.watched import Watched
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store import schema
from incident_copilot.store.db import Db
from incident_copilot.store.presence import Presence
from incident_copilot.vendors import outbound
from incident_copilot.vendors.signing import Signer
from incident_copilot.web.pages import LOOPBACK
from incident_copilot.web.server import application, listening

if TYPE_CHECKING:
    from incident_copilot.llm.openai_llm import OpenAILLM

log = logging.getLogger(__name__)

Examine = Callable[[Settings], Awaitable[Sequence[Finding]]]

MINUTE_S, HOUR_S, DAY_S, SILENCES_S = 60, 3600, 86_400, 30
GRACE_S = 4.0
"""For jobs under way at the end, after clicks and before requests: Docker kills what has not ended in ten seconds."""


@dataclass(frozen=True)
class Program:
    """Everything that runs."""

    settings: Settings
    deps: Deps
    identity: Identity
    channel_id: Callable[[str], Awaitable[str]]
    bolt: AsyncApp
    worker: Worker
    outbox: Outbox
    ticker: Ticker
    watched: Watched
    roll_call: RollCall
    librarian: Librarian
    plugins: Plugins


def now() -> datetime:
    """Return the aware time, in UTC."""
    return datetime.now(UTC)


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
        yield _assemble(settings, plugins, db, client, llm, examine)


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
        deps = _deps(settings, db, SlackWorkspace(client), Plugins(), None, RunbookFolder(settings.runbooks_dir))
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
async def with_sources(settings: Settings) -> AsyncIterator[tuple[Deps, Mapping[str, ContextSource]]]:
    """Yield what a command asks context sources with, and those by name. Raises ConfigError naming thing and fix."""
    async with at_rest(settings) as (deps, _), contextlib.AsyncExitStack() as stack:
        config = load_config(settings.config_file)
        looked_up = tuple(one for one in config.instances if one.kind == "context_sources")
        named = outbound.hosts_in(one.options for one in looked_up)
        http = await stack.enter_async_context(outbound.client(named, settings.ca_file))
        asked = config.model_copy(update={"instances": looked_up})
        yield deps, build(asked, http, now, environment(), longest_wait_s(settings)).context_sources


@contextlib.asynccontextmanager
async def with_channels(settings: Settings) -> AsyncIterator[tuple[Deps, Mapping[str, CommsChannel | ChatChannel]]]:
    """Yield what a command asks channels of updates with, and those by name. Raises ConfigError with the fix."""
    async with at_rest(settings) as (deps, _), contextlib.AsyncExitStack() as stack:
        config = load_config(settings.config_file)
        told = tuple(one for one in config.instances if one.kind == "comms_channels")
        named = outbound.hosts_in(one.options for one in told)
        http = await stack.enter_async_context(outbound.client(named, settings.ca_file))
        yield deps, build(config.model_copy(update={"instances": told}), http, now, environment()).comms_channels


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
    }
    try:
        await configured.log_loaded(built.deps, files)
        await catch_up.after_restart(built.deps)
    except StoreUnavailable as error:
        log.warning("the start is not in the log, and nothing was summed up: %s", error)


async def _talk_to_slack(built: Program) -> None:
    """Hear what people do, until cancelled; over HTTP the web server hears it."""
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
    secret = shown(built.settings.slack_signing_secret)
    return http_edge.routes(built.bolt, secret, built.deps) if secret else []


def _assemble(
    settings: Settings,
    plugins: Plugins,
    db: Db,
    client: AsyncWebClient,
    llm: LLM | None,
    examine: Examine | None,
) -> Program:
    workspace = SlackWorkspace(client)
    chat: Chat = workspace
    if settings.mode == "shadow":
        chat = ShadowWorkspace(workspace, settings.shadow_channel)
    meaning = installed_meaning()
    folder = RunbookFolder(settings.runbooks_dir, meaning)
    deps = _deps(settings, db, chat, plugins, llm, folder)
    entries = load_actions(settings.actions_file, plugins.actions.keys())
    deps = replace(deps, entries=entries, examine=partial(examine, settings) if examine else None)
    deps = rechecked(deps, plugins.actions)
    presence = Presence(db)
    watched = Watched(settings.watched_channels, workspace.channel_id)
    outbox = Outbox(
        db,
        chat,
        now,
        places=places_of(settings),
        actions={ROLLBACK: Rechecked(OnlyInDrills(ROLLBACK), deps), **deps.actions},
        channels={name: one for name, one in plugins.comms_channels.items() if not isinstance(one, ChatChannel)},
        pagers=plugins.pagers,
        mailer=mailer_of(settings),
        settled=partial(carry_out.settled, deps),
        rehouse=partial(housing.rehouse, deps),
        away=partial(without_chat.noticed, deps),
        back=partial(catch_up.chat_is_back, deps),
        pace_s=settings.send_pace_s,
        settle_s=settings.read_back_s,
        name=presence.sign("outbox"),
    )
    return Program(
        settings=settings,
        deps=deps,
        identity=workspace.identity,
        channel_id=workspace.channel_id,
        bolt=slack_app.build(deps, client, workspace.identity, watched),
        worker=Worker(
            db,
            handlers(deps),
            now,
            name=presence.sign("worker"),
            classes={Work.WORD.value: "model", Work.INVESTIGATE.value: "model", Work.LATE.value: "waiting"},
            parked=partial(operators.job_parked, deps),
        ),
        outbox=outbox,
        ticker=Ticker(db, settings.slack_workspace, _ticks(settings, plugins), now),
        watched=watched,
        roll_call=RollCall(presence),
        librarian=Librarian(deps, folder, meaning),
        plugins=plugins,
    )


def _ticks(settings: Settings, plugins: Plugins) -> list[tuple[str, int]]:
    read = [(Work.SILENCES.value, SILENCES_S)] if plugins.silence_sources else []
    read += [(Work.DUTIES.value, MINUTE_S)] if plugins.schedules else []
    read += [(Work.SEAL.value, DAY_S)] if settings.log_key_file else []
    drilled = [(Work.DRILL_DUE.value, HOUR_S)] if settings.drill_day else []
    return [(Work.DIGEST.value, HOUR_S), (Work.WATCH.value, MINUTE_S), *read, *drilled]


def _deps(settings: Settings, db: Db, chat: Chat, plugins: Plugins, llm: LLM | None, folder: RunbookFolder) -> Deps:
    runbooks = folder.read()
    for problem in runbooks.library.problems:
        log.warning("runbook: %s", problem)
    return Deps(
        db=db,
        now=now,
        workspace_id=settings.slack_workspace,
        chat=chat,
        catalog=load_catalog(settings.catalog_file),
        runbooks=runbooks,
        policy=policy_of(settings),
        context_sources=tuple(plugins.context_sources.values()),
        alert_sources=tuple(plugins.alert_sources),
        silence_sources=tuple(plugins.silence_sources.values()),
        schedules=plugins.schedules,
        signer=Signer.from_file(settings.log_key_file) if settings.log_key_file else None,
        comms_channels=plugins.comms_channels,
        llm=llm,
        drills=Worlds(now),
    )


@contextlib.asynccontextmanager
async def language_model(settings: Settings) -> AsyncIterator["OpenAILLM | None"]:
    """The model, where one is named.

    Raises:
        ConfigError: the file of prices is wrong.
    """
    if settings.llm_model is None:
        yield None
        return
    from incident_copilot.llm import endpoint  # noqa: PLC0415 -- its library is a third of the start, and few have a model
    from incident_copilot.llm.openai_llm import OpenAILLM  # noqa: PLC0415 -- the same
    from incident_copilot.llm.server import Server  # noqa: PLC0415 -- the same

    url, api, tools = settings.llm_base_url, settings.llm_api, settings.llm_tools
    async with endpoint.client_of(url, shown(settings.llm_api_key), settings.llm_api_version) as client:
        yield OpenAILLM(
            Server(
                client,
                by_responses=endpoint.speaks_responses(url) if api == "auto" else api == "responses",
                has_tools=endpoint.has_tools(url) if tools == "auto" else tools == "server",
                silence_s=settings.llm_deadline_s,
            ),
            settings.llm_model,
            settings.llm_strong_model,
            prices=load_prices(settings.llm_prices_file),
            most_tokens=settings.llm_answer_tokens,
            hide_addresses=settings.llm_hide_addresses,
        )
