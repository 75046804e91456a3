"""What the menu of the card offers, and the commands beside it."""

import pytest
import slack_samples as given_a
from slack_samples import said

from incident_copilot.pipeline import note, tasks
from incident_copilot.sandbox.conformance import check_view
from incident_copilot.slack.listeners.answering import GONE
from incident_copilot.slack.listeners.wording import Wish, understand
from incident_copilot.slack.views import render
from incident_copilot.slack.views.modals import bring_in as views
from incident_copilot.slack.views.modals.parts import chosen


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("snooze 30m INC-3", Wish("snooze", ("30m",), number=3)),
        ("invite <@U0BEN|ben> <@U0CARA|cara>", Wish("invite", ("<@U0BEN|ben>", "<@U0CARA|cara>"), person="U0BEN")),
        ("page INC-3 shop db gone", Wish("page", ("shop", "db", "gone"), number=3)),
        ("link INC-41", Wish("link", other=41)),
    ],
)
def test_words_are_understood(text, wish):
    assert understand(text) == wish


def test_forms_are_conformant_with_teams_and_without():
    for view in (views.bring_in(given_a.incident(), ["shop"]), views.bring_in(given_a.incident(), [])):
        check_view(view, "modal")
    check_view(views.note(given_a.incident()), "modal")
    state = {"values": {"who": {"value": {"type": "multi_users_select", "selected_users": ["U0BEN"]}}}}

    assert chosen({"state": state}, "who") == ["U0BEN"]


def test_card_names_related_incidents():
    shown = render(given_a.card(incident=given_a.incident(related=("INC-7", "INC-9"))))

    assert "Related: INC-7, INC-9" in said(shown.blocks)


async def typed(copilot, text, who="ana"):
    """What one person is told right away."""
    person = copilot.sandbox.person(who)
    before = len(person.ephemerals("#general"))
    await person.command("/incident", text, channel="#general")
    return [message.text for message in person.ephemerals("#general")[before:]]


async def test_people_are_brought_in_and_incidents_linked_by_command(copilot):
    await copilot.open()
    await copilot.open(id="e" * 32, correlation_key="other", channel_id="C0OTHER00")

    told = [
        await typed(copilot, "invite <@U0BEN|ben> <@U0CARA|cara>"),
        await typed(copilot, "page <@U0BEN|ben> the database is gone"),
        await typed(copilot, "page nowhere tell <@U0BEN|ben>"),
        await typed(copilot, "link INC-2"),
        await typed(copilot, "link <https://grafana.example/d/1> dashboard"),
        await typed(copilot, "link <https://grafana.example/d/2|grafana.example/d/2>"),
        await typed(copilot, "link"),
        await typed(copilot, "snooze"),
        await typed(copilot, "snooze 2h", who="vic"),
        await typed(copilot, "invite"),
        await typed(copilot, "page"),
    ]

    assert told == [
        ["<@U0BEN>, <@U0CARA>: invited to INC-1."],
        ["<@U0BEN> is called to INC-1."],
        ["Name a person or a team."],
        ["INC-1 and INC-2 name each other now."],
        ["dashboard is on the card of INC-1."],
        ["Link is on the card of INC-1."],
        ["With what? As in `/incident link INC-41`, or `/incident link https://… dashboard`."],
        ["No reminders of INC-1 for 30 min."],
        ["To snooze reminders you need the role responder; ask an admin to add it in catalog.yaml."],
        [],
        [],
    ]
    assert (await copilot.now_is()).links["dashboard"] == "https://grafana.example/d/1"


async def test_menu_of_the_card_opens_each_form_and_snoozes(copilot, sandbox):
    opened = await copilot.open()
    ana = sandbox.person("ana")
    card = await copilot.show_card(opened)
    answers = {
        "roles": {"who": "U0BEN"},
        "task": {"text": "Tell support"},
        "note": {"text": "Failed over"},
        "bring_in": {"who": ["U0CARA"], "why": "comms"},
    }

    acks = []
    for what, filled in answers.items():
        await ana.click(card, "more", f"{what}:{opened.id}")
        await sandbox.until(lambda: ana.views)
        nothing = await ana.submit(ana.views[-1], {}) if what == "bring_in" else None
        acks.append(await ana.submit(ana.views[-1], filled))
    await ana.click(card, "more", f"snooze:{opened.id}")

    assert [ack.ok for ack in acks] == [True] * 4
    assert nothing.errors == {"who": "Name 1 to 20 people, as in /incident invite @ben @cara."}
    now = await copilot.now_is()
    assert now.commander == "U0BEN"
    assert now.snoozed_until is not None
    assert [task.text for task in (await tasks.listed(copilot.deps, now)).tasks] == ["Tell support"]
    assert [entry.text for entry in await note.put_there(copilot.deps, now.id)] == ["Failed over"]


async def test_menu_of_what_is_gone_says_so(copilot, sandbox):
    opened = await copilot.open()
    ana = sandbox.person("ana")
    card = await copilot.show_card(opened)
    [menu] = [one for block in card.blocks for one in block.get("elements", []) if one.get("type") == "overflow"]
    menu["options"][0]["value"] = "roles:odd"

    await ana.click(card, "more", "roles:odd")

    assert await copilot.hears("ana") == [GONE]
