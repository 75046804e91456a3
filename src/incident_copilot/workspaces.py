"""The workspaces that the copilot is installed in, each with its own token, people, listeners and rows.

With a token in the settings there is one, and nothing here asks the database.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.effect import Effect, RunAction, Target
from incident_copilot.domain.installation import Installation
from incident_copilot.domain.person import Person
from incident_copilot.domain.said import Said
from incident_copilot.errors import ChatError, StoreUnavailable
from incident_copilot.jobs.worker import Handler
from incident_copilot.pipeline import carry_out, catch_up, housing, operators, without_chat
from incident_copilot.pipeline.comms import permitted
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import ActionResult, DryRun, SupervisedAction
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.installs import Installs, place_of
from incident_copilot.slack.watched import Watched
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store import incidents, proposals
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job
from incident_copilot.store.outages import Outage

log = logging.getLogger(__name__)

FRESH_S = 15.0
"""How long a token is used before the database is asked whether another replica was told of a new one."""


@dataclass(frozen=True)
class Tenant:
    """One workspace: what its steps work with, and what listens there."""

    deps: Deps
    client: AsyncWebClient
    workspace: SlackWorkspace
    bolt: AsyncApp
    watched: Watched
    steps: Mapping[str, Handler]

    @property
    def identity(self) -> Identity:
        """Who the copilot is there."""
        return self.workspace.identity


class Workspaces:
    """Finds the workspace that a row, an effect or a request belongs to."""

    def __init__(
        self, home: Tenant, make: Callable[[str], Tenant], installs: Installs | None, *, is_fixed: bool
    ) -> None:
        """`make` builds another one by its name; `is_fixed`: the home has its token from the settings."""
        self.home = home
        self.installs = installs
        self._make = make
        self._known = {home.deps.workspace_id: home}
        self._fixed = {home.deps.workspace_id} if is_fixed or installs is None else set()
        self._asked_at: dict[str, float] = {}

    def known(self, workspace_id: str) -> Tenant:
        """Return a workspace as it was last seen."""
        if self.installs is None:
            return self.home
        if workspace_id not in self._known:
            self._known[workspace_id] = self._make(workspace_id)
        return self._known[workspace_id]

    async def of(self, workspace_id: str) -> Tenant:
        """Return a workspace with the token that it has now; without one Slack refuses, and what is for it waits."""
        tenant = self.known(workspace_id)
        asked_at = self._asked_at.get(workspace_id)
        if workspace_id in self._fixed or (asked_at and time.monotonic() - asked_at < FRESH_S):
            return tenant
        if self.installs:
            try:
                await self._has_token(tenant, await self.installs.token(tenant.deps, workspace_id))
            except StoreUnavailable as error:
                log.warning("the token of %s is used as it was last seen: %s", workspace_id, error)
        return tenant

    async def everyone(self) -> list[str]:
        """Return the names of all workspaces but the home's. Raises StoreUnavailable."""
        live = await self.installs.live(self.home.deps) if self.installs else []
        return [name for name in live if name != self.home.deps.workspace_id]

    async def pick(self, said: Mapping[str, Any]) -> AsyncApp | int:
        """Return what listens where a request comes from, or the status that it is answered with."""
        if self.installs is None:
            return self.home.bolt
        try:
            if await self.installs.noticed(self.home.deps, said):
                self._asked_at.clear()
                return 200
            name = await self.installs.workspace_at(self.home.deps, place_of(said))
        except StoreUnavailable as error:
            log.warning("a request was not taken: %s", error)
            return 503
        if name is None and not self._fixed:
            log.warning("refused a request from a workspace that the app is not installed in")
            return 403
        return (await self.of(name)).bolt if name else self.home.bolt

    async def installed(self, made: Installation) -> None:
        """Use a new token from now on."""
        self._asked_at.pop(made.workspace_id, None)
        await self.of(made.workspace_id)

    def handlers(self) -> Mapping[str, Handler]:
        """Return the steps, each done by the workspace of its job."""
        if self.installs is None:
            return self.home.steps
        return {kind: partial(self._step, kind) for kind in self.home.steps}

    def actions(self, actions: Mapping[str, SupervisedAction]) -> Mapping[str, SupervisedAction]:
        """Return the actions, each approved by people of the workspace of its incident."""
        return actions if self.installs is None else {name: _Acting(self, one) for name, one in actions.items()}

    # What the outbox and the worker call, in the workspace that it is about.

    async def settled(self, tx: Tx, effect: Effect) -> None:
        """See `carry_out.settled`."""
        await carry_out.settled(self.known(effect.workspace_id).deps, tx, effect)

    async def withheld(self, effect: Effect) -> str | None:
        """See `permitted.withheld`."""
        return await permitted.withheld((await self.of(effect.workspace_id)).deps, effect)

    async def rehouse(self, tx: Tx, effect: Effect, target: Target, code: str) -> bool:
        """See `housing.rehouse`."""
        return await housing.rehouse(self.known(effect.workspace_id).deps, tx, effect, target, code)

    async def away(self, tx: Tx, outage: Outage) -> None:
        """See `without_chat.noticed`."""
        await without_chat.noticed(self.known(outage.workspace_id).deps, tx, outage)

    async def back(self, tx: Tx, outage: Outage) -> None:
        """See `catch_up.chat_is_back`."""
        await catch_up.chat_is_back(self.known(outage.workspace_id).deps, tx, outage)

    async def parked(self, tx: Tx, job: Job, error: str) -> None:
        """See `operators.job_parked`."""
        await operators.job_parked(self.known(job.workspace_id).deps, tx, job, error)

    async def of_proposal(self, proposal_id: str) -> Tenant:
        """Return the workspace that a proposal belongs to."""
        async with self.home.deps.db.read() as db:
            incident = await incidents.get(db, (await proposals.get(db, proposal_id)).incident_id)
        return await self.of(incident.workspace_id)

    async def _step(self, kind: str, job: Job) -> None:
        await (await self.of(job.workspace_id)).steps[kind](job)

    async def _has_token(self, tenant: Tenant, token: str) -> None:
        self._asked_at[tenant.deps.workspace_id] = time.monotonic()
        if token == (tenant.client.token or ""):
            return
        tenant.client.token, tenant.identity.known = token, None
        if token:
            with contextlib.suppress(ChatError):  # who asks next finds out
                await tenant.identity.me()


class ChatOfMany:
    """Implements `ports.Chat`: each effect goes to its own workspace, with that one's token."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def deliver(self, effect: Effect, target: Target) -> dict[str, str]:
        """See `ports.Chat`."""
        return await (await self._workspaces.of(effect.workspace_id)).deps.chat.deliver(effect, target)

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> dict[str, str] | None:
        """See `ports.Chat`."""
        return await (await self._workspaces.of(effect.workspace_id)).deps.chat.look_up(effect, target, since)

    async def person(self, chat_id: str) -> Person:
        """Return a person of the home workspace; those of others are asked for there."""
        return await self._workspaces.home.deps.chat.person(chat_id)

    async def message(self, channel: str, ts: str) -> Said | None:
        """Return a message of the home workspace."""
        return await self._workspaces.home.deps.chat.message(channel, ts)

    async def end_stream(self, channel: str, thread_ts: str, ts: str, text: str) -> None:
        """End an answer in the home workspace."""
        await self._workspaces.home.deps.chat.end_stream(channel, thread_ts, ts, text)


class _Acting:
    """An action whose rights are checked again in the workspace of its incident."""

    def __init__(self, workspaces: Workspaces, action: SupervisedAction) -> None:
        self.name = action.name
        self.retry = action.retry
        self._workspaces = workspaces
        self._action = action

    async def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Describe what would be done."""
        return await self._action.dry_run(params)

    async def execute(self, approved: RunAction) -> ActionResult:
        """Do it, as that workspace does it."""
        tenant = await self._workspaces.of_proposal(approved.proposal_id)
        return await tenant.deps.actions.get(self.name, self._action).execute(approved)

    async def find(self, approved: RunAction, since: datetime) -> ActionResult | None:
        """Look whether it was done."""
        return await self._action.find(approved, since)
