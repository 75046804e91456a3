"""A chat and actions at the edge of the outbox that remember what they were given and fail when told to."""

import asyncio
from datetime import timedelta

import pytest

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import OpenChannel, Place, Show
from incident_copilot.jobs.dispatch import Couriers
from incident_copilot.jobs.outbox import Outbox
from incident_copilot.ports import ActionResult
from incident_copilot.store import effects
from incident_copilot.vendors import departing

PLACES = {Place.ANNOUNCE: "incidents", Place.OPERATOR: "copilot-ops"}


class RecordingChat:
    """A workspace in memory. `troubles` are raised by the next calls, first one first; None lets a call pass.

    A trouble in `answers_lost` is raised after the message is there already.
    """

    def __init__(self):
        self.delivered = []
        self.looked_up = []
        self.troubles = []
        self.answers_lost = []
        self.look_up_troubles = []
        self.there = {}
        self.called = asyncio.Queue()
        self.hold = None

    async def deliver(self, effect, target):
        self.delivered.append((effect, target))
        self.called.put_nowait(effect)
        if self.hold:
            await self.hold.wait()
        if self.troubles and (trouble := self.troubles.pop(0)):
            raise trouble
        channel = {"incidents": "C-ANNOUNCE", "copilot-ops": "C-OPS", None: "C-NEW"}.get(target.channel, target.channel)
        result = {"channel": channel, "ts": target.message_ts or f"{len(self.delivered)}.0"}
        if effect.deed.do == "upload":
            result = {"file": f"F{len(self.delivered)}"}
        self.there[effect.id] = result
        if self.answers_lost:
            raise self.answers_lost.pop(0)
        return result

    async def look_up(self, effect, target, since):
        self.looked_up.append((effect.id, since))
        if self.look_up_troubles:
            raise self.look_up_troubles.pop(0)
        return self.there.get(effect.id)

    async def person(self, chat_id):
        raise NotImplementedError

    @property
    def texts(self):
        """What was posted or tried, in order: text of a notice, or the kind of deed."""
        return [getattr(getattr(e.deed, "content", None), "text", e.deed.do) for e, _ in self.delivered]


class RecordingAction:
    """A supervised action whose outcomes are told beforehand."""

    name = "rollback"

    def __init__(self, retry, outcomes, found=()):
        self.retry = retry
        self.outcomes = list(outcomes)
        self.found = list(found)
        self.keys = []
        self.looked = 0

    async def dry_run(self, params):
        raise NotImplementedError

    async def execute(self, approved):
        await departing.noted()
        self.keys.append(approved.key)
        return self._next(self.outcomes)

    async def find(self, approved, since):
        self.looked += 1
        return self._next(self.found) if self.found else None

    def _next(self, outcomes):
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def chat():
    """The workspace that the outbox sends to."""
    return RecordingChat()


@pytest.fixture
def settled():
    """What the outbox said had ended: (deed or text, state)."""
    return []


@pytest.fixture
def make_outbox(chat, clock, settled):
    """Builds an outbox on the test's clock."""

    async def note(tx, effect):
        name = getattr(getattr(effect.deed, "content", None), "text", effect.deed.do)
        settled.append((name, effect.state.value))

    def make(db, chat=chat, actions=None, **options):
        return Outbox(db, Couriers(chat, actions=actions), clock, **({"places": PLACES, "settled": note} | options))

    return make


@pytest.fixture
def put(clock):
    """Enqueues an effect a moment after the last."""

    async def enqueue(db, deed, stream="s", **values):
        clock.forward(0.001)
        async with db.transaction() as tx:
            defaults = {"workspace_id": "w", "incident_id": None}
            return await effects.enqueue(tx, stream=stream, deed=deed, now=clock(), **(defaults | values))

    return enqueue


@pytest.fixture
def state_of(clock):
    """Reads an effect's state, and how long until it is tried again."""

    async def read(db, effect):
        async with db.read() as view:
            stored = await effects.get(view, effect.id)
        waits = (stored.run_at - clock()) / timedelta(seconds=1)
        return stored.state.value, stored.error, round(waits)

    return read


@pytest.fixture
def show():
    """A notice for a place."""

    def build(text, slot="card", place=Place.OPERATOR, **values):
        return Show(place=place, slot=slot, content=Notice(text=text), **values)

    return build


@pytest.fixture
def open_channel():
    """The deed that makes an incident's channel."""
    return OpenChannel(name="inc-1", topic="", purpose="")


@pytest.fixture
def make_action():
    """Builds a rollback with a way of retrying, outcomes of execute and finds."""
    return RecordingAction


@pytest.fixture
def done():
    """An action that went well."""
    return ActionResult(ok=True, summary="rolled back")
