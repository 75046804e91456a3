"""Channels of old incidents are archived: said a day before, kept by a click, left alone while anything is open."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from incident_copilot.domain.effect import ArchiveChannel
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.support_hours import DAYS, SupportHours
from incident_copilot.domain.task import Task
from incident_copilot.errors import DecisionRefused
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import archiving, resolve
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import jobs, tasks

from .life import Life, big, small

ALWAYS = SupportHours(begin="00:00", end="24:00", days=DAYS)


@pytest.fixture
def life(db, clock):
    return Life(db, clock, archive_after=timedelta(days=14), working_hours=ALWAYS)


async def look(life, deps=None):
    """What the hourly look does; return how many channels were archived so far."""
    given = deps or life.deps
    async with given.db.transaction() as tx:
        await jobs.enqueue(tx, workspace_id="w", kind=Work.ARCHIVE, key="a", lane="a", run_at=given.now())
    await Worker(given.db, {Work.ARCHIVE.value: partial(archiving.look, given)}, life.clock).run_due()
    await life.work()
    return sum(isinstance(deed, ArchiveChannel) for deed in life.chat.deeds)


async def ended(life, *alerts):
    """Incidents that ended a fortnight ago."""
    found = [await life.opened(alert) for alert in alerts]
    for incident in found:
        ana = await life.person("ana")
        await resolve.resolve(life.deps, incident.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)
    await life.work()
    life.clock.forward(timedelta(days=14, hours=1).total_seconds())
    return found


async def test_a_channel_is_archived_a_day_after_that_was_said(life):
    [incident, _] = await ended(life, big(), small())

    said = await look(life)
    early = await look(life)
    life.clock.forward(timedelta(days=1).total_seconds())
    done, again = await look(life), await look(life)

    assert (said, early, done, again) == (0, 0, 1, 1)
    assert [text for text in life.chat.notices() if "archived tomorrow" in text] == [
        "INC-1 is long over: this channel will be archived tomorrow. Nothing in it is lost."
    ]
    assert [row.actor for row in await life.log(incident, LogKind.CHANNEL_ARCHIVED)] == ["policy:archiving"]


async def test_whoever_works_there_keeps_it(life):
    [incident] = await ended(life, big())
    await look(life)
    kept = await archiving.keep(life.deps, incident.id, await life.person("ana"))
    life.clock.forward(timedelta(days=2).total_seconds())

    assert kept.text == "The channel of INC-1 stays."
    assert await look(life) == 0
    assert len(await life.log(incident, LogKind.CHANNEL_KEPT)) == 1
    with pytest.raises(DecisionRefused, match="role responder"):
        await archiving.keep(life.deps, incident.id, await life.person("vic"))


async def test_what_has_an_open_task_is_left_alone(life, clock):
    [incident] = await ended(life, big())
    undone = Task(
        workspace_id="w", incident_id=incident.id, number=1, text="write it up", added_by="U0ANA", added_at=clock()
    )
    async with life.deps.db.transaction() as tx:
        await tasks.add(tx, undone)

    assert await look(life) == 0
    assert [text for text in life.chat.notices() if "archived" in text] == []


async def test_nothing_is_archived_at_night_in_shadow_or_without_being_told_to(life):
    await ended(life, big())
    policy = life.deps.policy
    never = SupportHours(begin="00:00", end="24:00", days=())
    for changed in ({"archive_after": timedelta()}, {"shadow": True}, {"working_hours": never}):
        await look(life, replace(life.deps, policy=replace(policy, **changed)))

    assert [text for text in life.chat.notices() if "archived" in text] == []


async def test_few_are_announced_at_once(life, monkeypatch):
    monkeypatch.setattr(archiving, "MOST_AT_ONCE", 1)
    await ended(life, big(), big("Other", service="search", labels={"cluster": "us-1"}))

    await look(life)

    assert len([text for text in life.chat.notices() if "archived tomorrow" in text]) == 1
