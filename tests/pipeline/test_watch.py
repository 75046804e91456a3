"""Monitoring that falls silent is told once, opens an incident, and is taken back when it is heard again."""

from datetime import timedelta

import pytest

from incident_copilot.domain.content import Notice
from incident_copilot.domain.heartbeat import Watchdog
from incident_copilot.domain.incident import Ending, Severity, Status
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.pipeline import read, run
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import jobs

from . import samples
from .life import CATALOG, Life, over

MINUTE = timedelta(minutes=1)


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


def watchdog(**labels):
    """The alert that always fires, of a cluster; it has fired since long."""
    return samples.alert(
        "Watchdog",
        service=None,
        severity="none",
        summary="An alert that should always be firing",
        description="",
        labels=labels,
        starts_at=samples.NOON - timedelta(days=30),
    )


def watching(*watchdogs):
    correlation = CATALOG.correlation.model_copy(update={"watchdogs": watchdogs})
    return CATALOG.model_copy(update={"correlation": correlation})


async def look(life):
    """Tick, as the clock does every minute."""
    async with life.deps.db.transaction() as tx:
        key = f"{Work.WATCH}:{life.clock().isoformat()}"
        await jobs.enqueue_tick(tx, workspace_id="w", kind=Work.WATCH, key=key, lane="tick:watch", run_at=life.clock())
    await life.work()


async def beating(life, times, *beats):
    """Let the beats come so many times, every four minutes."""
    for _ in range(times):
        life.clock.forward(240)
        await life.take(*beats)
        await look(life)


async def silence(life, times=3):
    """Let so many times four minutes pass without a beat, with a look at the end of each."""
    await beating(life, times)


def told(life):
    """What operators are shown now."""
    return [content.text for (channel, _), content in life.chat.shown.items() if channel == "COPERATOR"]


async def test_watchdog_opens_nothing_and_shows_that_its_source_lives(life, clock):
    assert await life.take(watchdog()) == 0
    await beating(life, 2, watchdog())

    assert (await life.running(), await life.alert(watchdog()), told(life)) == ([], None, [])
    (source,) = await read.sources(life.deps)
    (beat,) = source.heartbeats
    assert (source.source, beat.subject) == ("alertmanager", "alertmanager, cluster eu-1")
    assert (beat.last_at, beat.usual, beat.silent_since) == (clock(), 4 * MINUTE, None)


async def test_silence_of_twice_the_usual_interval_is_told_once_and_opens_a_p1(life):
    await life.take(watchdog())
    await beating(life, 2, watchdog())

    await silence(life, 2)
    assert (await life.running(), told(life)) == ([], [])
    await silence(life)

    incident = await life.newest()
    assert await life.running() == [1]
    assert (incident.title, incident.severity) == ("Monitoring of alertmanager, cluster eu-1 is silent", Severity.P1)
    assert incident.score_sheet.floors == ("monitoring that is silent is P1",)
    (text,) = told(life)
    assert text == (
        "Monitoring of alertmanager, cluster eu-1 is silent. Watchdog, which usually comes every 4 min, was last heard "
        "at 2026-11-21 12:08 UTC. Other alerts of this source may be missing too."
    )
    (opened,) = await life.log(incident, LogKind.OPENED)
    assert opened.actor == "policy:watchdog"


async def test_what_is_heard_again_ends_its_incident_and_the_notice_says_so(life):
    await life.take(watchdog())
    await beating(life, 1, watchdog())
    await silence(life)

    life.clock.forward(60)
    await life.take(watchdog())

    incident = await life.newest()
    assert (incident.status, incident.ending) == (Status.RESOLVED, Ending.SELF_RECOVERED)
    assert told(life) == ["Monitoring of alertmanager, cluster eu-1 is heard again, since 2026-11-21 12:17 UTC."]
    assert [entry.text.split(".")[0] for entry in await life.timeline(incident, TimelineKind.ALERT)] == [
        "WatchdogMissing on an unnamed service fires",
        "WatchdogMissing on an unnamed service resolved",
    ]
    assert [row.actor for row in await life.log(incident, LogKind.ENDED)] == ["policy:watchdog"]


async def test_incident_that_somebody_took_is_resolved_and_one_that_people_ended_stays_ended(life):
    await life.take(watchdog())
    await beating(life, 1, watchdog())
    await silence(life)
    await run.acknowledge(life.deps, (await life.newest()).id, await life.person("ana"))
    await life.take(watchdog())
    assert (await life.newest()).ending is Ending.RESOLVED

    await silence(life)
    again = await life.newest()
    assert (again.number, again.status) == (1, Status.OPEN)
    assert told(life)[1].startswith("Monitoring of alertmanager, cluster eu-1 is silent")
    assert len([one for one in life.chat.posts if one[0] == "COPERATOR" and isinstance(one[2], Notice)]) == 2


async def test_silence_opens_again_an_incident_only_within_the_window(life):
    await life.take(watchdog())
    await beating(life, 1, watchdog())
    await silence(life)
    await life.take(watchdog())
    life.clock.forward(3600)
    await beating(life, 2, watchdog())

    await silence(life)

    assert await life.running() == [2]


async def test_two_sources_that_fall_silent_together_are_one_incident_that_ends_with_the_last(life):
    first, second = watchdog(), watchdog(region="b")
    await life.take(first, second)
    await beating(life, 1, first, second)
    await silence(life)
    assert await life.running() == [1]

    await life.take(first)
    assert await life.running() == [1]
    await life.take(second)

    assert await life.running() == []


async def test_hours_in_which_the_copilot_was_away_are_no_silence(life):
    await life.take(watchdog())
    await beating(life, 2, watchdog())

    life.clock.forward(8 * 3600)
    await look(life)
    await silence(life, 2)
    assert (await life.running(), told(life)) == ([], [])

    await silence(life, 1)
    assert await life.running() == [1]


async def test_pause_of_the_copilot_is_no_usual_interval(life):
    await life.take(watchdog())
    await beating(life, 2, watchdog())

    life.clock.forward(8 * 3600)
    await life.take(watchdog())
    await look(life)
    await beating(life, 1, watchdog())

    (source,) = await read.sources(life.deps)
    assert source.heartbeats[0].usual == 4 * MINUTE


async def test_interval_that_is_not_known_yet_is_no_silence_unless_the_catalogue_says_how_long(db, clock):
    life = Life(db, clock)
    await life.take(watchdog())
    await silence(life)
    assert await life.running() == []

    strict = Watchdog(match={"alertname": "Watchdog"}, silent_after_min=3, opens=Severity.P2)
    told_strictly = Life(db, clock, catalog=watching(strict))
    await silence(told_strictly, 1)

    assert (await told_strictly.newest()).severity is Severity.P2


async def test_policy_may_only_tell(db, clock):
    life = Life(db, clock, catalog=watching(Watchdog(match={"alertname": "Watch*"}, silent_after_min=3, opens=None)))
    await life.take(watchdog())
    await silence(life, 2)
    assert (await life.running(), len(told(life))) == ([], 1)

    await life.take(watchdog())

    assert told(life) == ["Monitoring of alertmanager, cluster eu-1 is heard again, since 2026-11-21 12:08 UTC."]


async def test_end_of_a_watchdog_is_no_sign_of_life(life, clock):
    await life.take(over(watchdog(), clock))

    assert await read.sources(life.deps) != []
    assert [one.heartbeats for one in await read.sources(life.deps)] == [()]


async def test_watchdog_that_the_catalogue_names_no_more_is_forgotten(db, clock):
    life = Life(db, clock)
    await life.take(watchdog())

    await look(Life(db, clock, catalog=watching()))

    assert [one.heartbeats for one in await read.sources(life.deps)] == [()]
