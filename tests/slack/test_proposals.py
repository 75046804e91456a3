"""Proposals decided by command and from App Home: what was shown is what is decided, and nothing else."""

import pytest
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_samples import buttons, said

from incident_copilot.domain.proposal import ProposalKind, ProposalState, Risk
from incident_copilot.slack.listeners import answering

OTHER_ID = "0" * 31 + "3"
THIRD_ID = "0" * 31 + "4"


async def answered(copilot, text, who="ana"):
    """The newest thing that one person alone is shown."""
    person = copilot.sandbox.person(who)
    assert (await person.command("/incident", text, channel="#general")).ok
    return person.ephemerals("#general")[-1]


async def check(copilot, proposal_id=OTHER_ID):
    return await copilot.propose(
        id=proposal_id, kind=ProposalKind.CHECK, key=proposal_id, title="Look at the pool", risk=Risk.LOW, shown={}
    )


async def test_proposal_is_shown_and_approved_by_command(sandbox, copilot):
    await copilot.open()
    put = await copilot.propose()
    await check(copilot)

    listed = await answered(copilot, "proposals")
    shown = await answered(copilot, "approve 1")
    whole, offered = said(shown.blocks), shown.blocks[-1]["elements"][0]["value"]
    await sandbox.person("ana").click(shown, "approve")

    assert listed.text == "2 proposals wait for a decision"
    assert "INC-1 #1 Action: Roll back payments to v2.30.4 (medium risk, for approvers and commanders" in said(
        listed.blocks
    )
    assert "POST /repos/acme/payments" in whole
    assert offered == f"{put.id}:1:{put.hash[:16]}"
    assert (await copilot.stored(put.id)).state is ProposalState.APPROVED
    now_shown = await sandbox.until(lambda: shown if "Approved by" in said(shown.blocks) else None)
    assert said(now_shown.blocks).startswith("Approved.")
    assert buttons(now_shown.blocks) == {}


async def test_what_was_edited_since_it_was_shown_is_not_decided(sandbox, copilot):
    await copilot.open()
    put = await copilot.propose(
        kind=ProposalKind.UPDATE, risk=Risk.LOW, shown={"audience": "internal", "text": "We look."}
    )
    shown = await answered(copilot, "approve")
    ben = sandbox.person("ben")
    await ben.click(await answered(copilot, "approve 1", "ben"), "edit")
    [form] = await sandbox.until(lambda: ben.views)
    await ben.submit(form, {"text": "We have looked."})

    await sandbox.person("ana").click(shown, "approve")

    assert (await copilot.stored(put.id)).state is ProposalState.OPEN
    told = await sandbox.until(lambda: shown if "edited since" in said(shown.blocks) else None)
    assert "We have looked." in said(told.blocks)


async def test_button_of_one_does_not_count_in_a_message_of_all(sandbox, copilot):
    opened = await copilot.open()
    put = await copilot.propose()
    message = await copilot.show_proposal(opened, put)
    message.blocks[-1]["elements"][0]["value"] += f":{put.hash[:16]}"

    await sandbox.person("ana").click(message, "approve")

    assert await copilot.hears("ana") == ["Approved."]  # by the message, which shows it


async def test_proposal_is_rejected_by_command_with_the_reason(copilot):
    await copilot.open()
    put = await copilot.propose()
    step = await check(copilot)

    first = await answered(copilot, "reject 1 wrong cause & risky")
    second = await answered(copilot, "reject INC-1")
    third = await answered(copilot, "reject 2")

    assert first.text == f"{put.title}: Noted; it is in the log and stays with the incident."
    assert (await copilot.stored(put.id)).reason == "wrong cause & risky"
    assert second.text == "Look at the pool: Noted: not this. It is listed as ruled out."
    assert (await copilot.stored(step.id)).state is ProposalState.REJECTED
    assert "was rejected by <@U0ANA>" in third.text


@pytest.mark.parametrize(
    ("text", "said_of_it"),
    [
        ("proposals", "Nothing waits for a decision."),
        ("proposals INC-7", "There is no INC-7."),
        ("approve", "Nothing waits for a decision in INC-1."),
        ("approve 7", "INC-1 has no proposal 7. `/incident proposals` lists them."),
    ],
)
async def test_what_is_not_there_is_said(copilot, text, said_of_it):
    await copilot.open()

    assert (await answered(copilot, text)).text == said_of_it


async def test_which_one_is_asked_where_several_wait(copilot):
    await copilot.open()
    await copilot.propose()
    await check(copilot)

    assert (await answered(copilot, "approve")).text == ("Which one? INC-1 has 1, 2; /incident proposals shows them.")
    assert (await answered(copilot, "proposals INC-1")).text == "2 proposals wait for a decision"


async def test_proposal_is_decided_from_app_home(sandbox, copilot):
    await copilot.open()
    put = await copilot.propose()
    ana = sandbox.person("ana")
    await ana.open_home()
    home = await sandbox.until(lambda: ana.home)

    await ana.click(home, "open_proposal")
    [modal] = await sandbox.until(lambda: ana.views)
    assert "v2.30.4 is live in about a minute" in said(modal.blocks)
    await ana.click(modal, "approve")

    assert (await copilot.stored(put.id)).state is ProposalState.APPROVED
    await sandbox.until(lambda: "Approved by" in said(modal.blocks))
    assert modal.title == "INC-1: decided"


async def test_expired_proposal_offers_to_be_drafted_anew(sandbox, copilot):
    opened = await copilot.open()
    put = await copilot.propose(state=ProposalState.EXPIRED, kind=ProposalKind.CHECK, outcome="nobody decided in time")
    shown = await copilot.show_proposal(opened, put)
    assert buttons(shown.blocks) == {"anew": "Draft anew"}

    await sandbox.person("ana").click(shown, "anew")

    assert await copilot.hears("ana") == ["It is in the channel again, as things stand now."]


async def test_proposal_that_is_gone_is_said_to_be(sandbox, copilot):
    await copilot.open()
    await copilot.propose()
    listed = await answered(copilot, "proposals")
    listed.blocks[1]["accessory"]["value"] = THIRD_ID

    await sandbox.person("ana").click(listed, "open_proposal")

    await sandbox.until(lambda: sandbox.person("ana").ephemerals("#general")[-1].text == answering.GONE)
    assert sandbox.person("ana").views == []


async def test_click_on_what_is_gone_meanwhile_is_said_to_be_late(sandbox, copilot):
    await copilot.open()
    put = await copilot.propose()
    shown = await answered(copilot, "approve 1")
    shown.blocks[-1]["elements"][0]["value"] = f"{THIRD_ID}:1:{put.hash[:16]}"

    await sandbox.person("ana").click(shown, "approve")

    await sandbox.until(lambda: sandbox.person("ana").ephemerals("#general")[-1].text == answering.GONE)


async def test_outcome_that_cannot_be_shown_in_place_is_let_go(caplog, unused_tcp_port):
    caplog.set_level("INFO")

    await answering.replace(AsyncRespond(response_url=f"http://127.0.0.1:{unused_tcp_port}/gone"), "Approved.", [])

    assert "an ephemeral answer was not replaced" in caplog.text
