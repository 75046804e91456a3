"""Publishing and tickets in Slack: typed and clicked, and what is shown of where things are."""

import pytest
import slack_samples as given_a
from slack_samples import NASTY, buttons, said

from incident_copilot.domain.content import Button, Kept, KeptAt, Press
from incident_copilot.sandbox.conformance import check_blocks
from incident_copilot.slack.views import render

AGAIN = Button(press=Press.PUBLISH, label="Publish again", value=given_a.INCIDENT_ID)


@pytest.mark.parametrize("nasty", ["folder /srv", *NASTY])
def test_places_are_told_with_links_problems_and_what_is_left_out(nasty):
    places = (
        KeptAt(name=nasty, link="https://github.com/acme/postmortems/pull/7", is_there=True),
        KeptAt(name=nasty, is_there=True),
        KeptAt(name=nasty),
        *[KeptAt(name=nasty, problem=nasty)] * 9,
    )

    shown = render(Kept(what="Postmortem of INC-42", places=places, again=AGAIN))

    check_blocks(shown.blocks, "message")
    assert shown.text == "Postmortem of INC-42: 2 of 12 there"
    assert buttons(shown.blocks) == {"publish": "Publish again"}
    assert "and 2 more" in said(shown.blocks)


async def test_people_ask_by_command_and_click_and_are_told_what_is_missing(copilot, sandbox):
    incident = await copilot.open()
    ana = sandbox.person("ana")
    for text in ("publish", "publish repo", "tickets", "issues jira"):
        await ana.command("/incident", text, channel="#general")
    tickets = Button(press=Press.TICKETS, label="Open missing tickets", value=incident.id)
    for again in (AGAIN.model_copy(update={"value": incident.id}), tickets):
        await ana.click(await copilot.show(Kept(what="Postmortem of INC-1", again=again)), again.press.value)

    nowhere = "Nothing keeps postmortems: name a place under postmortem_targets in copilot.yaml."
    no_tracker = "Nothing keeps tickets: name a place under trackers in copilot.yaml."
    await sandbox.until(lambda: len(ana.ephemerals("#general")) == 6)
    assert await copilot.hears("ana") == [nowhere, nowhere, no_tracker, no_tracker, nowhere, no_tracker]
