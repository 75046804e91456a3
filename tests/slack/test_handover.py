"""Handing a shift over in Slack, and snoozing the reminder one has just got."""

import pytest
import slack_samples as given_a
from slack_samples import NASTY, NOON, buttons, said

from incident_copilot.domain.content import Button, HandedOver, Handover, Notice, Press
from incident_copilot.domain.task import Task
from incident_copilot.sandbox.conformance import check_blocks, check_view
from incident_copilot.slack.listeners.wording import Wish, understand
from incident_copilot.slack.views import render
from incident_copilot.slack.views.handover import form
from incident_copilot.store import effects


def task(number, **fields):
    values = {"workspace_id": "w", "incident_id": given_a.INCIDENT_ID, "number": number, "text": "Restart the pods"}
    return Task.model_validate(values | {"added_by": "U0ANA", "added_at": NOON} | fields)


def test_person_is_named_and_the_other_words_are_a_note():
    wish = understand("handover <@U0BEN|ben> watch INC-4 closely")

    assert wish == Wish("handover", ("<@U0BEN|ben>", "watch", "INC-4", "closely"), person="U0BEN")


@pytest.mark.parametrize("nasty", ["Watch the pool", *NASTY])
def test_summary_is_conformant_and_says_what_is_left_out(nasty):
    tasks = tuple(task(number, text=nasty, assignee="U0BEN" if number % 2 else None) for number in range(1, 8))
    one = HandedOver(incident=given_a.incident(), duties=("commander",), tasks=tasks, waiting=(nasty,))
    elsewhere = HandedOver(incident=given_a.incident(number=43, channel_id=None))
    shown = render(Handover(by="U0ANA", note=nasty, incidents=(one, *[elsewhere] * 14), more=3))

    check_blocks(shown.blocks, "message")
    assert shown.text == "A shift was handed over to you. 1 of 18 running incidents is yours now."
    assert "You are now: commander" in said(shown.blocks)
    assert "and 2 more" in said(shown.blocks)
    assert "and 3 more: /incident list" in said(shown.blocks)


def test_quiet_shift_says_so_and_the_form_needs_a_person_alone():
    check_view(form(), "modal")
    shown = render(Handover(by="U0ANA"))
    two = HandedOver(incident=given_a.incident(), duties=("scribe",))

    assert shown.text == "A shift was handed over to you. Nothing is running."
    assert "2 of 2 running incidents are yours now" in render(Handover(by="U0ANA", incidents=(two, two))).text


async def test_shift_is_handed_over_by_command_and_by_form(copilot, sandbox):
    await copilot.open(commander="U0ANA")
    ana, ben, gus = (sandbox.person(name) for name in ("ana", "ben", "gus"))
    await ana.invite("#general", "gus")

    await ana.command("/incident", "handover <@U0BEN|ben> watch the pool")
    first = await copilot.now_is()
    await ben.command("/incident", "handover")
    await sandbox.until(lambda: ben.views)
    refused = await ben.submit(ben.views[-1], {"who": "U0BEN"})
    ack = await ben.submit(ben.views[-1], {"who": "U0CARA", "note": "All calm"})
    await gus.command("/incident", "handover <@U0BEN|ben>")

    assert await copilot.hears("ana") == [
        "Handed over to <@U0BEN>: 1 incident, 0 open tasks. They have the summary as a direct message."
    ]
    assert refused.errors == {"who": "Hand over to somebody else, as in /incident handover @ben."}
    assert ack.ok
    assert (first.commander, (await copilot.now_is()).commander) == ("U0BEN", "U0CARA")
    assert (await copilot.hears("gus"))[0].startswith("Guests and people from outside")
    async with copilot.deps.db.read() as db:
        sent = await effects.latest(db, "w", None, "handover")
    assert (sent.deed.to, sent.deed.content.note) == ("U0CARA", "All calm")


async def test_reminder_is_snoozed_by_its_button(copilot, sandbox):
    opened = await copilot.open()
    button = Button(press=Press.SNOOZE, label="Snooze 30 min", value=opened.id)
    message = await copilot.show(Notice(text="The next update is due", buttons=(button,)))

    await sandbox.person("ana").click(message, "snooze")

    assert buttons(message.blocks) == {"snooze": "Snooze 30 min"}
    assert await copilot.hears("ana") == ["No reminders of INC-1 for 30 min."]
    assert (await copilot.now_is()).snoozed_until is not None
