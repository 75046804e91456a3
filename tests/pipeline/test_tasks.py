"""Tasks: added, taken, given and done once, shown in one message, and told in the postmortem."""

import asyncio

import pytest

from incident_copilot.domain.content import TaskList
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import tasks
from incident_copilot.pipeline.reviewing import follow_ups, record, words
from incident_copilot.pipeline.reviewing import tasks as reviewed
from incident_copilot.store import tasks as rows

from .life import Life, big


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


@pytest.fixture
async def incident(life):
    return await life.opened(big())


async def held(life, incident):
    listed = (await tasks.listed(life.deps, incident)).tasks
    return [(task.number, task.text, task.assignee, task.done_by) for task in listed]


async def test_tasks_are_added_given_and_done_in_one_message_below_the_card(life, incident):
    ana, ben = await life.person("ana"), await life.person("ben")

    said = [
        await tasks.add(life.deps, incident.id, ana, " Restart the pods ", "U0BEN"),
        await tasks.add(life.deps, incident.id, ana, "Call the provider"),
        await tasks.assign(life.deps, incident.id, ana, 2, "U0CARA"),
        await tasks.done(life.deps, incident.id, ben, 1),
        await tasks.reopen(life.deps, incident.id, ana, 1),
        await tasks.done(life.deps, incident.id, ben, 1),
    ]
    await life.work()

    rows_ = await life.log(incident, *reviewed.KINDS)
    posts = [(thread, content) for _, thread, content in life.chat.posts if isinstance(content, TaskList)]
    shown, card = life.chat.shown[incident.channel_id, "tasks"], life.chat.shown[incident.channel_id, "card"]
    assert [one.text for one in said] == [
        "Task 1 of INC-1 for <@U0BEN>: Restart the pods",
        "Task 2 of INC-1: Call the provider",
        "Task 2 of INC-1 is with <@U0CARA>.",
        "Task 1 of INC-1 is done.",
        "Task 1 of INC-1 is open again.",
        "Task 1 of INC-1 is done.",
    ]
    assert await held(life, incident) == [
        (1, "Restart the pods", "U0BEN", "U0BEN"),
        (2, "Call the provider", "U0CARA", None),
    ]
    assert [(row.kind, row.actor) for row in rows_] == [
        (LogKind.TASK_ADDED, "U0ANA"),
        (LogKind.TASK_ADDED, "U0ANA"),
        (LogKind.TASK_ASSIGNED, "U0ANA"),
        (LogKind.TASK_DONE, "U0BEN"),
        (LogKind.TASK_REOPENED, "U0ANA"),
        (LogKind.TASK_DONE, "U0BEN"),
    ]
    assert len(posts) == 1
    assert posts[0][0] is not None
    assert [task.is_open for task in shown.tasks] == [False, True]
    assert (card.tasks_open, card.tasks_done) == (1, 1)


async def test_of_two_who_finish_a_task_at_once_one_did_and_the_other_is_told(life, incident):
    people = [await life.person(name) for name in ("ana", "ben")]
    await tasks.add(life.deps, incident.id, people[0], "Restart the pods")

    said = await asyncio.gather(
        *(tasks.done(life.deps, incident.id, person, 1) for person in people), return_exceptions=True
    )

    [(*_, by)] = await held(life, incident)
    assert sorted(str(one) if isinstance(one, Exception) else one.text for one in said) == [
        "Task 1 is done already, by <@" + by + ">.",
        "Task 1 of INC-1 is done.",
    ]


async def test_what_cannot_be_is_refused_and_logged(life, incident):
    ana = await life.person("ana")
    await tasks.add(life.deps, incident.id, ana, "Restart the pods", "U0BEN")

    async def told(doing):
        return await life.refused(incident, doing)

    id_ = incident.id
    assert await told(tasks.add(life.deps, id_, ana, " ")) == (
        "Say what is to be done, as in /incident task restart the pods @ben."
    )
    assert await told(tasks.add(life.deps, id_, ana, "x" * 501)) == "A task has at most 500 characters; that is 501."
    assert await told(tasks.add(life.deps, id_, ana, "x", "U0GUS")) == (
        "<@U0GUS> is not a full member of this workspace and gets no tasks."
    )
    assert await told(tasks.assign(life.deps, id_, ana, 1, "U0BEN")) == "Task 1 is with <@U0BEN> already."
    assert await told(tasks.reopen(life.deps, id_, ana, 1)) == "Task 1 is open."
    assert await told(tasks.done(life.deps, id_, ana, 9)) == "INC-1 has no task 9. /incident tasks lists them."
    assert "work on tasks" in await told(tasks.done(life.deps, id_, await life.person("gus"), 1))
    await tasks.done(life.deps, id_, ana, 1)
    assert await told(tasks.assign(life.deps, id_, ana, 1, "U0ANA")) == "Task 1 is done, by <@U0ANA>."


async def test_postmortem_tells_what_was_done_and_makes_action_items_of_the_rest(life, incident):
    ana, ben = await life.person("ana"), await life.person("ben")
    before = await record.read(life.deps, incident.id)
    await tasks.add(life.deps, incident.id, ana, "Restart the pods")
    await tasks.done(life.deps, incident.id, ben, 1)
    await tasks.add(life.deps, incident.id, ana, "Raise the limit", "U0BEN")
    await tasks.add(life.deps, incident.id, ana, "Write it down")

    found = await record.read(life.deps, incident.id)

    [section] = reviewed.sections(found)
    at = life.clock()
    assert reviewed.sections(before) == ()
    assert [line.text for line in section.lines] == [
        f"1. Restart the pods: done by Ben at {at:%H:%M:%S} UTC.",
        "2. Raise the limit: open, with Ben.",
        "3. Write it down: open, with nobody.",
    ]
    assert all(line.sources for line in section.lines)
    items = {item.text: item.owner for item in follow_ups.action_items(found)}
    assert (items["Raise the limit"], items["Write it down"]) == ("Ben", "shop")
    sentences = [words.sentence(found, row) for row in found.rows(*reviewed.KINDS)]
    assert sentences == [
        "The primary on call added task 1.",
        "Responder 1 finished task 1.",
        "The primary on call added task 2 for Ben.",
        "The primary on call added task 3.",
    ]
    [first] = [row for row in found.rows(LogKind.TASK_ADDED) if row.payload["task"] == 1]
    assert words.quoted(found, first) == "Restart the pods"


async def test_open_tasks_of_a_person_are_those_of_running_incidents(life, incident):
    ana = await life.person("ana")
    await tasks.add(life.deps, incident.id, ana, "Restart the pods", "U0BEN")
    await tasks.add(life.deps, incident.id, ana, "Call", "U0BEN")
    await tasks.done(life.deps, incident.id, ana, 2)

    async with life.deps.db.read() as db:
        found = await rows.open_of(db, "w", "U0BEN")

    assert [(task.incident_id, task.number) for task in found] == [(incident.id, 1)]
    with pytest.raises(DecisionRefused):
        await tasks.done(life.deps, incident.id, ana, 2)
