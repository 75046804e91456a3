"""Two replicas of the copilot on one database, a sandbox workspace, and a clock: everything a run consists of."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from conftest import SetClock
from delivery.conftest import Copilot, Mailbox
from incident_copilot.demo.files import CHANNELS
from incident_copilot.domain.base import new_id
from incident_copilot.errors import OutcomeUnknown
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline import catch_up
from incident_copilot.pipeline.deps import Deps, Policy
from incident_copilot.pipeline.handlers import Rechecked
from incident_copilot.pipeline.ingest import Intake
from incident_copilot.plugins.alert_sources.alertmanager import Alertmanager
from incident_copilot.ports import PluginEnv
from incident_copilot.sandbox import Sandbox
from incident_copilot.slack.calls import connected
from incident_copilot.slack.listeners.answering import attempt
from incident_copilot.slack.manifest import manifest
from incident_copilot.slack.workspace import SlackWorkspace
from pipeline import life
from quick import opened_quickly

from .alerts import body_of
from .fuse import BURNING, Fuse, FusedChat, Killed, watch_commits

LEASES_LAST_S = 15
GONE_BY = "2020-01-01 00:00:00.000000"
POLICY = Policy(verify_every=timedelta(minutes=5))


class Rollback(life.Rollback):
    """An action whose answer can be lost after it was done."""

    def __init__(self):
        super().__init__()
        self.loses_answer = False

    async def execute(self, approved):
        result = await super().execute(approved)
        if self.loses_answer:
            raise OutcomeUnknown("GitHub: no answer to POST dispatches")
        return result


class Replica:
    """One process of the copilot; dead once it was killed."""

    def __init__(self, scene):
        self.fuse = Fuse()
        chat = FusedChat(SlackWorkspace(scene.client), self.fuse)
        plain = Deps(
            db=scene.db,
            now=scene.clock,
            workspace_id="w",
            chat=chat,
            catalog=life.CATALOG,
            runbooks=RunbookIndex.build(Library()),
            policy=POLICY,
        )
        actions = {scene.action.name: Rechecked(scene.action, plain)}
        self.deps = replace(plain, actions=actions)
        self.copilot = Copilot(scene.sandbox, self.deps, scene.clock, scene.mailbox, actions)
        self._intake = Intake(self.deps)
        self._source = Alertmanager(PluginEnv(http=None, now=scene.clock, secret="s"))

    async def take(self, told):
        """Take in one webhook."""
        body = body_of(told)
        return await self._intake.receive("alertmanager", self._source.parse({}, body), body)

    async def attempt(self, who, act):
        """Do what somebody clicked on; return what they are told, and whether it counts."""
        return await attempt(self.deps, who, lambda person: act(self.deps, person))

    async def work(self):
        """Run all jobs that are due."""
        return await self.copilot.worker.run_due()

    async def send(self):
        """Send all effects that are due."""
        return await self.copilot.outbox.run_due()


class Scene:
    """The database, the workspace, the clock and the replicas; made by `Scene.set_up`."""

    def __init__(self, file, sandbox, client, clock):
        self.sandbox, self.client, self.clock = sandbox, client, clock
        self.mailbox, self.action = Mailbox(), Rollback()
        self.db = opened_quickly(f"sqlite+aiosqlite:///{file}")
        watch_commits(self.db)
        self.view = sqlite3.connect(file, isolation_level=None)
        self.view.row_factory = sqlite3.Row
        self.deaths = 0
        self.replicas = [Replica(self), Replica(self)]

    @classmethod
    async def set_up(cls, stack: AsyncExitStack, file):
        """Begin at noon on a migrated database."""
        clock = SetClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
        sandbox = await stack.enter_async_context(
            Sandbox.running(manifest=manifest(), channels=CHANNELS, now=lambda: clock().timestamp())
        )
        sandbox.workspace.emit = lambda *_: None  # nobody listens to its events
        client = await stack.enter_async_context(connected(sandbox.bot_token, sandbox.base_url))
        scene = cls(file, sandbox, client, clock)
        stack.push_async_callback(scene.db.close)
        stack.callback(scene.view.close)
        return scene

    async def act(self, which, name, *arguments):
        """Have a replica do something; None when it died of it, and another one has taken its place."""
        self.clock.forward(0.001)
        replica = self.replicas[which]
        BURNING.set(replica.fuse)
        try:
            return await getattr(replica, name)(*arguments)
        except Killed:
            await _end_of_what_ran()
            BURNING.set(None)
            self.deaths += 1
            await self.start_anew(which)
            return None
        finally:
            BURNING.set(None)

    async def both(self, name):
        """Have both replicas do the same at the same time."""
        await asyncio.gather(self.act(0, name), self.act(1, name))

    async def start_anew(self, which):
        """Put a new process into a replica's place; the leases of the old one run out when their time is over."""
        self.replicas[which] = Replica(self)
        await catch_up.after_restart(self.replicas[which].deps)

    def pass_time(self, seconds):
        """Let time pass, for the leases too, which go by the database's own clock."""
        self.clock.forward(seconds)
        if seconds >= LEASES_LAST_S:
            for table in ("jobs", "effects"):
                self.view.execute(f"UPDATE {table} SET lease_until = ? WHERE state = 'leased'", [GONE_BY])

    def rows(self, query, *values):
        """What the database has, committed."""
        return self.view.execute(query, values).fetchall()

    def new_id(self):
        """An id of this moment."""
        self.clock.forward(0.001)
        return new_id(self.clock())


async def _end_of_what_ran():
    """What else the dead process was doing comes to its own end at its next crossing."""
    # A transaction that a death left open is closed by a task too, whenever it is collected, and that has no name.
    running = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__qualname__", "") == "Crew._guarded"]
    await asyncio.gather(*running, return_exceptions=True)
