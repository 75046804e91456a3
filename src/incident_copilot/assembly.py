"""Puts the program together from its parts: one workspace of the chat, or many of them."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.actions_file import load_actions
from incident_copilot.catalog_file import load_catalog
from incident_copilot.domain.finding import Finding
from incident_copilot.drill import Worlds
from incident_copilot.jobs.clock import Ticker
from incident_copilot.jobs.dispatch import Couriers
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.jobs.roll_call import RollCall
from incident_copilot.jobs.worker import Worker
from incident_copilot.knowledge.meaning import installed_meaning
from incident_copilot.knowledge.shelf import RunbookFolder, Shelf
from incident_copilot.monitors_file import load_monitored, monitors_of
from incident_copilot.pipeline import chosen
from incident_copilot.pipeline.ai import judge
from incident_copilot.pipeline.deps import Chosen, Deps
from incident_copilot.pipeline.drill_world import OnlyInDrills
from incident_copilot.pipeline.handlers import Rechecked, handlers, rechecked
from incident_copilot.pipeline.librarian import Librarian
from incident_copilot.pipeline.suggest import ROLLBACK
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.plugins import Config, Plugins
from incident_copilot.ports import LLM, Chat, ChatChannel
from incident_copilot.settings import Settings
from incident_copilot.settled import longest_job_s, mailer_of, places_of, policy_of, shown
from incident_copilot.slack import app as slack_app
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.installs import Installs
from incident_copilot.slack.seal import Seal
from incident_copilot.slack.shadow import ShadowWorkspace
from incident_copilot.slack.watched import Watched
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store.db import Db
from incident_copilot.store.presence import Presence
from incident_copilot.vendors.signing import Signer
from incident_copilot.workspaces import ChatOfMany, Tenant, Workspaces

log = logging.getLogger(__name__)

Examine = Callable[[Settings], Awaitable[Sequence[Finding]]]

BY_MODEL = (Work.WORD.value, Work.INVESTIGATE.value, Work.WORD_UPDATE.value, Work.JUDGE.value)
MINUTE_S, HOUR_S, DAY_S, SILENCES_S, STALE_S, TICKETS_S = 60, 3600, 86_400, 30, 600, 600
EVERYWHERE = "default"
"""What a plugin of copilot.yaml says that is for no workspace in particular."""


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
    workspaces: Workspaces
    client: AsyncWebClient
    """Without a token of its own: for what Slack is asked before there is one."""
    elsewhere: Mapping[str, Deps]
    """What the alert sources of other workspaces are taken in with."""


def now() -> datetime:
    """Return the aware time, in UTC."""
    return datetime.now(UTC)


def assemble(
    settings: Settings,
    config: Config,
    plugins: Plugins,
    db: Db,
    client: AsyncWebClient,
    llm: LLM | None,
    examine: Examine | None,
) -> Program:
    """Return the program; `client` is that of the home workspace, which is the only one unless people install it."""
    meaning = installed_meaning()
    folder = RunbookFolder(settings.runbooks_dir, meaning)
    base = deps_of(settings, db, SlackWorkspace(client), plugins, llm, folder)
    base = replace(_with_files(settings, plugins, base), examine=partial(examine, settings) if examine else None)
    make = partial(_tenant, settings, config, plugins, base)
    home = make(settings.slack_workspace, client)
    installs = installs_of(settings)
    is_fixed = settings.slack_bot_token is not None
    workspaces = Workspaces(home, lambda name: make(name, _another(client)), installs, is_fixed=is_fixed)
    presence = Presence(db)
    return Program(
        settings=settings,
        deps=home.deps,
        identity=home.identity,
        channel_id=home.workspace.channel_id,
        bolt=home.bolt,
        worker=_worker(settings, db, workspaces, presence),
        outbox=_outbox(settings, config, db, workspaces, plugins, presence),
        ticker=Ticker(db, settings.slack_workspace, _ticks(settings, plugins), now, workspaces.everyone),
        watched=home.watched,
        roll_call=RollCall(presence),
        librarian=Librarian(home.deps, folder, meaning),
        plugins=plugins,
        workspaces=workspaces,
        client=_another(client),
        elsewhere=_elsewhere(settings, config, workspaces),
    )


def _with_files(settings: Settings, plugins: Plugins, base: Deps) -> Deps:
    """Add what actions.yaml and monitors.yaml say."""
    entries = load_actions(settings.actions_file, plugins.actions.keys())
    monitored = load_monitored(settings.monitors_file)
    return replace(base, entries=entries, monitored=monitored, monitors=monitors_of(monitored))


def _worker(settings: Settings, db: Db, workspaces: Workspaces, presence: Presence) -> Worker:
    return Worker(
        db,
        workspaces.handlers(),
        now,
        name=presence.sign("worker"),
        classes={
            **dict.fromkeys(BY_MODEL, "model"),
            Work.LATE.value: "waiting",
            Work.MONITOR.value: "waiting",
            Work.SCORE_INTERACTIONS.value: "scoring",
        },
        parked=workspaces.parked,
        deadline_s=longest_job_s(settings),
    )


def _outbox(
    settings: Settings, config: Config, db: Db, workspaces: Workspaces, plugins: Plugins, presence: Presence
) -> Outbox:
    home = workspaces.home.deps
    actions = {ROLLBACK: Rechecked(OnlyInDrills(ROLLBACK), home), **home.actions}
    couriers = Couriers(
        ChatOfMany(workspaces) if workspaces.installs else home.chat,
        actions=workspaces.actions(actions),
        channels={name: one for name, one in plugins.comms_channels.items() if not isinstance(one, ChatChannel)},
        pagers=plugins.pagers,
        pagers_homes=_homes(settings, config, "pagers"),
        documents=plugins.postmortem_targets,
        trackers=plugins.trackers,
        mailer=mailer_of(settings),
        withheld=workspaces.withheld,
    )
    return Outbox(
        db,
        couriers,
        now,
        places={place: chosen.channel(home, place) for place in places_of(settings)},
        settled=workspaces.settled,
        rehouse=workspaces.rehouse,
        away=workspaces.away,
        back=workspaces.back,
        pace_s=settings.send_pace_s,
        settle_s=settings.read_back_s,
        name=presence.sign("outbox"),
    )


def _homes(settings: Settings, config: Config, kind: str) -> dict[str, str]:
    """Return the workspaces that plugins of a kind are for, by name; those for all are left out."""
    if settings.install_key is None:
        return {}
    return {one.name: one.workspace for one in config.instances if one.kind == kind and one.workspace != EVERYWHERE}


def _elsewhere(settings: Settings, config: Config, workspaces: Workspaces) -> Mapping[str, Deps]:
    """Return what the alert sources of other workspaces are taken in with, by the source's name."""
    if workspaces.installs is None:
        return {}
    sources = (one for one in config.instances if one.kind == "alert_sources")
    at_home = (EVERYWHERE, settings.slack_workspace)
    return {one.name: workspaces.known(one.workspace).deps for one in sources if one.workspace not in at_home}


def installs_of(settings: Settings) -> Installs | None:
    """Return what people install by themselves, None where the settings hold the one token. Raises ConfigError."""
    key = shown(settings.install_key)
    return Installs(Seal(key), settings.slack_workspace, settings.workspaces) if key else None


def _tenant(
    settings: Settings, config: Config, plugins: Plugins, base: Deps, name: str, client: AsyncWebClient
) -> Tenant:
    """Return one workspace, with its own people, and the plugins that are for it or for all."""
    workspace = SlackWorkspace(client)
    chat: Chat = ShadowWorkspace(workspace, settings.shadow_channel) if settings.mode == "shadow" else workspace
    is_home = name == settings.slack_workspace
    is_only_one = settings.install_key is None
    ours = {(one.kind, one.name) for one in config.instances if is_only_one or one.workspace in (EVERYWHERE, name)}

    def of(kind: str, known: Mapping[str, object]) -> list[str]:
        return [one for one in known if (kind, one) in ours]

    deps = replace(
        base,
        workspace_id=name,
        chat=chat,
        context_sources=tuple(plugins.context_sources[one] for one in of("context_sources", plugins.context_sources)),
        silence_sources=tuple(plugins.silence_sources[one] for one in of("silence_sources", plugins.silence_sources)),
        schedules={one: plugins.schedules[one] for one in of("schedules", plugins.schedules)},
        comms_channels={one: plugins.comms_channels[one] for one in of("comms_channels", plugins.comms_channels)},
        postmortem_targets={
            one: plugins.postmortem_targets[one] for one in of("postmortem_targets", plugins.postmortem_targets)
        },
        trackers={one: plugins.trackers[one] for one in of("trackers", plugins.trackers)},
        sources_heard={},
        asking={},
        people_seen={},
        # What others have lived through is theirs.
        shelf=base.shelf if is_home else Shelf(),
    )
    deps = rechecked(deps, {one: plugins.actions[one] for one in of("actions", plugins.actions)})
    watched = Watched(settings.watched_channels, workspace.channel_id)
    bolt = slack_app.build(deps, client, workspace.identity, watched)
    return Tenant(deps, client, workspace, bolt, watched, handlers(deps))


def _another(client: AsyncWebClient) -> AsyncWebClient:
    """Return a client for another workspace, over the same connections; its token comes from the database."""
    return AsyncWebClient(
        token="", base_url=client.base_url, session=client.session, timeout=client.timeout, retry_handlers=[]
    )


def _ticks(settings: Settings, plugins: Plugins) -> list[tuple[str, int]]:
    read = [(Work.SILENCES.value, SILENCES_S)] if plugins.silence_sources else []
    read += [(Work.DUTIES.value, MINUTE_S)] if plugins.schedules else []
    read += [(Work.TICKETS.value, TICKETS_S)] if plugins.trackers else []
    read += [(Work.SEAL.value, DAY_S)] if settings.log_key_file else []
    read += [(Work.CUT.value, DAY_S)] if settings.log_key_file and settings.log_keep_days else []
    drilled = [(Work.DRILL_DUE.value, HOUR_S)] if settings.drill_day else []
    weekly = [(Work.WEEKLY.value, HOUR_S)] if settings.weekly_channel else []
    always = [(Work.DIGEST.value, HOUR_S), (Work.WATCH.value, MINUTE_S), (Work.STALE.value, STALE_S)]
    always += [(Work.CUT_OFF.value, MINUTE_S), (Work.MONITOR.value, MINUTE_S), (Work.LEVELS.value, HOUR_S)]
    archived = [(Work.ARCHIVE.value, HOUR_S)] if settings.archive_after_days else []
    reported = [(Work.AI_REPORT.value, HOUR_S)] if settings.ai_report_channel else []
    reported += [(Work.JUDGE.value, judge.EVERY_S)] if settings.judge_per_hour else []
    return [*always, *read, *drilled, *archived, *weekly, *reported]


def deps_of(settings: Settings, db: Db, chat: Chat, plugins: Plugins, llm: LLM | None, folder: RunbookFolder) -> Deps:
    """Return what the steps of the home workspace work with, without actions."""
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
        comms_channels=plugins.comms_channels,
        postmortem_targets=plugins.postmortem_targets,
        trackers=plugins.trackers,
        evaluators=plugins.evaluators,
        chosen=Chosen(files=plugins.settings),
        signer=Signer.from_file(settings.log_key_file) if settings.log_key_file else None,
        llm=llm,
        drills=Worlds(now),
    )
