"""The whole pipeline on a real database, with a chat in memory and a clock that tests turn: alerts in, messages out."""

import itertools
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from incident_copilot.domain.action import Actions
from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.catalog import ApprovalPolicy, Catalog, CatalogPerson, OnCall, Service, Team
from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import OpenChannel, Place, Show, Upload
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Audience, ProposalKind, ProposalState, Risk
from incident_copilot.errors import ChatUnavailable, DecisionRefused, OutcomeUnknown
from incident_copilot.jobs.dispatch import Couriers
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.jobs.worker import Worker
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline import carry_out, people, proposing, receive
from incident_copilot.pipeline.comms import permitted
from incident_copilot.pipeline.deps import Deps, Policy
from incident_copilot.pipeline.handlers import handlers, rechecked
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.ports import ActionResult, ChatChannel, Delivery, DryRun, Receipt
from incident_copilot.store import action_log, alerts, incidents, jobs, proposals, timeline
from incident_copilot.vendors import departing

from . import samples

PLACES = {
    Place.ANNOUNCE: "CANNOUNCE",
    Place.INTERNAL_UPDATES: "CINTERNAL",
    Place.CUSTOMER_UPDATES: "CCUSTOMERS",
    Place.OPERATOR: "COPERATOR",
}
CATALOG = Catalog(
    services=(
        Service(name="checkout", team="shop", tier=1, user_facing=True, depends_on=("payments",)),
        Service(name="payments", team="shop", tier=2),
        Service(name="search", team="finders", tier=2, user_facing=True, handles_personal_data=False),
        Service(name="batch", team="finders", tier=4, user_facing=False, handles_personal_data=False),
    ),
    teams=(
        Team(name="shop", on_call=OnCall(primary="U0ANA", secondary="U0BEN")),
        Team(name="finders", on_call=OnCall(primary="U0ANA")),
    ),
    people=(
        CatalogPerson(slack="U0ANA", roles=frozenset({Role.APPROVER})),
        CatalogPerson(slack="U0BEN", roles=frozenset({Role.COMMANDER})),
        CatalogPerson(slack="U0CARA", roles=frozenset({Role.COMMS})),
        CatalogPerson(slack="U0LEO", roles=frozenset({Role.APPROVER}), max_risk=Risk.LOW),
        CatalogPerson(slack="U0VIC", roles=frozenset({Role.VIEWER})),
    ),
)
SOLO = CATALOG.model_copy(update={"approvals": ApprovalPolicy(solo=True)})


def big(name="HighErrorRate", **fields):
    """An alert that opens a P1 on checkout; its text names no share of requests, so no customer update is drafted."""
    return samples.alert(name, **({"description": ""} | fields))


def small(name="SlowSearch", **fields):
    """An alert that opens a P2 on search."""
    return samples.alert(name, **({"service": "search", "severity": "warning", "description": ""} | fields))


def tiny(name="DiskFilling", **fields):
    """An alert for the digest."""
    return samples.alert(name, **({"service": "batch", "severity": "info", "description": ""} | fields))


def over(alert, clock):
    """The same alert, resolved now."""
    return alert.model_copy(update={"status": AlertStatus.RESOLVED, "ends_at": clock()})


def again(alert, clock):
    """The same alert, firing anew since a second later."""
    clock.forward(1)
    return alert.model_copy(update={"status": AlertStatus.FIRING, "starts_at": clock(), "ends_at": None})


class Chat:
    """A chat that takes every deed and records it; `trouble` maps a kind of deed or a slot to an error to raise."""

    def __init__(self):
        self.posts = []
        self.shown, self.standing = {}, {}
        self.deeds = []
        self.trouble = {}
        self.people = {"U0GUS": samples.GUS, "U0BOT": Person(id="U0BOT", name="Bot", is_bot=True)}
        self.is_away = False
        self.messages = {}
        self.ended = []
        self._ts = itertools.count(1)

    async def deliver(self, effect, target):
        deed = effect.deed
        trouble = self.trouble.get(deed.do) or self.trouble.get(getattr(deed, "slot", None))
        if trouble:
            raise trouble
        self.deeds.append(deed)
        if isinstance(deed, OpenChannel):
            return {"channel": f"C-{deed.name}"}
        if isinstance(deed, Upload):
            return {"file": f"F{next(self._ts)}"}
        if not isinstance(deed, Show):
            return {}
        ts = target.message_ts or f"{next(self._ts)}.000000"
        self.shown[target.channel, deed.slot] = self.standing[target.channel, ts] = deed.content
        if target.message_ts is None:
            self.posts.append((target.channel, target.thread_ts, deed.content))
        return {"channel": target.channel, "ts": ts}

    async def look_up(self, effect, target, since):
        return None

    async def person(self, chat_id):
        if self.is_away:
            raise ChatUnavailable("Slack: HTTP 503 for POST users.info", retry_after_s=1)
        return self.people.get(chat_id, Person(id=chat_id, name=chat_id.removeprefix("U0").title()))

    async def message(self, channel, ts):
        if self.is_away:
            raise ChatUnavailable("Slack: HTTP 503 for GET reactions.get", retry_after_s=1)
        return self.messages.get(f"{channel}:{ts}")

    async def end_stream(self, channel, thread_ts, ts, text):
        if trouble := self.trouble.get(ts):
            raise trouble
        self.ended.append((channel, thread_ts, ts, text))

    def notices(self):
        """The texts of all notices, in the order they were posted."""
        return [content.text for _, _, content in self.posts if isinstance(content, Notice)]


class Rollback:
    """A supervised action that records what it did; `trouble` is raised instead of doing it."""

    name = "github_workflow"
    retry = "ask"

    def __init__(self):
        self.done = []
        self.trouble = None

    async def dry_run(self, params):
        return DryRun(target="t", request="r", current="c", effect="e", undo="u")

    async def execute(self, approved):
        if self.trouble:
            raise self.trouble
        await departing.noted()
        self.done.append(approved)
        return ActionResult(ok=True, summary="Rolled back.")

    async def find(self, approved, since):
        return None


class Page:
    """A channel of updates that keeps what it is told; `trouble` is raised after taking it, as a lost answer is."""

    retry = "read_back"

    def __init__(self, name="Page", audience="customers"):
        self.name = name
        self.audiences = frozenset({Audience(audience)})
        self.told = []
        self.trouble = None
        self.blind = None
        self.is_forgetful = False
        self.says = None

    async def _take(self, act, update):
        if self.trouble and not isinstance(self.trouble, OutcomeUnknown):
            raise self.trouble
        await departing.noted()
        self.told.append((act, update))
        if self.trouble:
            raise self.trouble
        return Receipt(ref={"incident": "p1", "update": str(len(self.told))}, link="https://status.example/p1")

    async def preview(self, update):
        return f"POST {update.name}"

    async def publish(self, update):
        return await self._take("publish", update)

    async def correct(self, update):
        return await self._take("correct", update)

    async def retract(self, update):
        return await self._take("retract", update)

    async def find(self, update, since):
        if self.blind:
            raise self.blind
        seen = [] if self.is_forgetful else [told for _, told in self.told if told.key == update.key]
        return Receipt(ref={"incident": "p1", "update": "found"}) if seen and self.retry == "read_back" else None

    async def state(self, ref):
        return self.says

    async def check(self):
        if self.trouble:
            raise self.trouble


class Life:
    """The pipeline, its worker and its outbox, and short words for what tests do and look at."""

    def __init__(
        self,
        db,
        clock,
        *,
        catalog=CATALOG,
        sources=(),
        silencing=None,
        channels=None,
        adapters=None,
        entries=None,
        schedules=None,
        pagers=None,
        targets=None,
        trackers=None,
        llm=None,
        chat=None,
        places=None,
        mailer=None,
        **policy,
    ):
        """`silencing` are plugins that read and make silences, `adapters` and `entries` what actions.yaml needs."""
        self.clock, self.chat, self.action = clock, chat or Chat(), Rollback()
        plain = Deps(
            db=db,
            now=clock,
            workspace_id="w",
            chat=self.chat,
            catalog=catalog,
            runbooks=RunbookIndex.build(Library()),
            policy=Policy(**policy, **({"places": places} if places else {})),
            context_sources=sources,
            llm=llm,
            schedules=schedules or {},
            comms_channels=channels or {},
            postmortem_targets=targets or {},
            trackers=trackers or {},
            silence_sources=tuple(silencing.silence_sources.values()) if silencing else (),
        )
        actions = {self.action.name: self.action, **(silencing.actions if silencing else {}), **(adapters or {})}
        self.deps = rechecked(replace(plain, entries=entries or Actions()), actions)
        self.worker = Worker(db, handlers(self.deps), clock)
        couriers = Couriers(
            self.chat,
            mailer=mailer,
            actions=self.deps.actions,
            channels={name: one for name, one in (channels or {}).items() if not isinstance(one, ChatChannel)},
            pagers=pagers,
            documents=targets,
            trackers=trackers,
            withheld=partial(permitted.withheld, self.deps),
        )
        settled = partial(carry_out.settled, self.deps)
        self.outbox = Outbox(db, couriers, clock, places=places or PLACES, settled=settled, pace_s=0)

    async def work(self):
        """Run all jobs and send all effects that are due, with what they leave; nothing may be parked."""
        while await self.worker.run_due() + await self.outbox.run_due():
            pass
        async with self.deps.db.read() as db:
            assert await jobs.dead(db, "w") == []

    async def take(self, *delivered, delivery_id=None):
        """Take in one webhook and do what follows; return how many alerts changed."""
        delivery = Delivery(alerts=delivered, delivery_id=delivery_id)
        changed = await receive.receive(self.deps, "alertmanager", delivery, b"{}")
        await self.work()
        return changed

    async def go_on(self, **span):
        """Let time pass at once, then do what has become due."""
        self.clock.forward(timedelta(**span).total_seconds())
        await self.work()

    async def person(self, name):
        """Somebody of the workspace, such as "ana", with their roles."""
        return await people.known(self.deps, f"U0{name.upper()}")

    async def opened(self, *delivered):
        """Take in alerts and return the newest incident."""
        await self.take(*delivered)
        return await self.newest()

    async def newest(self):
        async with self.deps.db.read() as db:
            found = await incidents.recent(db, "w", self.clock() - timedelta(days=30), 1)
        return found[0]

    async def by_number(self, number):
        async with self.deps.db.read() as db:
            return await incidents.by_number(db, "w", number)

    async def running(self):
        async with self.deps.db.read() as db:
            return sorted(one.number for one in await incidents.running(db, "w"))

    async def alert(self, alert):
        """An alert as it is stored."""
        async with self.deps.db.transaction() as tx:
            return await alerts.lock(tx, "w", alert.fingerprint)

    async def put(self, incident, kind=ProposalKind.CHECK, **fields):
        """Put a proposal to people as the pipeline does; return it as it is stored."""
        waiting = samples.proposal(
            kind,
            incident_id=incident.id,
            created_at=self.clock(),
            expires_at=self.clock() + timedelta(hours=1),
            state=ProposalState.WAITING,
            **fields,
        )
        async with self.deps.db.transaction() as tx:
            await proposals.add(tx, waiting)
            await proposing.show_next(tx, self.deps, await incidents.get(tx, incident.id))
        return await self.proposal(waiting.id)

    async def proposal(self, proposal_id):
        async with self.deps.db.read() as db:
            return await proposals.get(db, proposal_id)

    async def proposals(self, incident, state=None):
        async with self.deps.db.read() as db:
            return await proposals.of_incident(db, incident.id, state)

    async def log(self, incident, *kinds):
        """The rows of the incident's log, of these kinds or all."""
        async with self.deps.db.read() as db:
            rows = await action_log.entries(db, incident.id)
            assert await action_log.verify(db) == []
        return [row for row in rows if not kinds or row.kind in kinds]

    async def refused(self, incident, doing):
        """The text of a refusal, after checking that it is logged."""
        with pytest.raises(DecisionRefused) as refusal:
            await doing
        row = (await self.log(incident))[-1]
        assert (row.kind, row.payload["because"]) == (LogKind.DENIED, str(refusal.value))
        return str(refusal.value)

    async def workspace_log(self):
        """The rows of the log that belong to no incident."""
        async with self.deps.db.read() as db:
            return await action_log.entries(db, chain="workspace:w")

    async def timeline(self, incident, *kinds):
        async with self.deps.db.read() as db:
            entries = await timeline.of_incident(db, incident.id)
        return [entry for entry in entries if not kinds or entry.kind in kinds]

    async def run_job(self, kind, incident):
        """Run one kind of job of an incident now, due or not."""
        async with self.deps.db.transaction() as tx:
            key = f"{kind}:{incident.id}"
            await jobs.enqueue(
                tx,
                workspace_id="w",
                kind=kind,
                key=key,
                lane=f"incident:{incident.id}",
                run_at=self.clock(),
                payload={"incident_id": incident.id},
            )
        await self.work()

    async def tick_digest(self):
        """Tick the digest of this hour, as the clock does."""
        async with self.deps.db.transaction() as tx:
            key = f"digest:{self.clock().isoformat()}"
            await jobs.enqueue_tick(
                tx, workspace_id="w", kind=Work.DIGEST, key=key, lane="tick:digest", run_at=self.clock()
            )
        await self.work()

    async def due(self, kind):
        """When the next job of a kind is due; None where none waits."""
        async with self.deps.db.read() as db:
            return await jobs.next_due(db, [kind], self.clock())
