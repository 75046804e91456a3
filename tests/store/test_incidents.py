"""Incidents: numbers people can say, one running incident per correlation key, members in order."""

import asyncio
from datetime import timedelta

import pytest

from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import OPENED_IT, Membership, Severity
from incident_copilot.errors import UnknownThing
from incident_copilot.store import incidents


async def test_incidents_are_numbered_in_each_workspace(any_db, open_incident):
    opened = [await open_incident(any_db) for _ in range(2)]
    elsewhere = await open_incident(any_db, workspace_id="other")

    assert [one.number for one in opened] == [1, 2]
    assert elsewhere.number == 1


async def test_one_incident_runs_for_a_key_until_it_has_ended(any_db, clock, open_incident):
    first = await open_incident(any_db, correlation_key="k")
    second = await open_incident(any_db, correlation_key="k")
    async with any_db.transaction() as tx:
        await incidents.save(tx, first.model_copy(update={"ended_at": clock()}))
    clock.forward(1)

    third = await open_incident(any_db, correlation_key="k")

    async with any_db.read() as view:
        assert (second, third.number) == (None, 2)
        assert await incidents.by_key(view, "w", "k") == third
        assert await incidents.by_key(view, "w", "unknown") is None


async def test_of_many_opened_at_once_for_one_key_one_is_there(any_db, open_incident):
    opened = await asyncio.gather(*(open_incident(any_db, correlation_key="k") for _ in range(5)))

    async with any_db.read() as view:
        assert [one for one in opened if one] == await incidents.running(view, "w")


async def test_many_opened_at_once_get_different_numbers(any_db, open_incident):
    opened = await asyncio.gather(*(open_incident(any_db) for _ in range(5)))

    assert sorted(one.number for one in opened) == [1, 2, 3, 4, 5]


async def test_incident_is_found_by_id_and_number_and_saved(db, open_incident):
    incident = await open_incident(db)

    async with db.transaction() as tx:
        locked = await incidents.lock(tx, incident.id)
        saved = await incidents.save(tx, locked.model_copy(update={"severity": Severity.P0}))

        assert locked == incident
        assert await incidents.get(tx, incident.id) == saved
        assert await incidents.by_number(tx, "w", 1) == saved
        assert await incidents.by_number(tx, "w", 2) is None


@pytest.mark.parametrize("find", [incidents.get, incidents.lock])
async def test_unknown_incident_is_said_to_be_unknown(db, find):
    async with db.transaction() as tx:
        with pytest.raises(UnknownThing):
            await find(tx, "f" * 32)


async def test_newest_comes_first_wherever_incidents_are_listed(db, clock, open_incident):
    first = await open_incident(db, channel_id="C1")
    second = await open_incident(db, channel_id="C1")
    clock.forward(60)
    ended = await open_incident(db, channel_id="C1", ended_at=clock())
    since = clock() - timedelta(seconds=60)

    async with db.read() as view:
        assert await incidents.running(view, "w") == [second, first]
        assert await incidents.in_channel(view, "w", "C1") == [ended, second, first]
        assert await incidents.in_channel(view, "w", "C2") == []
        assert await incidents.recent(view, "w", since, 2) == [ended, second]
        assert await incidents.recent(view, "w", clock(), 9) == [ended]


async def test_members_join_once_and_the_one_that_opened_it_comes_first(db, clock, open_incident):
    incident = await open_incident(db)

    def member(fingerprint, reason, after=0):
        joined_at = clock() + timedelta(seconds=after)
        return Membership(incident_id=incident.id, fingerprint=fingerprint, reason=reason, joined_at=joined_at)

    members = [member("d", OPENED_IT), member("b", "why"), member("a", "why", 1), member("c", "why")]
    async with db.transaction() as tx:
        joined = [await incidents.join(tx, one) for one in [*members, member("a", "again")]]
        await incidents.join_all(tx, [])
        await incidents.join_all(tx, [member("a", "again"), member("e", "why", 2)])

    async with db.read() as view:
        found = await incidents.memberships(view, incident.id)
        assert joined == [True, True, True, True, False]
        assert [(one.fingerprint, one.reason) for one in found] == [
            ("d", OPENED_IT),
            *((fingerprint, "why") for fingerprint in "bcae"),
        ]
        assert await incidents.count_members(view, incident.id) == 5
        assert await incidents.memberships(view, new_id(clock())) == []
