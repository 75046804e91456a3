"""The shape of every kind of plugin.

A plugin module offers `create(env, options) -> <its port>`; `options` is the validated mapping of one instance in
copilot.yaml. It may import ports, domain, vendors and errors, and nothing else of the package.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

import httpx
from pydantic import BaseModel, Field

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.change import Change
from incident_copilot.domain.effect import Page, RunAction
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.observation import Snapshot
from incident_copilot.domain.page import PageHeard
from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.rotation import OnDuty
from incident_copilot.domain.sampled import Sampled
from incident_copilot.domain.silence import Silence
from incident_copilot.domain.update import PublicState, Update

Clock = Callable[[], datetime]
"""Returns the aware time now, in UTC."""

QUERY_TOKEN = "copilot-query-token"  # noqa: S105 - the header's name, not the secret
"""The header under which alert sources find `?token=` of the address, which is the last resort of some vendors."""


@dataclass(frozen=True)
class PluginEnv:
    """What a plugin may use: no database, no chat.

    `context_deadline_s` is how long context sources are waited for; what is not there after 3 s refreshes the brief.
    """

    http: httpx.AsyncClient
    now: Clock
    secret: str | None = None
    instance: str = ""
    context_deadline_s: float = 15.0

    @property
    def request_deadline_s(self) -> float:
        """How long one request of a context source may take so that a slow one does not lose what the others found."""
        return self.context_deadline_s * 5 / 6


class Delivery(Frozen):
    """What one webhook request carried; `delivery_id` is the sender's own, None where it sends none.

    `ignored` names an event that this source knows and that says nothing, such as a ping. `unknown` names one that it
    does not know: its body is kept as a dead letter, for people to look at. `pages` are what became of our own pages.
    `snapshots` and `interactions` are what AI systems tell of themselves; `flagged` names what of it was left out.
    """

    alerts: tuple[Alert, ...] = ()
    changes: tuple[Change, ...] = ()
    pages: tuple[PageHeard, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    interactions: tuple[Sampled, ...] = ()
    flagged: tuple[str, ...] = ()
    delivery_id: str | None = None
    ignored: str | None = None
    unknown: str | None = None


class AlertSource(Protocol):
    """Turns a vendor's webhook into alerts and changes."""

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> Awaitable[None] | None:
        """Check the request's secret or signature; `async` where a certificate has to be fetched for it.

        Raises:
            Unauthenticated: it is missing or wrong.
        """
        ...

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return what one body says; header names are lower case.

        Raises:
            BadPayload: the body is not what this vendor sends; names the field.
        """
        ...


@runtime_checkable
class ConfidentialSource(Protocol):
    """An alert source whose bodies hold what people wrote: they are redacted before they are kept."""

    keeps_people_out: bool


class Question(Frozen):
    """What a context source is asked: the incident, its alerts, the services around it and the time window.

    A model that tests a cause has one service asked about, and of other times too.
    """

    incident: Incident
    alerts: tuple[Alert, ...]
    services: tuple[str, ...]
    repos: dict[str, str]
    since: datetime
    until: datetime


class ContextSource(Protocol):
    """Looks things up for an incident, read-only.

    `name` is what people read. `finds` says which kinds of evidence it looks for, so that finding none means something.
    """

    name: str
    finds: frozenset[EvidenceKind]

    async def gather(self, question: Question) -> Sequence[Evidence]:
        """Return what was found; an empty list means: looked and found nothing. The deadline is the caller's.

        Raises:
            VendorError: could not look.
        """
        ...

    async def check(self) -> None:
        """Read something small, to see that address and secret are right.

        Raises:
            VendorError: they are not, or nobody answers.
        """
        ...


@runtime_checkable
class MetricNames(Protocol):
    """A context source that can list what it measures."""

    name: str

    async def metric_names(self) -> frozenset[str]:
        """Return the names of all metrics that there are now.

        Raises:
            VendorError: could not look.
        """
        ...


@dataclass(frozen=True)
class OfferedTool:
    """A tool that only reads, which a model may be given: `call` returns untrusted text, within its deadline.

    It raises VendorError where nothing can be read.
    """

    name: str
    description: str
    parameters: type[BaseModel]
    call: Callable[[BaseModel], Awaitable[str]]


@runtime_checkable
class ToolSource(Protocol):
    """A context source that also has tools for a model."""

    async def tools(self) -> Sequence[OfferedTool]:
        """Return the tools that the operators allow a model.

        Raises:
            VendorError: they could not be listed, or one of them may not be given to a model.
        """
        ...


class DryRun(Frozen):
    """What carrying out an action would do, in words and as the exact request.

    `state` is what was read of the target now, `wanted` what of it will be different; empty where it cannot be read.
    """

    target: str
    request: str
    current: str
    effect: str
    undo: str
    state: dict[str, str] = Field(default_factory=dict)
    wanted: dict[str, str] = Field(default_factory=dict)


class ActionResult(Frozen):
    """What happened; `ok` False means that the other side refused."""

    ok: bool
    summary: str
    link: str | None = None


class SupervisedAction(Protocol):
    """Something done in production after people approved it."""

    name: str
    retry: str
    """How an unknown outcome is settled: "keyed" (same key again is safe), "read_back" or "ask"."""

    async def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Describe exactly what `execute` would do now, changing nothing.

        Raises:
            VendorError: the current state could not be read.
        """
        ...

    async def execute(self, approved: RunAction) -> ActionResult:
        """Do it once, through the calls of vendors/, which note right before a request leaves that it does.

        Raises:
            VendorUnavailable: nothing was done, and it may be tried again.
            OutcomeUnknown: it was asked for and no answer came.
        """
        ...

    async def find(self, approved: RunAction, since: datetime) -> ActionResult | None:
        """Look whether an earlier `execute` with this key happened; None: not found."""
        ...


@runtime_checkable
class Checked(Protocol):
    """An action or channel that can be asked whether it reaches what it is for."""

    async def check(self) -> None:
        """Read something small, to see that address and secret are right.

        Raises:
            VendorError: they are not, or nobody answers.
        """
        ...


class Receipt(Frozen):
    """What a channel answered: `ref` is given back with the next update or correction, `link` is for people."""

    ref: dict[str, str] = Field(default_factory=dict)
    link: str | None = None


class CommsChannel(Protocol):
    """Tells some audiences of an incident, outside of the chat; each call is for one update that people approved."""

    name: str
    """What people read."""
    audiences: frozenset[Audience]
    retry: str
    """How an unknown outcome of `publish` is settled: "keyed" (the same again is safe), "read_back" or "ask"."""

    async def preview(self, update: Update) -> str:
        """Return the exact request that `publish` would make, changing nothing."""
        ...

    async def publish(self, update: Update) -> Receipt:
        """Tell it once: the first update of its incident, or where it has a `ref` the next one.

        Raises:
            VendorUnavailable: nothing was told, and it may be tried again.
            OutcomeUnknown: it was handed over and no answer came.
            VendorRefused: it was refused for good.
        """
        ...

    async def correct(self, update: Update) -> Receipt:
        """Put other words in the place of those that are out. Raises as `publish`; repeating it does no harm."""
        ...

    async def retract(self, update: Update) -> Receipt:
        """Take the words back, saying so where they were. Raises as `publish`; repeating it does no harm."""
        ...

    async def find(self, update: Update, since: datetime) -> Receipt | None:
        """Look whether an earlier `publish` of this happened; None: not found.

        Raises:
            VendorError: could not look.
        """
        ...

    async def state(self, ref: Mapping[str, str]) -> PublicState | None:
        """Return what the channel says now of the incident; None where it says nothing that can be read.

        Raises:
            VendorError: could not look.
        """
        ...

    async def check(self) -> None:
        """Read something small, to see that address and secret are right.

        Raises:
            VendorError: they are not, or nobody answers.
        """
        ...


@runtime_checkable
class ChatChannel(Protocol):
    """A channel of the chat for some audiences; the chat itself posts there, so it is only named."""

    name: str
    audiences: frozenset[Audience]
    chat_channel: str


class SilenceSource(Protocol):
    """Says what is silenced elsewhere, at the sources whose names are in `alert_sources`."""

    name: str
    alert_sources: tuple[str, ...]

    async def silences(self) -> Sequence[Silence]:
        """Return the silences that are active there now, those that end last first.

        Raises:
            VendorError: they could not be read.
        """
        ...


class Pager(Protocol):
    """Pages people at a paging service; the key of a page makes several tellings one."""

    name: str

    async def send(self, page: Page) -> None:
        """Trigger, acknowledge or resolve a page; the same again is harmless.

        Raises:
            VendorUnavailable: it was not taken; try again.
            VendorRefused: it was refused for good.
        """
        ...


class ScheduleSource(Protocol):
    """Says who is on call by the schedules of a paging service or calendar; only reads."""

    name: str

    async def on_duty(self, schedule: str) -> Sequence[OnDuty]:
        """Return who is on call now by a schedule, by its name or id there; an empty list means nobody is.

        Raises:
            VendorError: it could not be read.
        """
        ...
