"""Who goes first: decisions, P0 and P1, the first word of an incident; a storm delays nobody else (F8, I11)."""

import itertools

import pytest

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, Show
from incident_copilot.domain.incident import Severity
from incident_copilot.jobs.departures import Board
from incident_copilot.jobs.outbox import KEPT
from incident_copilot.pipeline import show
from incident_copilot.sandbox import Fault
from incident_copilot.store import effects


async def _say(copilot, text, priority=5, place=Place.ANNOUNCE):
    async with copilot.deps.db.transaction() as tx:
        deed = Show(place=place, slot=f"notice:{text}", content=Notice(text=text))
        await effects.enqueue(
            tx, workspace_id="w", incident_id=None, stream=text, deed=deed, now=copilot.clock(), priority=priority
        )


async def test_decision_and_p0_overtake_what_waits_in_the_same_channel(copilot):
    await _say(copilot, "first")
    await copilot.go()
    for text, priority in [("later", show.LATER), ("normal", show.NORMAL), ("p0", 2), ("decision", show.URGENT)]:
        await _say(copilot, text, priority)
    await copilot.go(5)

    assert copilot.texts("#incidents") == ["first", "decision", "p0", "normal", "later"]


async def test_first_word_of_an_incident_overtakes_the_edits_of_others(copilot, sandbox):
    stormy = [await copilot.open(Severity.P2) for _ in range(5)]
    await copilot.go(15)
    for incident in stormy:
        await copilot.put(show.card, incident.id)
        await copilot.notice(incident, f"storm of {incident.label}")
    before = copilot.clock()
    quiet = await copilot.open(Severity.P2, title="another one")
    await copilot.go(2)
    first = next(message for message in sandbox.messages("#incidents") if quiet.label in message.text)

    assert float(first.ts) - before.timestamp() <= 2


async def test_storm_of_one_incident_does_not_delay_another_incident(copilot, sandbox):
    stormy = await copilot.open(Severity.P0)
    await copilot.go(10)
    for number in range(200):
        await copilot.notice(stormy, f"line {number}")
    before = copilot.clock()
    await copilot.open(Severity.P1, title="another one")
    await copilot.go(3)
    channel = next(one for one in sandbox.workspace.channels.values() if "another-one" in one.name)
    [announcement] = [m for m in sandbox.messages("#incidents") if "another one" in m.text]
    card = sandbox.messages(channel.id)[0]

    assert [float(m.ts) - before.timestamp() <= 2 for m in (announcement, card)] == [True, True]


async def test_hung_calls_leave_room_for_what_is_urgent(copilot, sandbox, client):
    stormy = [await copilot.open(Severity.P1, title=f"storm {number}") for number in range(8)]
    await copilot.go(40)
    for incident in stormy:
        await copilot.put(show.put, incident, Place.INCIDENT, "notice:hung", Notice(text="hung"), priority=show.LATER)
    departing = await _departures(copilot, free=8)
    await _say(copilot, "urgent", show.URGENT)
    with_urgent = await _departures(copilot, free=2)

    assert (len(departing), [one.waiting.effect.priority for one in with_urgent]) == (6, [show.URGENT])


async def _departures(copilot, free):
    outbox = copilot.outbox
    async with copilot.deps.db.read() as view:
        board = Board(view, copilot.clock(), outbox._places, outbox._is_repeatable, outbox._reach.holds)
        return await board.departures(free, KEPT)


@pytest.mark.parametrize("wait_s", [1, 30, 300])
async def test_retry_after_is_honoured_and_the_newest_content_goes_out(copilot, sandbox, wait_s):
    incident = await copilot.open(Severity.P2)
    await copilot.go(5)
    sandbox.faults.add("chat.postMessage", Fault("ratelimited", retry_after=wait_s))
    limited_at = copilot.clock()
    for text in ("old", "newer", "newest"):
        await copilot.notice(incident, text, "same")
        await copilot.go()
    await copilot.go(wait_s + 3)
    posts = [effect for effect in sandbox.ledger if effect.method == "chat.postMessage"][2:]

    assert [post.args["text"] for post in posts] == ["newest"]
    assert posts[0].at - limited_at.timestamp() >= wait_s


async def test_limit_of_edits_holds_edits_everywhere_and_no_new_message(copilot, sandbox):
    first, second = [await copilot.open(Severity.P2) for _ in range(2)]
    await copilot.go(10)
    sandbox.faults.add("chat.update", Fault("ratelimited", retry_after=20))
    await copilot.put(show.card, first.id)
    await copilot.go()
    await copilot.put(show.card, second.id)
    await copilot.notice(second, "new words")
    await copilot.go(5)
    during = (len(copilot.calls("chat.update")), any("new words" in e.args["text"] for e in sandbox.ledger[-3:]))
    await copilot.go(20)

    assert (during, len(copilot.calls("chat.update"))) == ((0, True), 2)


async def test_replicas_together_keep_one_message_a_second_in_a_channel(copilot_with, postgres_db, sandbox):
    copilot = copilot_with(postgres_db)
    replicas = [copilot.make_outbox(name=f"replica {number}") for number in range(3)]
    for number in range(6):
        await _say(copilot, f"line {number}")
    for _ in range(40):
        for replica in replicas:
            await replica.run_due()
        copilot.clock.forward(0.25)
    at = copilot.calls("chat.postMessage")
    gaps = [after - before for before, after in itertools.pairwise(at)]

    assert (len(at), sandbox.refused) == (6, [])
    assert min(gaps) >= 1
