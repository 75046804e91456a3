"""Timers: the secondary is called once when nobody acknowledged; small alerts come in a digest."""

from datetime import timedelta

import pytest

from incident_copilot.domain.content import Digest
from incident_copilot.domain.effect import Invite
from incident_copilot.domain.escalation import Escalation
from incident_copilot.domain.incident import Ending, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import remind, resolve, run
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import alerts

from .life import CATALOG, Life, again, big, over, small, tiny


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def called(life, incident):
    return [row.payload for row in await life.log(incident, LogKind.PAGED) if row.payload["turn"] == "secondary"]


# --- the secondary ---


async def test_secondary_is_called_when_the_response_time_is_over(life):
    incident = await life.opened(big())
    await life.go_on(minutes=29)
    early = await called(life, incident)

    await life.go_on(minutes=1)

    page = life.chat.shown[incident.channel_id, "notice:page:secondary"]
    assert early == []
    assert await called(life, incident) == [{"person": "U0BEN", "turn": "secondary"}]
    assert page.text == "Nobody has acknowledged INC-1 in time. You are the secondary; please take it."
    assert (page.mentions, page.buttons[0].value) == (("U0BEN",), incident.id)
    assert life.chat.deeds.count(Invite(people=("U0BEN",))) == 1


async def test_secondary_is_called_in_the_thread_of_a_small_incident(life):
    incident = await life.opened(small("SearchFails", service="payments", summary="search fails"))

    await life.go_on(hours=2)

    assert life.chat.shown["CANNOUNCE", "notice:page:secondary"].mentions == ("U0BEN",)
    assert len(await called(life, incident)) == 1
    assert not [deed for deed in life.chat.deeds if isinstance(deed, Invite)]


async def test_secondary_is_called_once_even_when_the_severity_rises_later(life):
    incident = await life.opened(big())
    await life.go_on(minutes=30)

    await run.set_severity(life.deps, incident.id, await life.person("cara"), Severity.P0)
    await life.go_on(hours=1)

    assert len(await called(life, incident)) == 1


@pytest.mark.parametrize("doing", ["acknowledges", "mitigates", "resolves", "quiets"])
async def test_nobody_is_called_where_somebody_does_something(life, doing):
    incident = await life.opened(big())
    ana = await life.person("ana")
    if doing == "acknowledges":
        await run.acknowledge(life.deps, incident.id, ana)
    elif doing == "mitigates":
        await run.set_status(life.deps, incident.id, ana, Status.MITIGATED)
    elif doing == "quiets":
        await run.quiet(life.deps, incident.id, ana, True)
    else:
        await resolve.resolve(life.deps, incident.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)

    await life.go_on(hours=1)
    await life.run_job(Work.REMIND, incident)

    assert await called(life, incident) == []


async def test_nobody_is_called_where_there_is_no_secondary(life):
    incident = await life.opened(small())

    await life.go_on(hours=3)

    assert await called(life, incident) == []


async def test_secondary_is_called_again_for_an_incident_that_came_back(life, clock):
    incident = await life.opened(big())
    await life.go_on(minutes=30)
    await life.take(over(big(), clock))
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)
    await life.take(again(big(), clock))

    await life.go_on(minutes=30)

    pages = [content for content in life.chat.notices() if content.startswith("Nobody has acknowledged")]
    assert len(await called(life, incident)) == 2
    assert len(pages) == 2


async def test_in_quiet_hours_nobody_is_called_and_afterwards_one_after_the_other(db, clock):
    quiet = {"quiet_hours": {"begin": "11:00", "end": "14:00", "severities": ["P1"]}}
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"escalation": Escalation.model_validate(quiet)}))
    incident = await life.opened(big())
    await life.go_on(minutes=31)
    early = await life.log(incident, LogKind.PAGED)
    invited = [deed for deed in life.chat.deeds if isinstance(deed, Invite)]

    await life.go_on(minutes=89)
    await life.go_on(minutes=30)

    called = [(row.at.hour, row.at.minute, row.payload["turn"]) for row in await life.log(incident, LogKind.PAGED)]
    assert (early, invited, called) == ([], [], [(14, 0, "primary"), (14, 30, "secondary")])


# --- the digest ---


def digests(life):
    return [content for _, _, content in life.chat.posts if isinstance(content, Digest)]


def names(content):
    return sorted(entry.name for entry in content.entries)


async def test_small_alerts_of_the_hour_come_in_one_digest(life, clock):
    hour = clock()
    await life.take(tiny("A"), tiny("B"))
    await life.take(tiny("A"))
    clock.forward(3600)

    await life.tick_digest()

    [digest] = digests(life)
    [a] = [entry for entry in digest.entries if entry.name == "A"]
    assert (digest.hour, digest.until, digest.more) == (hour, hour + timedelta(hours=1), 0)
    assert (a.fingerprint, a.service, a.count, a.since) == (tiny("A").fingerprint, "batch", 2, hour)
    assert names(digest) == ["A", "B"]
    assert [post[0] for post in life.chat.posts] == ["CANNOUNCE"]


async def test_alerts_of_the_hour_that_runs_wait_for_its_end(life, clock):
    await life.take(tiny())

    await life.tick_digest()

    assert digests(life) == []


async def test_hours_in_which_the_copilot_was_down_come_in_one_digest(life, clock):
    first = clock()
    await life.take(tiny("A"))
    clock.forward(3600)
    await life.take(tiny("B", starts_at=clock()))
    clock.forward(5 * 3600)

    await life.tick_digest()

    [digest] = digests(life)
    assert (digest.hour, digest.until) == (first, first + timedelta(hours=2))
    assert names(digest) == ["A", "B"]


async def test_alert_is_in_one_digest_only_until_it_fires_again(life, clock):
    await life.take(tiny("A"))
    clock.forward(3600)
    await life.tick_digest()
    clock.forward(3600)
    await life.tick_digest()
    await life.take(again(tiny("A"), clock))
    clock.forward(3600)

    await life.tick_digest()

    assert [names(digest) for digest in digests(life)] == [["A"], ["A"]]


async def test_alert_that_became_an_incident_is_in_no_digest(life, clock):
    await life.take(tiny("A"), tiny("B"))
    await run.promote(life.deps, tiny("A").fingerprint, await life.person("ana"))
    clock.forward(3600)

    await life.tick_digest()

    assert [names(digest) for digest in digests(life)] == [["B"]]


async def test_long_digest_counts_what_it_leaves_out(life, clock):
    await life.take(*(tiny(f"A{number}", labels={"n": str(number)}) for number in range(remind.DIGEST_LINES + 2)))
    clock.forward(3600)

    await life.tick_digest()

    [digest] = digests(life)
    assert (len(digest.entries), digest.more) == (remind.DIGEST_LINES, 2)


async def test_change_that_arrives_while_the_digest_is_made_is_still_looked_at(life, clock):
    await life.take(tiny())
    clock.forward(3600)
    serious = tiny().model_copy(update={"starts_at": clock(), "severity": "critical"})
    async with life.deps.db.transaction() as tx:
        await alerts.record(tx, "w", serious, clock())

    await life.tick_digest()
    await life.take(serious, tiny("Other"))

    assert await life.running() == [1]
