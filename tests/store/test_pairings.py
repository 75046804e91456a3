"""Of two kinds of alert the last word of people counts."""

from datetime import timedelta

from incident_copilot.domain.pairing import Pairing, pairs
from incident_copilot.store import pairings


async def test_the_last_word_takes_the_place_of_the_one_before(any_db, clock):
    first = clock()
    async with any_db.transaction() as tx:
        await pairings.say(tx, "w", pairs(["b", "a"], ["c", "a"]), together=False, now=first)
        await pairings.say(tx, "w", [], together=False, now=first)
    clock.forward(60)
    async with any_db.transaction() as tx:
        await pairings.say(tx, "w", pairs(["c"], ["a"]), together=True, now=clock())
        await pairings.say(tx, "elsewhere", [("a", "b")], together=True, now=clock())

    async with any_db.read() as db:
        said = await pairings.since(db, "w", first)
        late = await pairings.since(db, "w", first + timedelta(seconds=1))

    assert [(one.one, one.other, one.together) for one in said] == [
        ("a", "c", True),
        ("a", "b", False),
        ("b", "c", False),
    ]
    assert late == [Pairing(one="a", other="c", together=True, at=clock())]
    assert said[0].day == "21 November"
