"""An action is taken over from a process that was stopped: what surely never left is done, and nobody is asked."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import LostLease, VendorUnavailable
from incident_copilot.jobs.attempt import Attempt
from incident_copilot.plugins.actions.http import Options, create
from incident_copilot.ports import PluginEnv
from incident_copilot.store import due_effects, effects

from .leases import expire

SWITCH = {
    "path": "review",
    "body": '{"review": true}',
    "read": "model",
    "state": '{"review": "review"}',
    "wanted": '{"review": true}',
}
APPROVED = RunAction(
    proposal_id="p", version=1, action="review", params=SWITCH, key="k1", approved_by=("U1",), wanted={"review": "true"}
)


class Service:
    """What the action changes. The first request by the method `held` is not looked at before `answer` is set."""

    def __init__(self, held):
        self.held, self.review, self.changes = held, False, 0
        self.reached, self.answer = asyncio.Event(), asyncio.Event()

    async def __call__(self, request):
        if request.method == self.held and not self.reached.is_set():
            self.reached.set()
            await self.answer.wait()
        if request.method == "POST":
            self.changes += 1
            self.review = True
        return httpx.Response(200, content=json.dumps({"review": self.review}))


@pytest.fixture
def service_held_at(clock):
    """A service, and the action that switches its review on."""

    def build(method):
        service = Service(method)
        http = httpx.AsyncClient(transport=httpx.MockTransport(service))
        action = create(PluginEnv(http=http, now=clock), Options(url="http://models.test"))
        return service, {"review": action}

    return build


@pytest.fixture
def taken_up(db, put, clock):
    """An attempt at the action, by a process whose lease is not a moment longer than a call may take."""

    async def build(sent_at):
        await put(db, APPROVED)
        async with db.transaction() as tx:
            [waiting] = await due_effects.due(tx, clock(), 1)
            claim = await effects.lease(tx, waiting, "me", lease=timedelta(seconds=15), sent_at=sent_at)
        return Attempt(db, claim, clock, spare=timedelta(0))

    return build


async def _stopped(outbox, service):
    """Have the outbox take the action up and stop while the service answers; return what goes on when it wakes."""
    works, _ = await outbox._claim(8)
    stopped = asyncio.create_task(works[0]())
    await service.reached.wait()
    return stopped


async def _when_it_wakes(stopped, service):
    """Let the process go on that was stopped, with a target that it may still change; return how that ends."""
    service.review = False
    service.answer.set()
    [ended] = await asyncio.gather(stopped, return_exceptions=True)
    return ended


async def test_action_whose_target_was_still_being_read_is_done_once_and_nobody_is_asked(
    any_db, make_outbox, put, service_held_at, settled
):
    service, actions = service_held_at("GET")
    await put(any_db, APPROVED)
    stopped = await _stopped(make_outbox(any_db, actions=actions), service)
    await expire(any_db)
    await make_outbox(any_db, actions=actions).run_due()

    assert (service.changes, settled) == (1, [("run_action", "done")])
    assert isinstance(await _when_it_wakes(stopped, service), LostLease)
    assert (service.changes, settled) == (1, [("run_action", "done")])


async def test_action_whose_request_had_left_is_looked_for_and_put_to_people(
    db, make_outbox, put, service_held_at, settled, clock, state_of
):
    service, actions = service_held_at("POST")
    effect = await put(db, APPROVED)
    stopped = await _stopped(make_outbox(db, actions=actions), service)
    await expire(db)
    other = make_outbox(db, actions=actions)
    for _ in range(10):
        await other.run_due()
        clock.forward(15)

    assert settled == [("run_action", "unknown")]
    assert (await state_of(db, effect))[1] == "no trace of it at the other side"
    assert isinstance(await _when_it_wakes(stopped, service), LostLease)
    assert service.changes == 1


async def test_target_that_cannot_be_read_in_time_is_read_again_and_nobody_is_asked(
    db, make_outbox, put, service_held_at, settled, clock, state_of
):
    service, actions = service_held_at("GET")
    effect = await put(db, APPROVED)
    await make_outbox(db, actions=actions, deadline_s=0.01).run_due()
    waits = await state_of(db, effect)
    clock.forward(2)
    service.answer.set()
    await make_outbox(db, actions=actions).run_due()

    assert waits == ("pending", "no answer in 0.01 s", 1)
    assert (service.changes, settled) == (1, [("run_action", "done")])


async def test_action_that_a_stop_cuts_off_before_its_request_is_done_by_the_next_process(
    db, make_outbox, put, service_held_at, settled, state_of
):
    service, actions = service_held_at("GET")
    outbox = make_outbox(db, actions=actions)
    running = asyncio.create_task(outbox.run())
    effect = await put(db, APPROVED)
    await service.reached.wait()
    await outbox.stop(grace_s=0)
    await running
    cut_off = await state_of(db, effect)
    await make_outbox(db, actions=actions).run_due()

    assert cut_off == ("pending", "the process stopped before the answer", 0)
    assert (service.changes, settled) == (1, [("run_action", "done")])


async def test_process_that_is_paused_while_it_notes_that_a_request_leaves_lets_it_not_leave(taken_up):
    attempt = await taken_up(sent_at=None)

    with pytest.raises(VendorUnavailable, match="paused before sending"):
        await attempt.leaves()


async def test_what_left_already_is_not_noted_again(taken_up, clock):
    attempt = await taken_up(sent_at=clock())
    await attempt.leaves()

    assert attempt.claim.sends == 1
