"""Tasks in Slack: typed, filled in and clicked, by whoever may."""

import pytest
import slack_samples as given_a
from slack_samples import INCIDENT_ID, NASTY, NOON, buttons, said

from incident_copilot.domain.content import TaskList
from incident_copilot.domain.task import Task
from incident_copilot.pipeline import tasks
from incident_copilot.sandbox.conformance import check_blocks, check_view
from incident_copilot.slack.listeners.answering import GONE
from incident_copilot.slack.views import render, task_list


def task(number=1, text="Restart the pods", **fields):
    values = {"workspace_id": "w", "incident_id": INCIDENT_ID, "number": number, "text": text, "added_by": "U0ANA"}
    return Task.model_validate(values | {"added_at": NOON} | fields)


@pytest.mark.parametrize("nasty", ["Restart the pods", *NASTY])
def test_list_is_conformant_and_says_what_is_left_out(nasty):
    still = [task(number, nasty) for number in range(1, 18)]
    done = [task(20, nasty, done_by="U0BEN", done_at=NOON), task(21, nasty, done_at=NOON)]
    shown = render(TaskList(incident=given_a.incident(), tasks=(*still, *done)))

    check_blocks(shown.blocks, "message")
    assert shown.text == "INC-42: 17 of 19 tasks open"
    assert "and 2 more: /incident tasks" in said(shown.blocks)


def test_task_that_somebody_has_is_not_taken_by_a_click():
    shown = render(TaskList(incident=given_a.incident(), tasks=(task(assignee="U0BEN"),)))
    check_view(task_list.form(given_a.incident()), "modal")

    assert buttons(shown.blocks) == {"task_done": "Done", "task_new": "New task"}
    assert "with <@U0BEN>" in said(shown.blocks)


def test_card_counts_tasks():
    assert "Tasks: 2 open, 1 done" in said(render(given_a.card(tasks_open=2, tasks_done=1)).blocks)


async def typed(copilot, text, who="ana"):
    """What one person is told right away."""
    person = copilot.sandbox.person(who)
    before = len(person.ephemerals("#general"))
    await person.command("/incident", text, channel="#general")
    return [message.text for message in person.ephemerals("#general")[before:]]


async def test_people_add_take_and_finish_tasks(copilot, sandbox):
    opened = await copilot.open()
    ana, gus = sandbox.person("ana"), sandbox.person("gus")
    await ana.invite("#general", "gus")

    told = [
        await typed(copilot, "task restart the pods <@U0BEN|ben>"),
        await typed(copilot, "task <@U0BEN|ben> call the provider"),
        await typed(copilot, "task 5 pods"),
        await typed(copilot, "todo INC-1 raise the limit"),
        await typed(copilot, "task 3 me"),
        await typed(copilot, "task 4 <@U0BEN|ben>"),
        await typed(copilot, "task done 1", who="ben"),
        await typed(copilot, "task 1 undo"),
        await typed(copilot, "task 2 take"),
        await typed(copilot, "task 3 done", who="gus"),
        await typed(copilot, "tasks"),
    ]

    assert told == [
        ["Task 1 of INC-1 for <@U0BEN>: restart the pods"],
        ["Task 2 of INC-1 for <@U0BEN>: call the provider"],
        ["Task 3 of INC-1: 5 pods"],
        ["Task 4 of INC-1: raise the limit"],
        ["Task 3 of INC-1 is with <@U0ANA>."],
        ["Task 4 of INC-1 is with <@U0BEN>."],
        ["Task 1 of INC-1 is done."],
        ["Task 1 of INC-1 is open again."],
        ["Task 2 of INC-1 is with <@U0ANA>."],
        ["Guests and people from outside this workspace cannot use /incident."],
        ["INC-1: 4 of 4 tasks open"],
    ]
    listed = ana.ephemerals("#general")[-1]
    await ana.click(listed, "task_done", f"{opened.id}:3")
    message = await copilot.show(await tasks.listed(copilot.deps, opened), slot="tasks")
    await gus.click(message, "task_done", f"{opened.id}:1")
    await ana.click(message, "task_new", opened.id)
    await sandbox.until(lambda: ana.views)
    ack = await ana.submit(ana.views[-1], {"text": "Tell support"})
    last = (await tasks.listed(copilot.deps, opened)).tasks
    free = await copilot.show(TaskList(incident=opened, tasks=last[-1:]), slot="tasks")
    await sandbox.person("cara").click(free, "task_take", f"{opened.id}:5")

    assert ack.ok
    assert [(one.number, one.assignee, one.done_by) for one in (await tasks.listed(copilot.deps, opened)).tasks] == [
        (1, "U0BEN", None),
        (2, "U0ANA", None),
        (3, "U0ANA", "U0ANA"),
        (4, "U0BEN", None),
        (5, "U0CARA", None),
    ]


async def test_task_without_words_is_asked_for_and_an_odd_click_does_nothing(copilot, sandbox):
    opened = await copilot.open()
    ana = sandbox.person("ana")
    await ana.command("/incident", "task")
    await sandbox.until(lambda: ana.views)
    message = await copilot.show(TaskList(incident=opened, tasks=(task(),)))
    for element in (element for block in message.blocks for element in block.get("elements", [])):
        if "value" in element:
            element["value"] = "odd"

    await ana.click(message, "task_done", "odd")
    await ana.click(message, "task_new", "odd")
    await sandbox.until(lambda: len(ana.ephemerals("#general")) == 2)

    assert ana.views[-1].callback_id == "task"
    assert await copilot.hears("ana") == [GONE, GONE]
