"""What is muted is kept beside what mutes it, counted, and placed once more when that is over."""

from datetime import timedelta

import pytest

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.store import alerts, incidents, muted_alerts


def told(clock, fingerprint, status=AlertStatus.FIRING, **fields):
    return Alert(
        source="a", fingerprint=fingerprint, name=f"N{fingerprint}", status=status, starts_at=clock(), **fields
    )


@pytest.fixture
async def incident(any_db, open_incident):
    return await open_incident(any_db)


@pytest.fixture
async def storm(any_db, clock, incident):
    """Two alerts of an incident mute others, s1 two that fire and one that does not, s2 one."""
    async with any_db.transaction() as tx:
        fired = [told(clock, one) for one in ("s1", "s2", "t1", "t2", "u1")]
        await alerts.record_all(tx, "w", [*fired, told(clock, "t3", AlertStatus.RESOLVED)], clock())
        await muted_alerts.mark_sources(tx, "w", ["s1", "s2"])
        await alerts.place(tx, "w", ["s1", "s2"], incident_id=incident.id)
        await alerts.place(tx, "w", ["t1", "t2", "t3"], muted_by=muted_alerts.by_alert("s1"))
        await alerts.place(tx, "w", ["u1"], muted_by=muted_alerts.by_alert("s2"))


async def waiting(tx):
    return [one.alert.fingerprint for one in await alerts.waiting(tx, "w", 10)]


async def test_muted_alerts_that_fire_are_counted_by_name(any_db, storm, incident):
    async with any_db.read() as db:
        assert await muted_alerts.counts(db, "w", incident.id) == {"Ns1": 2, "Ns2": 1}
        assert await muted_alerts.counts(db, "w", "0" * 32) == {}
        assert await muted_alerts.totals(db, "w") == {"alert:s1": 2, "alert:s2": 1}
        assert await muted_alerts.incidents_of(db, "w", ["s1", "s2", "t1"]) == [incident.id]


async def test_what_still_fires_is_placed_once_more_when_its_source_is_over(any_db, storm):
    async with any_db.transaction() as tx:
        assert await muted_alerts.weigh_anew(tx, "w", ["alert:s1"]) is True
        assert await waiting(tx) == ["t1", "t2"]
        assert await muted_alerts.weigh_anew(tx, "w", ["alert:s1"]) is False


async def test_sources_are_those_that_fire_and_whose_incident_runs(any_db, storm, incident, clock):
    async with any_db.transaction() as tx:
        before = [one.fingerprint for one in await muted_alerts.sources(tx, "w")]
        ended = incident.model_copy(update={"ended_at": clock() + timedelta(minutes=1)})
        await incidents.save(tx, ended)
        after = await muted_alerts.sources(tx, "w")
        weighed = await muted_alerts.weigh_anew_after(tx, "w", incident.id)

        assert (before, after, weighed) == (["s1", "s2"], [], True)
        assert await waiting(tx) == ["t1", "t2", "u1"]


def test_what_mutes_is_told_by_its_kind():
    assert muted_alerts.fingerprint_of("alert:f1") == "f1"
    assert muted_alerts.fingerprint_of("silence:s1") is None
    assert muted_alerts.silence_of("silence:s1") == "s1"
    assert [muted_alerts.silence_of(one) for one in ("alert:f1", None)] == [None, None]
