"""Effects: order within a stream, the newest content, needs, leases that fence."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import (
    EffectClass,
    EffectState,
    OpenChannel,
    Pin,
    Place,
    RunAction,
    Show,
    Upload,
)
from incident_copilot.errors import LostLease, UnknownThing
from incident_copilot.store import due_effects, effects, open_effects
from incident_copilot.store.tables import effects as table

LEASE = timedelta(seconds=30)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
OPEN = OpenChannel(name="inc-1", topic="", purpose="")
ROLLBACK = RunAction(proposal_id="p", version=1, action="rollback", params={}, key="k", approved_by=("U1",))


def show(text, slot="card", place=Place.OPERATOR, **values):
    return Show(place=place, slot=slot, content=Notice(text=text), **values)


@pytest.fixture
def put(clock):
    """Enqueues an effect a moment after the last, in a transaction of its own."""

    async def enqueue(db, deed, stream="s", **values):
        clock.forward(0.001)
        defaults = {"workspace_id": "w", "incident_id": None}
        async with db.transaction() as tx:
            return await effects.enqueue(tx, stream=stream, deed=deed, now=clock(), **(defaults | values))

    return enqueue


@pytest.fixture
def due(clock):
    """Reads what may go out."""

    async def read(db, **values):
        async with db.read() as view:
            return await due_effects.due(view, clock(), values.pop("limit", 10), **values)

    return read


@pytest.fixture
def lease(clock, due):
    """Leases the first that may go out."""

    async def take(db, who="me", *, sending=True):
        [first, *_] = await due(db)
        async with db.transaction() as tx:
            return await effects.lease(tx, first, who, lease=LEASE, sent_at=clock() if sending else None)

    return take


async def _settle(db, claim, state=EffectState.DONE, **values):
    async with db.transaction() as tx:
        return await effects.settle(tx, claim, state, **values)


async def _expire(db):
    async with db.transaction() as tx:
        await tx.execute(sa.update(table).values(lease_until=LONG_AGO))


def _texts(waiting):
    return [one.effect.deed.content.text for one in waiting]


async def test_effect_is_read_as_it_was_enqueued(any_db, put, clock):
    effect = await put(any_db, show("hello"), priority=2, run_at=clock() + timedelta(hours=1))
    async with any_db.read() as view:
        read = await effects.get(view, effect.id)

    assert read == effect
    assert (read.seq, read.state, read.effect_class) == (1, EffectState.PENDING, EffectClass.READ_BACK)


async def test_unknown_effect_is_named(db):
    with pytest.raises(UnknownThing, match="no effect nothing"):
        async with db.read() as view:
            await effects.get(view, "nothing")


async def test_effects_of_an_incident_are_listed_and_its_newest_of_a_slot_found(db, put, open_incident):
    incident = await open_incident(db)
    of_it = {"incident_id": incident.id}
    first = await put(db, show("one"), **of_it)
    second = await put(db, show("two"), "other", **of_it)
    await put(db, show("of the workspace"))
    async with db.read() as view:
        listed = await effects.by_incident(view, incident.id)
        latest = await effects.latest(view, "w", incident.id, "card")
        none = await effects.latest(view, "w", incident.id, "brief")

    assert (listed, latest, none) == ([first, second], second, None)


async def test_stream_goes_out_in_order(any_db, put, due, lease):
    await put(any_db, show("one", "a"))
    await put(any_db, show("two", "b"))
    await put(any_db, show("elsewhere", "c"), "other")
    before = _texts(await due(any_db))
    claim = await lease(any_db)
    during = _texts(await due(any_db))
    await _settle(any_db, claim)

    assert (before, during, _texts(await due(any_db))) == (["one", "elsewhere"], ["elsewhere"], ["two", "elsewhere"])


async def test_urgent_goes_first_and_pages_follow_one_another(any_db, put, due):
    for name, priority in [("b", 5), ("c", 5), ("a", 1)]:
        await put(any_db, show(name, name), name, priority=priority)
    first = await due(any_db, limit=2)
    second = await due(any_db, limit=2, after=first[-1])

    assert (_texts(first), _texts(second)) == (["a", "b"], ["c"])


async def test_effect_of_the_future_waits(db, put, due, clock):
    await put(db, show("later"), run_at=clock() + timedelta(seconds=5))
    early = await due(db)
    clock.forward(5)

    assert (early, _texts(await due(db))) == ([], ["later"])


@pytest.mark.parametrize("state", [EffectState.DONE, EffectState.FAILED])
async def test_effect_waits_until_what_it_needs_is_settled(any_db, put, due, lease, state):
    needed = await put(any_db, OPEN)
    await put(any_db, show("card"), "other", needs=[needed.id])
    before = [one.effect.deed.do for one in await due(any_db)]
    await _settle(any_db, await lease(any_db), state)

    assert (before, _texts(await due(any_db))) == (["open_channel"], ["card"])


async def test_unsent_version_gets_the_newer_content_and_keeps_its_place(any_db, put, due):
    first = await put(any_db, show("old"), needs=["x"], priority=5)
    pin = await put(any_db, Pin(slot="card"))
    renewed = await put(any_db, show("new"), needs=["y", "x"], priority=3)
    async with any_db.read() as view:
        stored = await effects.get(view, first.id)

    assert renewed == stored
    assert (renewed.id, renewed.seq, renewed.priority, renewed.needs) == (first.id, 1, 3, ("x", "y"))
    assert (renewed.deed, pin.seq) == (show("new"), 2)


async def test_version_that_is_being_sent_is_not_replaced(any_db, put, lease):
    first = await put(any_db, show("old"))
    await lease(any_db)
    second = await put(any_db, show("new"))
    third = await put(any_db, show("newest"))

    assert (second.id == first.id, second.seq, third.id == second.id) == (False, 2, True)


async def test_version_that_was_turned_away_is_replaced(db, put, lease, clock, due):
    await put(db, show("old"))
    claim = await lease(db)
    async with db.transaction() as tx:
        await effects.postpone(tx, claim, clock(), "ratelimited")
    await put(db, show("new"))

    assert _texts(await due(db)) == ["new"]


async def test_version_that_may_have_been_sent_is_not_replaced(db, put, lease, clock):
    first = await put(db, show("old"))
    claim = await lease(db)
    async with db.transaction() as tx:
        await effects.doubt(tx, claim, clock(), "no answer", sent_at=clock())
    second = await put(db, show("new"))

    assert second.id != first.id


async def test_post_anew_is_a_message_of_its_own_and_takes_later_content(db, put):
    await put(db, show("edit"))
    anew = await put(db, show("anew", anew=True))
    renewed = await put(db, show("newer"))

    assert (renewed.id, renewed.deed) == (anew.id, show("newer", anew=True))


async def test_same_slot_in_another_place_stream_or_scope_is_left_alone(db, put, open_incident):
    incident = await open_incident(db)
    effect_ids = [
        (await put(db, show("here"))).id,
        (await put(db, show("there", place=Place.ANNOUNCE))).id,
        (await put(db, show("here"), "other")).id,
        (await put(db, show("here"), incident_id=incident.id)).id,
    ]
    upload = Upload(place=Place.OPERATOR, slot="card", name="a.png", title="", alt="", content="")
    effect_ids += [(await put(db, upload)).id, (await put(db, upload)).id]

    assert len(set(effect_ids)) == 6


async def test_lease_counts_attempts_and_sendings(any_db, put, lease, clock):
    await put(any_db, show("one"))
    claim = await lease(any_db)
    async with any_db.transaction() as tx:
        await effects.doubt(tx, claim, clock(), "no answer", sent_at=clock())
    again = await lease(any_db, sending=False)

    assert (claim.effect.attempts, claim.sends, claim.sent_at) == (1, 1, clock())
    assert (again.effect.attempts, again.sends, again.sent_at, again.effect.error) == (2, 1, clock(), "no answer")


async def test_effect_is_leased_to_one_of_two(any_db, put, due, clock):
    await put(any_db, show("one"))
    [waiting] = await due(any_db)

    async def take(who):
        async with any_db.transaction() as tx:
            return await effects.lease(tx, waiting, who, lease=LEASE, sent_at=clock())

    claims = await asyncio.gather(take("a"), take("b"))

    assert [claim is None for claim in claims].count(True) == 1


async def test_expired_lease_is_taken_over_and_the_stale_holder_is_fenced(any_db, put, lease, due):
    effect = await put(any_db, show("one"))
    stale = await lease(any_db, "paused")
    during = await due(any_db)
    await _expire(any_db)
    [waiting] = await due(any_db)
    taken = await lease(any_db, "other")

    with pytest.raises(LostLease, match=f"effect {effect.id} is leased to somebody else"):
        await _settle(any_db, stale)
    assert (during, waiting.sent_at, taken.effect.attempts) == ([], stale.sent_at, 2)


async def test_effect_leaves_once_it_is_noted_and_not_when_it_is_taken_up(any_db, put, lease, clock):
    await put(any_db, ROLLBACK)
    claim = await lease(any_db, sending=False)
    async with any_db.transaction() as tx:
        left = await effects.leaves(tx, claim, clock())

    assert (claim.sends, claim.sent_at) == (0, None)
    assert (left.sends, left.sent_at, left.effect.attempts) == (1, clock(), 1)


async def test_effect_that_was_taken_over_does_not_leave(any_db, put, lease, clock):
    effect = await put(any_db, ROLLBACK)
    stale = await lease(any_db, "paused", sending=False)
    await _expire(any_db)
    await lease(any_db, "other", sending=False)

    with pytest.raises(LostLease, match=f"effect {effect.id} is leased to somebody else"):
        async with any_db.transaction() as tx:
            await effects.leaves(tx, stale, clock())


async def test_effect_that_left_since_it_was_read_is_not_taken_over_as_unsent(any_db, put, lease, due, clock):
    await put(any_db, ROLLBACK)
    claim = await lease(any_db, "paused", sending=False)
    await _expire(any_db)
    [before] = await due(any_db)
    async with any_db.transaction() as tx:
        await effects.leaves(tx, claim, clock())
    async with any_db.transaction() as tx:
        taken = await effects.lease(tx, before, "other", lease=LEASE, sent_at=None)
    [after] = await due(any_db)

    assert (before.sent_at, taken, after.sent_at) == (None, None, clock())


async def test_outcome_is_kept(any_db, put, lease):
    await put(any_db, show("one"))
    done = await _settle(any_db, await lease(any_db), result={"channel": "C1", "ts": "1.2"})
    async with any_db.read() as view:
        stored = await effects.get(view, done.id)

    assert done == stored
    assert (stored.state, stored.result, stored.error) == (EffectState.DONE, {"channel": "C1", "ts": "1.2"}, None)


async def test_unknown_outcome_waits_for_people_and_blocks_its_stream_only(db, put, lease, due):
    action = await put(db, ROLLBACK)
    await put(db, show("after it"))
    await put(db, show("elsewhere"), "other")
    await _settle(db, await lease(db), EffectState.UNKNOWN, error="no answer")
    during = _texts(await due(db))
    async with db.transaction() as tx:
        asked = await effects.get(tx, action.id)
        first = await open_effects.answer(tx, action.id, happened=True, by="U1")
        second = await open_effects.answer(tx, action.id, happened=False, by="U2")

    assert (during, asked.state, second) == (["elsewhere"], EffectState.UNKNOWN, None)
    assert (first.state, first.result) == (EffectState.DONE, {"answered_by": "U1"})
    assert _texts(await due(db)) == ["after it", "elsewhere"]


async def test_people_can_say_that_it_did_not_happen(db, put, lease):
    action = await put(db, ROLLBACK)
    await _settle(db, await lease(db), EffectState.UNKNOWN)
    async with db.transaction() as tx:
        answered = await open_effects.answer(tx, action.id, happened=False, by="U1")

    assert (answered.state, answered.error) == (EffectState.FAILED, "U1 says that it did not happen")


async def test_next_due_is_the_next_time_or_the_end_of_a_lease(any_db, put, lease, clock):
    async def next_due():
        async with any_db.read() as view:
            return await due_effects.next_due(view, clock())

    nothing = await next_due()
    later = clock() + timedelta(hours=1)
    await put(any_db, show("later", "a"), "a", run_at=later)
    timer = await next_due()
    await put(any_db, show("now", "b"), "b")
    await lease(any_db)
    lease_end = await next_due()

    assert (nothing, timer) == (None, later)
    assert timedelta(seconds=20) < lease_end - clock() <= LEASE


async def test_what_stands_in_a_thread_waits_for_the_message_above(any_db, put, due, lease):
    await put(any_db, show("brief", slot="brief"), stream="messages")
    chart = Upload(place=Place.OPERATOR, slot="chart", name="c.png", title="c", alt="c", content="", under="brief")
    await put(any_db, chart, stream="charts")
    before = [one.effect.deed.slot for one in await due(any_db)]
    await _settle(any_db, await lease(any_db))

    assert (before, [one.effect.deed.slot for one in await due(any_db)]) == (["brief"], ["chart"])


async def test_what_stands_in_the_thread_of_a_message_that_is_there_waits_for_nothing(any_db, put, lease):
    await put(any_db, show("brief", slot="brief"))
    await _settle(any_db, await lease(any_db))
    reply = await put(any_db, show("reply", slot="reply", under="brief"), stream="replies")
    orphan = await put(any_db, show("orphan", slot="orphan", under="nothing"), stream="orphans")

    assert (reply.needs, orphan.needs) == ((), ())
