"""Dead letters: kept once a body, bounded a source, settled once."""

import pytest

from incident_copilot.domain.base import new_id
from incident_copilot.domain.dead_letter import DeadLetter, DeadLetterCounts, DeadLetterState
from incident_copilot.errors import UnknownThing
from incident_copilot.store import dead_letters


@pytest.fixture
def letter(clock):
    def made(body=b"\xff\x00{}", source="prod", why="odd"):
        return DeadLetter(
            id=new_id(clock()), source=source, received_at=clock(), why=why, headers={"a": "b"}, body=body
        )

    return made


async def kept(db, *letters, most=1000):
    async with db.transaction() as tx:
        for one in letters:
            await dead_letters.keep(tx, "w", one, most=most)


async def waiting(db, limit=10):
    async with db.read() as view:
        return await dead_letters.waiting(view, "w", limit)


async def counts(db):
    async with db.read() as view:
        return await dead_letters.counts(view, "w")


async def test_letter_is_kept_byte_for_byte(any_db, letter):
    one = letter(b"\xff\x00" * 5000)
    await kept(any_db, one)

    async with any_db.read() as view:
        assert await dead_letters.get(view, "w", one.id) == one
    assert await waiting(any_db) == [one.model_copy(update={"body": b""})]


async def test_newest_come_first_and_only_some(any_db, letter, clock):
    first = letter(b"1")
    clock.forward(1)
    second, third = letter(b"2"), letter(b"3")
    await kept(any_db, first, second, third)

    assert [one.id for one in await waiting(any_db, limit=2)] == [third.id, second.id]


async def test_same_body_for_the_same_reason_is_one_that_came_again(any_db, letter, clock):
    first, other = letter(), letter(why="another reason")
    clock.forward(60)
    again = letter()
    await kept(any_db, first, other, again)

    by_id = {one.id: one for one in await waiting(any_db)}
    assert by_id.keys() == {first.id, other.id}
    assert (by_id[first.id].times, by_id[first.id].received_at) == (2, again.received_at)


async def test_more_than_a_source_may_have_waiting_are_only_counted(any_db, letter):
    ones = [letter(b"%d" % number) for number in range(4)]
    await kept(any_db, *ones, ones[0], letter(source="other"), most=2)

    assert await counts(any_db) == [
        DeadLetterCounts(source="other", waiting=1),
        DeadLetterCounts(source="prod", waiting=2, left_out=2),
    ]
    with pytest.raises(UnknownThing):
        async with any_db.read() as view:
            await dead_letters.get(view, "w", ones[2].id)


async def test_letter_is_settled_once_and_its_body_forgotten(any_db, letter):
    one = letter()
    await kept(any_db, one)

    async with any_db.transaction() as tx:
        assert await dead_letters.settle(tx, "w", one, DeadLetterState.REPLAYED) is True
        assert await dead_letters.settle(tx, "w", one, DeadLetterState.DROPPED) is False

    async with any_db.read() as view:
        found = await dead_letters.get(view, "w", one.id)
    assert (found.state, found.body) == (DeadLetterState.REPLAYED, b"")
    assert await waiting(any_db) == []
    assert await counts(any_db) == [DeadLetterCounts(source="prod", replayed=1)]


async def test_letter_that_came_again_meanwhile_is_not_settled(any_db, letter):
    one = letter()
    await kept(any_db, one, one)

    async with any_db.transaction() as tx:
        assert await dead_letters.settle(tx, "w", one, DeadLetterState.DROPPED) is False


async def test_settled_letter_that_comes_again_waits_again(any_db, letter):
    one = letter()
    await kept(any_db, one)
    async with any_db.transaction() as tx:
        await dead_letters.settle(tx, "w", one, DeadLetterState.DROPPED)
    await kept(any_db, one)

    async with any_db.read() as view:
        assert await dead_letters.get(view, "w", one.id) == one.model_copy(update={"times": 2})


async def test_letter_of_another_workspace_is_not_found(any_db, letter):
    one = letter()
    await kept(any_db, one)

    with pytest.raises(
        UnknownThing, match=f"there is no dead letter {one.id}; `incident-copilot dead list` lists them"
    ):
        async with any_db.read() as view:
            await dead_letters.get(view, "other", one.id)
