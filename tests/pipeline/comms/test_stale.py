"""Who leads an incident that nobody touches is asked once whether it is over."""

from datetime import timedelta

import pytest

from incident_copilot.domain.comms import CommsPolicy
from incident_copilot.domain.content import Notice
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import resolve, run
from incident_copilot.pipeline.comms import stale
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import jobs
from pipeline.life import Life, big

ASKED = "INC-1 High 5xx ratio on checkout is acknowledged, and nobody has touched it for 2 h. Is it over?"


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def tick(life, **span):
    life.clock.forward(sum(value * {"hours": 3600, "minutes": 60}[name] for name, value in span.items()))
    now = life.clock()
    async with life.deps.db.transaction() as tx:
        await jobs.enqueue_tick(
            tx, workspace_id="w", kind=Work.STALE, key=f"stale:{now}", lane="tick:stale", run_at=now
        )
    await life.work()


def asked(life, channel):
    posts = [content for where, _, content in life.chat.posts if where == channel and isinstance(content, Notice)]
    return [content.text for content in posts if "nobody has touched it" in content.text]


async def test_commander_is_asked_once_for_each_silence(life):
    opened = await life.opened(big())
    ben = await life.person("ben")
    await run.acknowledge(life.deps, opened.id, ben)
    await tick(life, hours=1)
    assert asked(life, "U0BEN") == []

    await tick(life, hours=1)
    await tick(life, hours=1)
    assert asked(life, "U0BEN") == [ASKED]

    kept = await stale.keep_open(life.deps, opened.id, ben)
    await tick(life, hours=1)
    await tick(life, hours=1)
    assert (kept.label, asked(life, "U0BEN")) == ("INC-1", [ASKED, ASKED])
    assert [row.actor for row in await life.log(opened, LogKind.KEPT_OPEN)] == ["U0BEN"]


async def test_snoozed_incident_is_asked_about_when_that_is_over(life):
    opened = await life.opened(big())
    ben = await life.person("ben")
    await run.acknowledge(life.deps, opened.id, ben)
    await run.snooze(life.deps, opened.id, ben, timedelta(hours=4))
    await tick(life, hours=3)
    assert asked(life, "U0BEN") == []

    await tick(life, hours=1)
    assert [text.partition("touched it for ")[2] for text in asked(life, "U0BEN")] == ["4 h. Is it over?"]


async def test_where_nobody_leads_the_channel_is_asked(life):
    opened = await life.opened(big())
    await tick(life, hours=3)

    assert [text.partition(" is ")[2] for text in asked(life, opened.channel_id)] == [
        "open, and nobody has touched it for 3 h. Is it over?"
    ]


async def test_what_is_quiet_or_over_is_left_alone(life):
    opened = await life.opened(big())
    ben = await life.person("ben")
    await run.quiet(life.deps, opened.id, ben, True)
    await tick(life, hours=3)
    await resolve.resolve(life.deps, opened.id, ben, ending=Ending.RESOLVED, note="", despite_red=True)
    await tick(life, hours=3)

    assert asked(life, opened.channel_id) == []
    with pytest.raises(DecisionRefused, match="INC-1 has ended already"):
        await stale.keep_open(life.deps, opened.id, ben)
    with pytest.raises(DecisionRefused, match="you need the role responder"):
        await stale.keep_open(life.deps, opened.id, await life.person("vic"))


def test_time_is_that_of_the_severity_unless_the_catalogue_says_otherwise():
    policy = CommsPolicy(stale_min={"P0": 15})

    assert [policy.stale_after(one).total_seconds() / 60 for one in Severity] == [15, 120, 480, 1440]


async def test_what_is_old_is_asked_about_in_working_hours(life):
    opened = await life.opened(big())
    await tick(life, hours=25)  # Sunday
    at_night = asked(life, opened.channel_id)
    await tick(life, hours=24)

    assert at_night == []
    assert len(asked(life, opened.channel_id)) == 1
