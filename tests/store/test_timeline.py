"""The timeline keeps what was observed once, in order of time, and follows edits and deletions."""

from datetime import timedelta

import pytest

from incident_copilot.domain.base import new_id
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.store import timeline


@pytest.fixture
async def incident(db, open_incident):
    return await open_incident(db)


def entry(clock, incident, ref="C1:1.0", kind=TimelineKind.MESSAGE, after=0, text="first words", **fields):
    at = clock() + timedelta(seconds=after)
    return TimelineEntry(
        id=new_id(clock()), incident_id=incident.id, at=at, kind=kind, text=text, ref=ref, author="U0ANA", **fields
    )


async def kept(db, incident):
    async with db.read() as view:
        return await timeline.of_incident(view, incident.id)


async def do(db, what, *args):
    async with db.transaction() as tx:
        return await what(tx, *args)


async def test_entries_come_in_order_of_time_and_the_same_one_once(db, clock, incident):
    late, early = entry(clock, incident, "C1:2.0", after=5), entry(clock, incident, "C1:1.0")
    pinned = entry(clock, incident, "C1:2.0", TimelineKind.PINNED, after=9)
    nameless = [entry(clock, incident, None, TimelineKind.NOTE, after=20 + n) for n in range(2)]

    added = [await do(db, timeline.add, one) for one in (late, early, pinned, late, *nameless)]

    assert added == [True, True, True, False, True, True]
    assert await kept(db, incident) == [early, late, pinned, *nameless]


async def test_edit_is_followed_and_the_same_text_again_is_no_edit(db, clock, incident):
    await do(db, timeline.add, entry(clock, incident))

    same = await do(db, timeline.edit, "C1:1.0", "first words")
    untouched = (await kept(db, incident))[0].edited
    edited = await do(db, timeline.edit, "C1:1.0", "other words")
    await do(db, timeline.edit, "C1:1.0", "other words")

    [found] = await kept(db, incident)
    assert (same, untouched, edited) == (True, False, True)
    assert (found.text, found.edited) == ("other words", True)
    assert await do(db, timeline.edit, "C1:9.0", "x") is False


async def test_deleted_message_stays_deleted(db, clock, incident):
    await do(db, timeline.add, entry(clock, incident))

    deleted = await do(db, timeline.delete, "C1:1.0")
    edited = await do(db, timeline.edit, "C1:1.0", "back again")

    [found] = await kept(db, incident)
    assert (deleted, edited) == (True, False)
    assert (found.text, found.deleted) == ("", True)
    assert await do(db, timeline.delete, "C1:9.0") is False


async def test_unpinned_message_is_taken_away_and_the_message_stays(db, clock, incident):
    message, pinned = entry(clock, incident), entry(clock, incident, kind=TimelineKind.PINNED)
    for one in (message, pinned):
        await do(db, timeline.add, one)

    await do(db, timeline.unmark, "C1:1.0", "pin")

    assert await kept(db, incident) == [message]


async def test_last_text_of_a_message_is_known(db, clock, incident):
    await do(db, timeline.add, entry(clock, incident, kind=TimelineKind.PINNED, text="pinned"))
    before = await do(db, timeline.message, "C1:1.0")
    await do(db, timeline.add, entry(clock, incident))

    assert (before, (await do(db, timeline.message, "C1:1.0")).text) == (None, "first words")


async def test_many_are_added_at_once_and_what_is_there_is_left_out(db, clock, incident):
    first, second = entry(clock, incident, "C1:1.0"), entry(clock, incident, "C1:2.0", after=1)
    await do(db, timeline.add, first)

    await do(db, timeline.add_all, [])
    await do(db, timeline.add_all, [entry(clock, incident, "C1:1.0"), second])

    assert await kept(db, incident) == [first, second]
    assert await do(db, timeline.count, incident.id, TimelineKind.MESSAGE) == 2
    assert await do(db, timeline.count, incident.id, TimelineKind.ALERT) == 0
