"""The outbox with all that hangs on it, between a sandbox workspace and a clock that the tests move."""

from dataclasses import dataclass, field, replace
from functools import partial

import pytest

from incident_copilot.demo.files import CHANNELS
from incident_copilot.domain.base import new_id
from incident_copilot.domain.catalog import Catalog, CatalogPerson, OnCall, Service, Team
from incident_copilot.domain.effect import EffectState, Place
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.jobs.dispatch import Couriers
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.jobs.worker import Worker
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline import carry_out, catch_up, housing, opening, operators, show, without_chat
from incident_copilot.pipeline.deps import Deps, Policy
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.sandbox import Sandbox
from incident_copilot.slack.calls import connected
from incident_copilot.slack.manifest import manifest
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store import action_log, effects, incidents, open_effects, outages

PLACES = {
    Place.ANNOUNCE: "incidents",
    Place.INTERNAL_UPDATES: "incident-updates",
    Place.CUSTOMER_UPDATES: "customer-updates",
    Place.OPERATOR: "copilot-ops",
}
CATALOG = Catalog(
    services=(Service(name="checkout", team="shop"),),
    teams=(Team(name="shop", on_call=OnCall(primary="U0ANA", secondary="U0SAM"), email="shop@example.net"),),
    people=(
        CatalogPerson(slack="U0ANA", email="ana@example.net", roles=frozenset({"approver"})),
        CatalogPerson(slack="U0BEN", roles=frozenset({"commander"})),
        CatalogPerson(slack="U0VIC", roles=frozenset({"viewer"})),
    ),
)


class Mailbox:
    """A mail server in memory; `troubles` are raised by the next hand-overs."""

    def __init__(self):
        self.letters = []
        self.troubles = []

    async def send(self, mail_id, mail):
        if self.troubles and (trouble := self.troubles.pop(0)):
            raise trouble
        self.letters.append(mail)


@dataclass
class Copilot:
    """Everything that a test of delivery uses."""

    sandbox: Sandbox
    deps: Deps
    clock: object
    mailbox: Mailbox
    actions: dict = field(default_factory=dict)

    def __post_init__(self):
        self.outbox = self.make_outbox()
        self.worker = Worker(
            self.deps.db, handlers(self.deps), self.clock, parked=partial(operators.job_parked, self.deps)
        )

    def make_outbox(self, **options):
        """Another replica's outbox."""
        return Outbox(
            self.deps.db,
            Couriers(self.deps.chat, actions=self.actions, mailer=self.mailbox),
            self.clock,
            places=PLACES,
            settled=partial(carry_out.settled, self.deps),
            rehouse=partial(housing.rehouse, self.deps),
            away=partial(without_chat.noticed, self.deps),
            back=partial(catch_up.chat_is_back, self.deps),
            **options,
        )

    async def go(self, seconds=0, step=1):
        """Send what is due, then let the time pass, sending at every step."""
        await self.outbox.run_due()
        for _ in range(int(seconds / step)):
            self.clock.forward(step)
            await self.outbox.run_due()

    async def open(self, severity=Severity.P1, **fields):
        """Open an incident as an alert does."""
        now = self.clock()
        values = {
            "id": new_id(now),
            "workspace_id": "w",
            "number": 0,
            "title": "checkout: high error rate",
            "severity": severity,
            "status": Status.OPEN,
            "service": "checkout",
            "team": "shop",
            "correlation_key": f"key-{new_id(now)}",
            "started_at": now,
            "opened_at": now,
        }
        self.clock.forward(0.001)
        async with self.deps.db.transaction() as tx:
            incident = Incident.model_validate(values | fields)
            return await opening.open_incident(tx, self.deps, incident, LogKind.OPENED, "policy:triage", {})

    async def put(self, call, *arguments, **options):
        """Call a function of the pipeline in a transaction of its own."""
        self.clock.forward(0.001)
        async with self.deps.db.transaction() as tx:
            return await call(tx, self.deps, *arguments, **options)

    async def notice(self, incident, text, name=None):
        """Say something in an incident's channel."""
        return await self.put(show.notice, incident, name or text.replace(" ", "-"), text)

    async def now_is(self, incident):
        """The incident as it is stored."""
        async with self.deps.db.read() as db:
            return await incidents.get(db, incident.id)

    async def effects_of(self, incident):
        """The incident's effects."""
        async with self.deps.db.read() as db:
            return await effects.by_incident(db, incident.id)

    async def waiting(self):
        """How many effects are not settled."""
        async with self.deps.db.read() as db:
            return len(await open_effects.unsent(db, "w"))

    async def states(self, incident):
        """State by slot or kind of deed."""
        found = await self.effects_of(incident)
        named = [(e.deed.slot if e.deed.do == "show" else e.deed.do, e.state) for e in found]
        return {name: state for name, state in named if state is not EffectState.SUPERSEDED}

    async def outage(self):
        """The outage that is noted."""
        async with self.deps.db.read() as db:
            return await outages.of(db, "w")

    async def log(self, incident=None):
        """The kinds of rows of the incident's chain, or of the workspace's."""
        chain = f"incident:{incident.id}" if incident else "workspace:w"
        async with self.deps.db.read() as db:
            return [row.kind for row in await action_log.entries(db, chain=chain)]

    def texts(self, channel, thread_ts=None):
        """What people read in a channel or thread."""
        return [message.text for message in self.sandbox.messages(channel, thread_ts)]

    def calls(self, method):
        """When this method was carried out, in seconds since the first."""
        return [effect.at for effect in self.sandbox.ledger if effect.method == method]


@pytest.fixture
async def sandbox(clock):
    """A workspace that lives by the test's clock."""
    async with Sandbox.running(manifest=manifest(), channels=CHANNELS, now=lambda: clock().timestamp()) as running:
        yield running


@pytest.fixture
async def client(sandbox):
    """The bot's client, with a short deadline."""
    async with connected(sandbox.bot_token, sandbox.base_url) as opened:
        opened.timeout = 1
        yield opened


@pytest.fixture
def copilot_with(sandbox, client, clock):
    """Builds a copilot on a database."""

    def build(db, actions=None, **policy):
        deps = Deps(
            db=db,
            now=clock,
            workspace_id="w",
            chat=SlackWorkspace(client),
            catalog=CATALOG,
            runbooks=RunbookIndex.build(Library()),
            policy=Policy(**({"can_mail": True, "operator_emails": ("ops@example.net",)} | policy)),
        )
        return Copilot(sandbox, replace(deps, actions=actions or {}), clock, Mailbox(), actions or {})

    return build


@pytest.fixture
def copilot(copilot_with, db):
    """A copilot on SQLite."""
    return copilot_with(db)
