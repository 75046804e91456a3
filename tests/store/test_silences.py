"""Silences have numbers people can say, and are kept when they have ended."""

from datetime import timedelta

from incident_copilot.domain.base import new_id
from incident_copilot.domain.silence import Silence, by_pattern
from incident_copilot.store import silences, silences_read


def silence(clock, **fields):
    made = new_id(clock())
    until = clock() + timedelta(hours=1)
    values = {"id": made, "ref": made, "matchers": (by_pattern("a", "b"),), "until": until, "reason": "r", "by": "U1"}
    return Silence.model_validate(values | fields)


async def test_silences_count_until_their_end_newest_first(any_db, clock):
    async with any_db.transaction() as tx:
        kept = [await silences.add(tx, "w", silence(clock)) for _ in range(3)]
        await silences.add(tx, "elsewhere", silence(clock))
        await silences.end(tx, [kept[1].id], clock())

    async with any_db.transaction() as tx:
        running = await silences.running(tx, "w", clock())
        later = await silences.running(tx, "w", clock() + timedelta(hours=1))
        locked = [await silences.lock(tx, "w", number) for number in (1, 2)]
        some = await silences.some(tx, [kept[1].id, "x"])

    assert [one.label for one in running] == ["M-3", "M-1"]
    assert later == []
    assert locked == [kept[0], None]
    assert some == {kept[1].id: kept[1]}


async def test_one_that_ended_elsewhere_may_come_again(any_db, clock):
    async with any_db.transaction() as tx:
        first = await silences.add(tx, "w", silence(clock, source="am", ref="s-1"))
        await silences.update(tx, [first.model_copy(update={"reason": "longer"})])
        [changed] = await silences.read_from(tx, "w", "am")
        await silences.end(tx, [first.id], clock())
        again = await silences.add(tx, "w", silence(clock, source="am", ref="s-1"))

        read = await silences.read_from(tx, "w", "am")

    assert changed.reason == "longer"
    assert read == [again]


async def test_what_could_not_be_read_is_told_until_it_can_be(any_db, clock):
    async def note(problem=None):
        async with any_db.transaction() as tx:
            await silences_read.note(tx, "w", "am", clock(), problem, is_read=problem is None)
        async with any_db.read() as db:
            return await silences_read.problems(db, "w")

    told = [await note("HTTP 503"), await note()]
    clock.forward(60)
    told.append(await note("no answer"))

    assert told == [
        ["am: silences were last read never: HTTP 503"],
        [],
        ["am: silences were last read 21 Nov 12:00 UTC: no answer"],
    ]
