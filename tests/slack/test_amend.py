"""Drafts that are out of date and updates that are out: what their messages offer, and what a click does."""

import pytest
import slack_samples as given_a
from slack_samples import buttons, said

from incident_copilot.domain.content import Button, Notice, Press, ProposalView
from incident_copilot.domain.proposal import Audience, ProposalState
from incident_copilot.domain.update import CHAT, Publication, PublicState
from incident_copilot.sandbox.conformance import check_message, check_view
from incident_copilot.slack.listeners import answering
from incident_copilot.slack.views import render
from incident_copilot.slack.views.modals import forms
from incident_copilot.store import proposals, publications

MARKED = [{"text": "A bug in v2 did it.", "reason": "v2 is in no evidence it cites"}]


def rendered(put, **fields):
    shown = render(given_a.proposal_view(put, **fields))
    check_message(text=shown.text, blocks=shown.blocks, attachments=None, markdown_text="")
    return shown


def test_draft_that_is_out_of_date_says_why_and_offers_to_be_drafted_anew():
    shown = rendered(given_a.update(evidence_ids=()), changed=("the severity is P0 critical, it was P1 high",))

    assert "Changed since it was drafted: the severity is P0 critical, it was P1 high" in said(shown.blocks)
    assert buttons(shown.blocks) == {"redraft": "Redraft", "edit": "Edit", "reject": "Reject"}


@pytest.mark.parametrize(
    ("audience", "offered"),
    [
        ("customers", {"edit": "Edit", "reject": "Reject"}),
        ("internal", {"approve": "Approve", "edit": "Edit", "reject": "Reject"}),
    ],
)
def test_what_no_evidence_supports_is_marked_and_keeps_it_from_people_outside(audience, offered):
    shown = {"audience": audience, "text": "A bug in v2 did it.", "marked": MARKED}
    put = given_a.update(shown=shown | {"worded_by": "small"}, evidence_ids=())

    shown = rendered(put)

    marked = "Not supported by evidence: \u201cA bug in v2 did it.\u201d (v2 is in no evidence it cites)"
    assert marked in said(shown.blocks)
    assert "Worded by a model (small) from the facts; edit it as you like." in said(shown.blocks)
    assert buttons(shown.blocks) == offered


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({"state": ProposalState.CARRIED_OUT}, {"correct_update": "Correct", "retract": "Retract"}),
        ({"state": ProposalState.CARRIED_OUT, "retracted_at": given_a.NOON}, {}),
        ({"state": ProposalState.SUPERSEDED}, {}),
    ],
)
def test_update_that_is_out_can_be_corrected_and_retracted(fields, offered):
    assert buttons(rendered(given_a.update(**fields)).blocks) == offered


def test_form_of_a_correction_has_the_words_that_are_out():
    view = forms.correct_update(given_a.update())

    check_view(view, "modal")
    assert view["blocks"][0]["element"]["initial_value"].startswith("Some payments fail.")


@pytest.fixture
async def published(copilot):
    """An update that is out in the chat, with its message."""
    opened = await copilot.open()
    put = await copilot.propose(**given_a.update(state=ProposalState.CARRIED_OUT, outcome="Published.").model_dump())
    out = Publication(
        proposal_id=put.id,
        channel=CHAT,
        incident_id=opened.id,
        audience=Audience.CUSTOMERS,
        text="Some payments fail.",
        state=PublicState.INVESTIGATING,
        at=given_a.NOON,
        ref={"channel": "C1", "ts": "1.0"},
    )
    async with copilot.deps.db.transaction() as tx:
        await publications.save(tx, "w", out)
    return put, await copilot.show_proposal(opened, put)


async def test_published_update_is_corrected_by_a_form_and_retracted_by_a_click(sandbox, copilot, published):
    put, message = published
    cara = sandbox.person("cara")
    await cara.click(message, "correct_update")
    await sandbox.until(lambda: cara.views)
    form = cara.views[-1]
    wrong = await cara.submit(form, {"text": put.shown["text"]})
    right = await cara.submit(form, {"text": "Few payments fail."})
    await cara.click(message, "retract")

    assert wrong.errors == {"text": "Write the words that are to be there instead."}
    assert right.ok
    assert await copilot.hears("cara") == ["Retracted. A line says so wherever it was published."]
    assert (await copilot.stored(put.id)).retracted_at is not None
    async with copilot.deps.db.read() as db:
        texts = [one.shown["text"] for one in await proposals.of_incident(db, put.incident_id)]
    assert texts == [put.shown["text"], "Few payments fail."]


async def test_draft_is_drafted_anew_by_a_click(sandbox, copilot):
    opened = await copilot.open()
    await copilot.find()
    put = await copilot.propose(**given_a.update().model_dump())
    old = ProposalView(incident=opened, proposal=put, changed=("all its alerts have resolved",))

    await sandbox.person("ana").click(await copilot.show(old, slot=f"proposal:{put.id}"), "redraft")

    assert await copilot.hears("ana") == ["A new draft is in the channel."]
    assert (await copilot.stored(put.id)).state is ProposalState.SUPERSEDED


async def test_correction_of_what_is_gone_says_so(sandbox, copilot):
    gone = ProposalView(incident=await copilot.open(), proposal=given_a.update(state=ProposalState.CARRIED_OUT))

    await sandbox.person("cara").click(await copilot.show(gone), "correct_update")

    assert await copilot.hears("cara") == [answering.GONE]


async def test_reminder_drafts_the_update_that_is_due(sandbox, copilot):
    opened = await copilot.open()
    await copilot.find()
    right = Button(press=Press.DRAFT, label="Draft it", value=f"{opened.id}:customers")
    wrong = Button(press=Press.DRAFT, label="Draft it", value=f"{opened.id}:nobody")
    ana = sandbox.person("ana")

    await ana.click(await copilot.show(Notice(text="The next update is due.", buttons=(right,))), "draft")
    await ana.click(await copilot.show(Notice(text="The next update is due.", buttons=(wrong,))), "draft")

    await sandbox.until(lambda: len(ana.ephemerals("#general")) == 2)
    assert await copilot.hears("ana") == ["The draft is in the channel of INC-1.", answering.GONE]


async def test_somebody_is_still_on_it_by_a_click(sandbox, copilot):
    opened = await copilot.open()
    button = Button(press=Press.STILL_ON_IT, label="Still on it", value=opened.id)

    await sandbox.person("ana").click(await copilot.show(Notice(text="Is it over?", buttons=(button,))), "still_on_it")

    assert await copilot.hears("ana") == ["Noted. INC-1 stays open."]


async def test_direct_message_to_a_person_is_opened_once(sandbox, copilot):
    ben = sandbox.person("ben").user.id

    first, again = await copilot.workspace.channel_id(ben), await copilot.workspace.channel_id(ben)

    assert first == again
    assert first.startswith("D")
