"""The bot's side of the listener tests: a database, the pipeline, the app, and messages to click on."""

from dataclasses import dataclass
from datetime import UTC, datetime

from slack_bolt.app.async_app import AsyncApp
from slack_samples import INCIDENT_ID, brief, evidence, incident, proposal

from incident_copilot.domain.catalog import Catalog, CatalogPerson, Service
from incident_copilot.domain.content import Card, ProposalView
from incident_copilot.domain.effect import Effect, Place, Show, Target, class_of
from incident_copilot.domain.outside import Regulation, Vendor
from incident_copilot.domain.person import Role
from incident_copilot.pipeline import read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.sandbox import Sandbox
from incident_copilot.slack.views import render
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store import evidence as evidence_rows
from incident_copilot.store import incidents, messages, proposals

CATALOG = Catalog(
    services=(Service(name="checkout", team="payments"), Service(name="payments")),
    people=(
        CatalogPerson(slack="U0ANA", roles=frozenset({Role.APPROVER})),
        CatalogPerson(slack="U0BEN", roles=frozenset({Role.COMMANDER})),
        CatalogPerson(slack="U0CARA", roles=frozenset({Role.COMMS})),
        CatalogPerson(slack="U0VIC", roles=frozenset({Role.VIEWER})),
    ),
    vendors=(Vendor(name="stripe", contact="help@stripe.example"),),
    regulatory=(Regulation(name="bank", tell="the bank", within_h=24),),
)


@dataclass
class Copilot:
    """What a test needs of the bot."""

    sandbox: Sandbox
    deps: Deps
    workspace: SlackWorkspace
    app: AsyncApp | None = None

    async def open(self, **fields):
        """Open an incident that lives in #general."""
        general = self.sandbox.channel("#general").id
        values = {"number": 0, "channel_id": general, "started_at": datetime.now(UTC), "opened_at": datetime.now(UTC)}
        opened = incident(**(values | fields))
        async with self.deps.db.transaction() as tx:
            return await incidents.open_new(tx, opened)

    async def propose(self, **fields):
        """Put a proposal to people."""
        now = datetime.now(UTC)
        put = proposal(**({"created_at": now, "expires_at": now.replace(year=now.year + 1)} | fields))
        async with self.deps.db.transaction() as tx:
            await proposals.add(tx, put)
        return put

    async def find(self, shown=None):
        """Keep evidence and a brief."""
        async with self.deps.db.transaction() as tx:
            await evidence_rows.add_all(tx, [evidence(number) for number in (1, 2, 3)])
            await evidence_rows.add_brief(tx, shown or brief())

    async def show(self, content, channel="general", slot=None):
        """Post content as the bot does, remember the message, and return it."""
        number = len(self.sandbox.messages(f"#{channel}")) + 1
        deed = Show(place=Place.INCIDENT, slot=slot or f"s{number}", content=content)
        effect = Effect(
            id=f"{number:032x}",
            workspace_id="w",
            incident_id=INCIDENT_ID,
            stream="s",
            seq=1,
            deed=deed,
            effect_class=class_of(deed),
            run_at=datetime.now(UTC),
            created_at=datetime.now(UTC),
        )
        posted = await self.workspace.show(effect, render(content), Target(channel=channel))
        async with self.deps.db.transaction() as tx:
            await messages.record(
                tx, workspace_id="w", scope=INCIDENT_ID, slot=deed.slot, now=effect.created_at, **posted
            )
        return self.sandbox.messages(f"#{channel}")[-1]

    async def show_card(self, opened):
        """Post the card of an incident."""
        return await self.show(Card(incident=opened, firing=1, resolved=0, now=datetime.now(UTC)))

    async def show_proposal(self, opened, put):
        """Post a proposal."""
        return await self.show(ProposalView(incident=opened, proposal=put), slot=f"proposal:{put.id}")

    async def now_is(self, incident_id=INCIDENT_ID):
        """Return the incident as it is stored now."""
        return await read.incident(self.deps, incident_id)

    async def stored(self, proposal_id):
        """Return the proposal as it is stored now."""
        return (await read.proposal(self.deps, proposal_id)).proposal

    async def hears(self, who, channel="#general"):
        """Return what the bot has told one person only, waiting for the first of it."""
        person = self.sandbox.person(who)
        await self.sandbox.until(lambda: person.ephemerals(channel))
        return [message.text for message in person.ephemerals(channel)]
