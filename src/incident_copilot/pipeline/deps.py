"""What a step of the pipeline may use; built once, in app.py."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from incident_copilot.domain.action import Actions
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.effect import Place
from incident_copilot.domain.finding import Finding
from incident_copilot.domain.investigation import PER_DAY, PER_INCIDENT, Budget
from incident_copilot.domain.measures import Measures
from incident_copilot.domain.monitoring import Monitored
from incident_copilot.domain.person import Person
from incident_copilot.domain.support_hours import WORKING_HOURS, SupportHours
from incident_copilot.domain.team_settings import TeamSettings
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.shelf import Shelf
from incident_copilot.pipeline.asking import Asking
from incident_copilot.pipeline.baselines import Baselines
from incident_copilot.ports import (
    LLM,
    Chat,
    ChatChannel,
    Clock,
    CommsChannel,
    ContextSource,
    DocumentTarget,
    Drills,
    Evaluator,
    Monitor,
    ScheduleSource,
    SilenceSource,
    SupervisedAction,
    Tracker,
)
from incident_copilot.store.db import Db
from incident_copilot.store.team_settings import Rows
from incident_copilot.vendors.signing import Signer


@dataclass
class Chosen:
    """What teams set for themselves: in copilot.yaml by team, "" being the workspace; in the chat, by workspace."""

    files: Mapping[str, TeamSettings] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """Times and switches of the pipeline; all from settings."""

    shadow: bool = False
    silent: bool = False
    """Whether suggestions are logged and shown to nobody."""
    brief_deadline: timedelta = timedelta(seconds=3)
    context_deadline: timedelta = timedelta(seconds=15)
    join_window: timedelta = timedelta(minutes=10)
    reopen_window: timedelta = timedelta(minutes=30)
    quiet_before_ending: timedelta = timedelta(minutes=30)
    verify_every: timedelta = timedelta(seconds=5)
    verify_for: timedelta = timedelta(minutes=10)
    log_heads_file: Path | None = None
    log_keep: timedelta = timedelta()
    """How long rows of the action log are kept; zero: for ever."""
    read_back_for: timedelta = timedelta(minutes=5)
    channel_pattern: str = "inc-{number}-{slug}"
    offer_declare: bool = True
    """Whether small alerts of other bots get a Declare button below their message."""
    timeline_emoji: str = "pushpin"
    """The reaction that puts a message on the timeline."""
    public_url: str | None = None
    model_deadline: timedelta = timedelta(seconds=20)
    degraded_after: timedelta = timedelta(seconds=30)
    mail_after: timedelta = timedelta(seconds=60)
    stale_after: timedelta = timedelta(minutes=10)
    approval_holds: timedelta = timedelta(minutes=30)
    can_mail: bool = False
    operator_emails: tuple[str, ...] = ()
    places: Mapping[Place, str] = field(default_factory=dict)
    """The channels that are set for all places but the incident's own."""
    model_calls_per_hour: int = 120
    model_endpoint: str = ""
    hide_addresses: bool = True
    working_hours: SupportHours = WORKING_HOURS
    """When people may be asked for what can wait."""
    posts_per_hour: int = 20
    """Into an incident's channel; what comes after goes to a thread."""
    archive_after: timedelta = timedelta()
    """How long after its end an incident's channel is archived; zero: never."""
    canvas: bool = False
    """Whether a canvas of each incident's channel is kept up to date while it runs."""
    bridge: str | None = None
    """The pattern of the link to an incident's call, where it gets one when it opens."""
    weekly_channel: str = ""
    """Where the weekly digest is posted; empty: nowhere."""
    drill_day: int = 0
    """From which day of the month on a drill is begun by itself; 0: never."""
    judge_per_hour: int = 0
    """How many interactions with AI systems a model judges in an hour; 0: none."""
    ai_report_channel: str = ""
    """Where the reports on AI systems are posted; nowhere where it is empty."""
    model_budget: Budget = PER_INCIDENT
    """For one incident; without steps the model tests no causes."""
    model_budget_a_day: Budget = PER_DAY


@dataclass(frozen=True)
class Deps:
    """Everything a step works with."""

    db: Db
    now: Clock
    workspace_id: str
    chat: Chat
    catalog: Catalog
    runbooks: RunbookIndex
    """As they were at the start."""
    policy: Policy = Policy()
    context_sources: Sequence[ContextSource] = ()
    silence_sources: Sequence[SilenceSource] = ()
    schedules: Mapping[str, ScheduleSource] = field(default_factory=dict)
    actions: Mapping[str, SupervisedAction] = field(default_factory=dict)
    """Adapters by instance, and the entries of actions.yaml by name."""
    entries: Actions = field(default_factory=Actions)
    comms_channels: Mapping[str, CommsChannel | ChatChannel] = field(default_factory=dict)
    postmortem_targets: Mapping[str, DocumentTarget] = field(default_factory=dict)
    trackers: Mapping[str, Tracker] = field(default_factory=dict)
    evaluators: Mapping[str, Evaluator] = field(default_factory=dict)
    signer: Signer | None = None
    llm: LLM | None = None
    alert_sources: Sequence[str] = ()
    """Names, for people who want to see whether a source is silent."""
    sources_heard: dict[str, datetime] = field(default_factory=dict)
    """When this process last noted that a source delivered."""
    asking: dict[str, Asking] = field(default_factory=dict)
    """Whose late answers this process waits for, by incident."""
    monitored: Monitored = field(default_factory=Monitored)
    """Everything in monitors.yaml."""
    monitors: Mapping[str, Sequence[Monitor]] = field(default_factory=dict)
    """By system; under "" those of systems that are not listed."""
    baselines: Baselines = field(default_factory=dict)
    """What this process read last of AI systems; read by `pipeline/baselines.py` alone."""
    drills: Drills | None = None
    """The worlds of drills, where this process has them."""
    examine: Callable[[], Awaitable[Sequence[Finding]]] | None = None
    """Looks at everything that the copilot depends on, where this process can."""
    people_seen: dict[str, tuple[datetime, Person]] = field(default_factory=dict)
    chosen: Chosen = field(default_factory=Chosen)
    """Read by `pipeline/chosen.py` alone."""
    measured: dict[str, Measures] = field(default_factory=dict)
    """What this process measured last of the usual period; read by `pipeline/stats/measured.py` alone."""
    shelf: Shelf = field(default_factory=Shelf)
    """Runbooks and past incidents as the librarian last saw them."""

    @property
    def library(self) -> RunbookIndex:
        """The runbooks as they are now."""
        return self.shelf.runbooks or self.runbooks
