"""A bot between a sandbox and a database, with nothing sent unless a test sends it, and what may be asked of both."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import sqlalchemy as sa
from slack_bolt.async_app import AsyncApp

from incident_copilot.domain.base import new_id
from incident_copilot.domain.catalog import Catalog, CatalogPerson, Rollback, Service
from incident_copilot.domain.content import Card, ProposalView
from incident_copilot.domain.effect import Effect, Place, Show, Target, class_of
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.person import Role
from incident_copilot.domain.proposal import Proposal, ProposalKind, Risk
from incident_copilot.pipeline import read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.sandbox import Sandbox
from incident_copilot.sandbox.state.users import User, default_people
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store import action_log, incidents, messages, proposals
from incident_copilot.store.tables import metadata

SECRET = "s3cret-of-the-webhook"
FORM = "application/x-www-form-urlencoded"
CATALOG = Catalog(
    services=(Service(name="payments", repo="acme/payments", rollback=Rollback(workflow="rollback.yml")),),
    people=(
        CatalogPerson(slack="U0ANA", roles=frozenset({Role.APPROVER})),
        CatalogPerson(slack="U0BEN", roles=frozenset({Role.COMMANDER})),
        CatalogPerson(slack="U0VIC", roles=frozenset({Role.VIEWER})),
        *(CatalogPerson(slack=f"U0APPROVER{n}", roles=frozenset({Role.APPROVER})) for n in range(50)),
    ),
)
SHOWN = {
    "action": "github_workflow",
    "params": {
        "repo": "acme/payments",
        "workflow": "rollback.yml",
        "ref": "main",
        "service": "payments",
        "version": "v2.30.4",
    },
    "target": "acme/payments",
    "request": "POST …",
    "current": "v2.31.0 is live",
    "effect": "v2.30.4 goes live",
    "undo": "deploy v2.31.0 again",
}


def people():
    """The default people and those that abuse needs, anew for each workspace: tests change them."""
    return [
        *default_people(),
        User("U0GONE", "gone", "Gone Girl", "", "responder", "#111111", deleted=True),
        User("U0WFBOT", "flow", "Workflow", "", "bot", "#222222", is_bot=True),
        User("U0NASTY", "<!here>", "Approved <@U0CEO>", "", "responder", "#333333"),
        *(User(f"U0APPROVER{n}", f"a{n}", f"Approver {n}", "", "approver", "#444444") for n in range(50)),
    ]


def now():
    """The time."""
    return datetime.now(UTC)


def signed(body, secret, at=None, kind="application/json"):
    """Headers with which Slack would send this body."""
    raw = body if isinstance(body, bytes) else body.encode()
    stamp = str(int(now().timestamp() if at is None else at))
    mac = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={mac}", "content-type": kind}


async def counted(db):
    """How many rows each table has: equal before and after means that nothing was stored."""
    async with db.read() as view:
        return {
            table.name: (await view.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
            for table in metadata.sorted_tables
        }


@dataclass
class Bench:
    """The bot, its workspace and its database."""

    sandbox: Sandbox
    deps: Deps
    workspace: SlackWorkspace
    bolt: AsyncApp
    http: httpx.AsyncClient

    async def open(self, **fields):
        """Open an incident that lives in #general."""
        values = {
            "id": new_id(now()),
            "workspace_id": "w",
            "number": 0,
            "title": "Errors on checkout",
            "severity": Severity.P1,
            "status": Status.OPEN,
            "service": "checkout",
            "correlation_key": new_id(now()),
            "started_at": now(),
            "opened_at": now(),
            "channel_id": self.sandbox.channel("#general").id,
        }
        async with self.deps.db.transaction() as tx:
            return await incidents.open_new(tx, Incident.model_validate(values | fields))

    async def propose(self, incident, **fields):
        """Put an action to people, unless another kind is named."""
        values = {
            "id": new_id(now()),
            "incident_id": incident.id,
            "workspace_id": "w",
            "kind": ProposalKind.ACTION,
            "key": new_id(now()),
            "title": "Roll back payments to v2.30.4",
            "risk": Risk.MEDIUM,
            "shown": SHOWN,
            "created_at": now(),
            "expires_at": now() + timedelta(hours=1),
        }
        async with self.deps.db.transaction() as tx:
            put = Proposal.model_validate(values | fields)
            await proposals.add(tx, put)
        return put

    async def show(self, content, slot, incident, channel="#general"):
        """Post something as the bot does, remember it, and return the message."""
        deed = Show(place=Place.INCIDENT, slot=slot, content=content)
        effect = Effect(
            id=new_id(now()),
            workspace_id="w",
            incident_id=incident.id,
            stream="s",
            seq=1,
            deed=deed,
            effect_class=class_of(deed),
            run_at=now(),
            created_at=now(),
        )
        posted = await self.workspace.deliver(effect, Target(channel=self.sandbox.channel(channel).id))
        async with self.deps.db.transaction() as tx:
            await messages.record(tx, workspace_id="w", scope=incident.id, slot=slot, now=now(), **posted)
        return self.sandbox.messages(channel)[-1]

    async def put(self, incident=None, **fields):
        """Open an incident, propose something and show it; return proposal and message."""
        incident = incident or await self.open()
        put = await self.propose(incident, **fields)
        shown = ProposalView(incident=incident, proposal=put)
        return put, await self.show(shown, f"proposal:{put.id}", incident)

    async def card(self, incident):
        """Show the card of an incident."""
        return await self.show(Card(incident=incident, firing=1, resolved=0, now=now()), "card", incident)

    async def state(self, put):
        """Where a proposal is now."""
        return (await read.proposal(self.deps, put.id)).proposal.state

    async def runs(self):
        """How many actions are in the outbox."""
        async with self.deps.db.read() as db:
            rows = (await db.execute(sa.text("SELECT deed FROM effects"))).scalars()
            return sum('"run_action"' in str(row) for row in rows)

    async def logged(self, incident):
        """Kind and actor of every row of the incident's log."""
        async with self.deps.db.read() as db:
            return [(row.kind.value, row.actor) for row in await action_log.entries(db, incident.id)]

    async def stored(self):
        """Rows by table."""
        return await counted(self.deps.db)

    async def hears(self, who, channel="#general"):
        """What the bot has told one person only, waiting for the first of it."""
        person = self.sandbox.person(who)
        await self.sandbox.until(lambda: person.ephemerals(channel))
        return [message.text for message in person.ephemerals(channel)]

    async def slack(self, body, *, at=None, secret=None, kind="application/json", **headers):
        """Send a request as Slack does over HTTP and return the status."""
        given = signed(body, secret or self.sandbox.signing_secret, at, kind) | headers
        return (await self.http.post("/slack/events", content=body, headers=given)).status_code

    async def webhook(self, body, *, secret=SECRET, **headers):
        """Send a webhook and return the answer."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"authorization": f"Bearer {secret}"} | headers
        return await self.http.post("/webhooks/prod", content=content, headers=given)

    async def webhook_raw(self, content, **headers):
        """Send any body, or a stream of pieces, as a webhook with its secret; return the status."""
        given = {"authorization": f"Bearer {SECRET}"} | headers
        return (await self.http.post("/webhooks/prod", content=content, headers=given)).status_code


def click(incident, **fields):
    """The body of a click on Acknowledge, as a form."""
    payload = {
        "type": "block_actions",
        "trigger_id": "1.1",
        "team": {"id": "T0SANDBOX"},
        "user": {"id": "U0ANA"},
        "message": {"ts": "1.1", "bot_id": "B0COPILOT"},
        "actions": [{"action_id": "acknowledge", "block_id": "card", "type": "button", "value": incident.id}],
    }
    return urlencode({"payload": json.dumps(payload | fields)})


def alert(**fields):
    """A body of Alertmanager with one alert."""
    one = {
        "status": "firing",
        "labels": {"alertname": "HighErrorRate", "service": "checkout", "severity": "critical"},
        "annotations": {"summary": "Errors on checkout"},
        "startsAt": now().isoformat(),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": "f3f4a0e2c1d2b3a4",
    }
    return {"version": "4", "status": "firing", "alerts": [one | fields]}
