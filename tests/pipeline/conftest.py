"""A world with a clock that tests turn, and the whole pipeline on it: webhook in, effects out."""

import itertools
import json
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from incident_copilot.catalog_file import load_catalog
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.effect import OpenChannel, Place, Show, Upload
from incident_copilot.domain.investigation import Budget
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.errors import ChatUnavailable
from incident_copilot.jobs.dispatch import Couriers
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.jobs.worker import Worker
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbooks import load_runbooks
from incident_copilot.pipeline import carry_out, read, receive
from incident_copilot.pipeline.deps import Deps, Policy
from incident_copilot.pipeline.handlers import Rechecked, handlers
from incident_copilot.plugins import Config, PluginInstance, build
from incident_copilot.sandbox.world import Outage, World, load_scenario
from incident_copilot.store import proposals

RUNBOOKS = Path(__file__).parents[2] / "runbooks"
BASE_URL = "http://127.0.0.1:8500/world"
AT_ALERTMANAGER = {"url": f"{BASE_URL}/alertmanager"}
PER_SERVICE = (
    ("requests per second of {service}", "job:http_requests:rate5m", "req/s"),
    ("p99 latency of {service}", "job:http_request_duration_seconds:p99", "s"),
    ("database pool in use of {service}", "db_pool_connections_in_use", ""),
    ("database connections used of {service}", "pg_connections_used:ratio", "ratio"),
    ("CPU usage of {service}", "container_cpu_usage:ratio", "ratio"),
    ("provider error ratio of {service}", "llm_request_errors:ratio", "ratio"),
)
NO_STEPS = Budget(steps=0, tokens=60_000, usd=1, seconds=1)
"""So that a model words briefs only; what it tests has its own tests, in by_model/ and test_investigate_by_model.py."""
PLACES = {
    Place.ANNOUNCE: "incidents",
    Place.INTERNAL_UPDATES: "updates",
    Place.CUSTOMER_UPDATES: "status",
    Place.OPERATOR: "operator",
}


class ChatRoom:
    """A chat in memory that takes every deed; `messages` has what each slot shows now, `deeds` all there was."""

    def __init__(self):
        self.deeds = []
        self.messages = {}
        self.people = {}
        self.is_away = False
        self._ts = itertools.count(1)

    async def deliver(self, effect, target):
        if self.is_away:
            raise ChatUnavailable("Slack: HTTP 503 for POST chat.postMessage", retry_after_s=1)
        deed = effect.deed
        self.deeds.append(deed)
        match deed:
            case OpenChannel():
                return {"channel": f"C0{deed.name.upper().replace('-', '')[:10]}"}
            case Upload():
                return {"file": f"F{next(self._ts)}"}
            case Show():
                self.messages[effect.incident_id, deed.slot] = deed.content
                ts = target.message_ts or f"{next(self._ts)}.000000"
                return {"channel": target.channel or "C0", "ts": ts}
        return {}

    async def look_up(self, effect, target, since):
        return None

    async def person(self, chat_id):
        if self.is_away:
            raise ChatUnavailable("Slack: HTTP 503 for POST users.info", retry_after_s=1)
        return self.people.get(chat_id, Person(id=chat_id, name=chat_id.removeprefix("U0").title()))


class Story:
    """One world and the pipeline that looks at it; time stands until `clock.forward(seconds)`."""

    def __init__(self, name, deps, plugins, world, clock):
        self.name, self.deps, self.world, self.clock = name, deps, world, clock
        self.chat: ChatRoom = deps.chat
        self._source = plugins.alert_sources["alertmanager"]
        self.worker = Worker(deps.db, handlers(deps), deps.now)
        settled = partial(carry_out.settled, deps)
        couriers = Couriers(deps.chat, actions=deps.actions)
        self.outbox = Outbox(deps.db, couriers, deps.now, places=PLACES, settled=settled, pace_s=0)

    async def receive_alerts(self):
        """Take in what Alertmanager has sent by now; return how many alerts changed."""
        changed = 0
        for hook in self.world.take_webhooks():
            body = json.dumps(hook.body).encode()
            headers = {key.lower(): value for key, value in hook.headers.items()}
            changed += await receive.receive(self.deps, "alertmanager", self._source.parse(headers, body), body)
        return changed

    async def work(self):
        """Run all jobs and send all effects that are due, with what they leave; return how many there were."""
        total = 0
        while count := await self.worker.run_due() + await self.outbox.run_due():
            total += count
        return total

    async def begin(self):
        """Take in the first alert and run what is due; return the incident."""
        await self.receive_alerts()
        await self.work()
        return await self.incident()

    async def go_on(self, seconds, step=5):
        """Let time pass in steps, with alerts coming in and work being done at each."""
        for _ in range(0, seconds, step):
            self.clock.forward(step)
            await self.receive_alerts()
            await self.work()

    async def incident(self):
        """The first running incident as it stands now."""
        return (await read.running(self.deps))[0]

    async def brief(self, incident_id=None):
        """The newest brief, of the first running incident where none is named."""
        return (await read.brief(self.deps, incident_id or (await self.incident()).id)).brief

    async def proposals(self, *states):
        """The proposals of the first running incident that people see now, or those of some states, best first."""
        incident = await self.incident()
        async with self.deps.db.read() as db:
            kept = await proposals.of_incident(db, incident.id)
        wanted = states or (ProposalState.OPEN,)
        return sorted((one for one in kept if one.state in wanted), key=lambda one: one.rank)

    def answers_slowly(self, source, seconds):
        """Let a source of the world (prometheus, loki, github, status) answer late."""
        self.world.outages[source] = self.world.outages.get(source, Outage())._replace(delay_s=seconds)


@pytest.fixture(scope="session")
def shipped_runbooks():
    """The runbooks that are shipped, indexed."""
    return RunbookIndex.build(load_runbooks(RUNBOOKS))


@pytest.fixture
def chat():
    return ChatRoom()


@pytest.fixture
def deps(db, clock, chat, shipped_runbooks):
    """What steps work with, without sources and catalogue; vary it with `dataclasses.replace`."""
    # Time enough for the sources also on a busy machine: what is late is a gap, and the tests would be chance.
    policy = Policy(brief_deadline=timedelta(seconds=30), model_budget=NO_STEPS)
    return Deps(
        db=db, now=clock, workspace_id="w", chat=chat, catalog=Catalog(), runbooks=shipped_runbooks, policy=policy
    )


@pytest.fixture
async def story(deps, clock, tmp_path):
    """`story("bad_deploy")`: the world of that name, its first alert at noon, and the pipeline on it.

    Where it is told `without_remedies`, nothing that people do heals the world. With a `log_share` below 1 only that
    share of the lines is written, for tests that run long. Other keywords change the Deps.
    """
    async with AsyncExitStack() as stack:

        async def told(name, *, without_remedies=False, log_share=1.0, **changes):
            played = thinned(load_scenario(name), log_share)
            if without_remedies:
                played = played.model_copy(update={"remedies": ()})
            world = World(played, clock(), clock, BASE_URL)
            app = Starlette(routes=[Mount("/world", routes=world.routes())])
            http = await stack.enter_async_context(httpx.AsyncClient(transport=httpx.ASGITransport(app=app)))
            plugins = build(Config(instances=instances()), http, clock, {"SECRET": "s3cret"}, context_deadline_s=30)
            catalog = tmp_path / f"{name}.yaml"
            catalog.write_text(load_scenario(name).catalog_yaml())
            with_sources = replace(
                deps, catalog=load_catalog(catalog), context_sources=tuple(plugins.context_sources.values()), **changes
            )
            with_sources = replace(with_sources, silence_sources=tuple(plugins.silence_sources.values()))
            actions = {kind: Rechecked(action, with_sources) for kind, action in plugins.actions.items()}
            return Story(name, replace(with_sources, actions=actions), plugins, world, clock)

        yield told


def thinned(played, share):
    """The scenario with that share of its log lines."""
    logs = tuple(
        source.model_copy(
            update={
                "per_minute": source.per_minute * share,
                "phases": tuple(
                    phase.model_copy(update={"per_minute": phase.per_minute * share}) for phase in source.phases
                ),
            }
        )
        for source in played.logs
    )
    return played if share == 1 else played.model_copy(update={"logs": logs})


def instances():
    """The plugins of the demo, looking at the world."""
    extra = [
        {"title": title, "query": f'{metric}{{service="{{service}}"}}', "unit": unit}
        for title, metric, unit in PER_SERVICE
    ]
    status = {"pages": [{"name": "openai", "url": f"{BASE_URL}/status/openai"}]}
    prometheus = {"url": f"{BASE_URL}/prometheus", "extra_queries": extra}
    return (
        instance("alert_sources", "alertmanager", {}, secret_env="SECRET"),
        instance("context_sources", "prometheus", prometheus),
        instance("context_sources", "loki", {"url": f"{BASE_URL}/loki"}),
        instance("context_sources", "github_deploys", {"url": f"{BASE_URL}/github"}),
        instance("context_sources", "statuspage", status),
        PluginInstance(kind="silence_sources", plugin="alertmanager", name="silence", options=AT_ALERTMANAGER),
        instance("actions", "silence", AT_ALERTMANAGER),
        instance("actions", "github_workflow", {"url": f"{BASE_URL}/github"}, secret_env="SECRET"),
    )


def instance(kind, plugin, options, **fields):
    return PluginInstance(kind=kind, plugin=plugin, name=plugin, options=options, **fields)
