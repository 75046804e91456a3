"""Noise is counted by alert name and service; outcomes are one row an incident. Both databases do it alike."""

from datetime import timedelta

from incident_copilot.domain.noise import NoiseCount
from incident_copilot.domain.track_record import TrackRecord, TurnedOut
from incident_copilot.store import noise, outcomes


def counted(clock, name="Disk", service=None, times=1, why="w", fingerprint="f"):
    at = clock()
    return NoiseCount(
        name=name, service=service, times=times, first_at=at, last_at=at, why=why, fingerprint=fingerprint
    )


async def test_counts_add_up_and_the_latest_reason_stands(any_db, clock):
    first, other = counted(clock, times=2), counted(clock, service="s", times=9, why="y" * 400)
    async with any_db.transaction() as tx:
        await noise.add(tx, "w", [])
        await noise.add(tx, "w", [first, other])
    clock.forward(60)
    async with any_db.transaction() as tx:
        await noise.add(tx, "w", [counted(clock, why="new", fingerprint="g")])

    async with any_db.read() as view:
        most, least = await noise.counted(view, "w", 5)
        assert await noise.counted(view, "w", 1) == [most]
        assert await noise.counted(view, "elsewhere", 5) == []
    assert most == other.model_copy(update={"why": "y" * 300})
    assert least == first.model_copy(update={"times": 3, "last_at": clock(), "why": "new", "fingerprint": "g"})


async def test_an_incident_turned_out_as_it_ended_last(any_db, clock):
    told = {"name": "Disk", "service": None, "ended_at": clock()}
    later = {**told, "ended_at": clock() + timedelta(minutes=1)}
    async with any_db.transaction() as tx:
        await outcomes.note(tx, "w", "1", **told, outcome=TurnedOut.TROUBLE)
        await outcomes.note(tx, "w", "1", **later, outcome=TurnedOut.FALSE_ALARM)
        await outcomes.note(tx, "w", "2", **told, outcome=TurnedOut.SELF_HEALED)
        await outcomes.note(tx, "w", "3", **told, outcome=TurnedOut.TROUBLE)
        await outcomes.take_back(tx, "w", "3")

    async with any_db.read() as view:
        found = await outcomes.of(view, "w", "Disk", None)
        assert await outcomes.of(view, "w", "Disk", "s") == TrackRecord()
        assert await outcomes.lately(view, "w") == {("Disk", None): found}
    assert found.latest == (TurnedOut.FALSE_ALARM, TurnedOut.SELF_HEALED)
