"""Buttons and forms, clicked by people with different rights through the sandbox."""

import pytest
import slack_samples as given_a
import sqlalchemy as sa
from slack_samples import buttons, said

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.content import BriefView, Button, Digest, DigestEntry, Notice, Press
from incident_copilot.domain.incident import Ending, Severity, Status
from incident_copilot.domain.proposal import ProposalKind, ProposalState, Risk
from incident_copilot.sandbox import Fault
from incident_copilot.slack.listeners import answering
from incident_copilot.store import alerts, messages

# --- acknowledge, reopen, promote, postmortem ---


async def test_acknowledging_is_one_click_and_counts_once(sandbox, copilot):
    card = await copilot.show_card(await copilot.open())
    ana, ben = sandbox.person("ana"), sandbox.person("ben")

    first = await ana.click(card, "acknowledge")
    second = await ben.click(card, "acknowledge")

    assert first.ok
    assert second.ok
    assert (await copilot.now_is()).acknowledged_by == "U0ANA"
    assert await copilot.hears("ana") == ["You have INC-1."]
    assert await copilot.hears("ben") == ["<@U0ANA> has acknowledged INC-1 already."]


async def test_guest_is_refused_with_a_reason(sandbox, copilot):
    opened = await copilot.open()
    await sandbox.person("ana").invite("#general", "gus")
    card = await copilot.show_card(opened)

    await sandbox.person("gus").click(card, "acknowledge")

    assert await copilot.hears("gus") == ["Guests and people from outside this workspace cannot acknowledge incidents."]
    assert (await copilot.now_is()).status is Status.OPEN


async def test_ended_incident_is_reopened(sandbox, copilot):
    ended = await copilot.open(status=Status.RESOLVED, ending=Ending.RESOLVED, ended_at=given_a.NOON)
    card = await copilot.show_card(ended)

    await sandbox.person("ana").click(card, "reopen")

    assert await copilot.hears("ana") == ["INC-1 is open again."]
    assert (await copilot.now_is()).is_running


async def test_small_alert_is_promoted_from_the_digest(sandbox, copilot):
    alert = Alert(
        source="alertmanager", fingerprint="f1", name="DiskFull", status=AlertStatus.FIRING, starts_at=given_a.NOON
    )
    async with copilot.deps.db.transaction() as tx:
        await alerts.record(tx, "w", alert, given_a.NOON)
    entry = DigestEntry(fingerprint="f1", name="DiskFull", service=None, summary="", count=1, since=given_a.NOON)
    gone = entry.model_copy(update={"fingerprint": "f2"})
    digest = await copilot.show(Digest(entries=(entry, gone), hour=given_a.NOON))

    await sandbox.person("ana").click(digest, "promote", "f1")
    await sandbox.person("ana").click(digest, "promote", "f2")

    await sandbox.until(lambda: len(sandbox.person("ana").ephemerals("#general")) == 2)
    assert await copilot.hears("ana") == ["INC-1 is open for DiskFull.", answering.GONE]


async def test_postmortem_is_asked_for_by_a_click(sandbox, copilot):
    opened = await copilot.open()
    notice = Notice(text="x", buttons=(Button(press=Press.POSTMORTEM, label="Write", value=opened.id),))

    ack = await sandbox.person("ana").click(await copilot.show(notice), "postmortem")

    assert ack.ok
    assert await copilot.hears("ana")


# --- decide ---


async def test_check_is_marked_as_done_by_a_click(sandbox, copilot):
    opened = await copilot.open()
    put = await copilot.propose(kind=ProposalKind.CHECK, risk=Risk.LOW, shown={"step": "Look"})
    shown = await copilot.show_proposal(opened, put)

    ack = await sandbox.person("ana").click(shown, "done")

    assert ack.ok
    assert (await copilot.stored(put.id)).state is ProposalState.DONE
    assert await copilot.hears("ana") == ["Noted as done."]


async def test_viewer_may_not_approve(sandbox, copilot):
    opened, put = await copilot.open(), await copilot.propose()
    shown = await copilot.show_proposal(opened, put)

    ack = await sandbox.person("vic").click(shown, "approve")

    assert ack.ok
    assert (await copilot.stored(put.id)).state is ProposalState.OPEN
    assert await copilot.hears("vic") == [
        "To approve or reject actions you need the role approver; ask an admin to add it in catalog.yaml."
    ]


async def test_rejecting_is_one_click_and_the_reason_comes_afterwards(sandbox, copilot):
    opened, put = await copilot.open(), await copilot.propose()
    ana = sandbox.person("ana")
    await ana.click(await copilot.show_proposal(opened, put), "reject")
    rejected = await copilot.show_proposal(opened, await copilot.stored(put.id))

    await ana.click(rejected, "reason")
    await sandbox.until(lambda: ana.views)
    empty = await ana.submit(ana.views[-1], {})
    full = await ana.submit(ana.views[-1], {"choice": "tried", "text": "twice"})

    assert empty.errors == {"text": "Choose a reason or write one."}
    assert full.ok
    assert ana.views == []
    assert (await copilot.stored(put.id)).reason == "Already tried, did not help: twice"


async def test_value_that_the_copilot_never_made_decides_nothing(sandbox, copilot):
    opened, put = await copilot.open(), await copilot.propose()
    shown = await copilot.show_proposal(opened, put)
    for element in shown.blocks[-1]["elements"]:
        element["value"] = "p-1;rollback prod"
    ana = sandbox.person("ana")

    await ana.click(shown, "approve")

    assert await copilot.hears("ana") == [answering.GONE]
    assert (await copilot.stored(put.id)).state is ProposalState.OPEN


async def test_click_while_the_database_is_away_says_that_nothing_was_recorded(sandbox, copilot, sqlite_url):
    card = await copilot.show_card(await copilot.open())
    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE jobs"))

    ack = await sandbox.person("ana").click(card, "acknowledge")

    assert ack.ok
    assert await copilot.hears("ana") == [answering.NOT_RECORDED]
    assert (await copilot.now_is()).status is Status.OPEN


# --- edit ---


async def test_update_is_edited_and_approved_in_one_form(sandbox, copilot):
    opened = await copilot.open()
    put = await copilot.propose(**given_a.update().model_dump(include={"kind", "title", "risk", "shown"}))
    shown = await copilot.show_proposal(opened, put)
    cara = sandbox.person("cara")

    await cara.click(shown, "edit")
    await sandbox.until(lambda: cara.views)
    form = cara.views[-1]
    empty = await cara.submit(form, {"text": " "})
    saved = await cara.submit(form, {"text": "Some payments failed.", "approve": ["approve"]})

    assert form.blocks[0]["element"]["initial_value"] == put.shown["text"]
    assert empty.errors == {"text": "The update has no text."}
    assert saved.ok
    decided = await copilot.stored(put.id)
    assert (decided.version, decided.state, decided.shown["text"]) == (
        2,
        ProposalState.APPROVED,
        "Some payments failed.",
    )


async def test_who_may_not_decide_may_not_edit(sandbox, copilot):
    opened = await copilot.open()
    put = await copilot.propose(**given_a.update().model_dump(include={"kind", "title", "risk", "shown"}))
    shown = await copilot.show_proposal(opened, put)
    vic = sandbox.person("vic")

    await vic.click(shown, "edit")
    await sandbox.until(lambda: vic.views)
    ack = await vic.submit(vic.views[-1], {"text": "mine"})

    assert "you need the role comms" in ack.errors["text"]
    assert (await copilot.stored(put.id)).version == 1


@pytest.mark.parametrize("button", ["edit", "reason"])
async def test_form_for_a_proposal_that_is_gone_does_not_open(sandbox, copilot, button):
    opened = await copilot.open()
    state = ProposalState.REJECTED if button == "reason" else ProposalState.OPEN
    put = given_a.update(state=state)
    shown = await copilot.show_proposal(opened, put)

    await sandbox.person("ana").click(shown, button)

    assert await copilot.hears("ana") == [answering.GONE]


# --- look closer ---


async def test_evidence_opens_from_the_brief_with_its_chart(sandbox, copilot):
    opened = await copilot.open()
    await copilot.find()
    async with copilot.deps.db.transaction() as tx:
        for slot in ("chart:ev-1",):
            await messages.record(
                tx,
                workspace_id="w",
                scope=opened.id,
                slot=slot,
                channel=opened.channel_id,
                ts="F0CHART",
                now=given_a.NOON,
            )
    shown = await copilot.show(given_a.brief_view(incident=opened))
    ana = sandbox.person("ana")

    await ana.click(shown, "evidence:1")
    await sandbox.until(lambda: ana.views)

    view = ana.views[-1]
    assert "error rate 1\n20 % against 5 %\nValues: now 20 %" in said(view.blocks)


async def test_causes_open_from_the_brief_and_their_evidence_above_them(sandbox, copilot):
    opened = await copilot.open()
    await copilot.find()
    shown = await copilot.show(given_a.brief_view(incident=opened))
    ana = sandbox.person("ana")

    await ana.click(shown, "alternatives")
    await sandbox.until(lambda: ana.views)
    await ana.click(ana.views[-1], "evidence:1")
    await sandbox.until(lambda: len(ana.views) == 2)

    assert "checkout v5.8.1 (ruled out)" in said(ana.views[0].blocks)
    assert "error rate 2" in said(ana.views[1].blocks)


async def test_score_sheet_opens_from_the_card(sandbox, copilot):
    card = await copilot.show_card(await copilot.open())
    ana = sandbox.person("ana")

    await ana.click(card, "score")
    await sandbox.until(lambda: ana.views)

    assert "business: unknown (weight 0.30): unknown: the catalogue names no tier" in said(ana.views[-1].blocks)


async def test_what_is_gone_is_said_to_be_gone(sandbox, copilot):
    opened = await copilot.open(score_sheet=None)
    shown = await copilot.show(BriefView(incident=opened, brief=given_a.brief(), evidence=(given_a.evidence(1),)))
    card = await copilot.show_card(given_a.incident(id="f" * 32))
    sheetless = await copilot.show_card(given_a.incident())
    ana = sandbox.person("ana")

    await ana.click(shown, "evidence")
    await ana.click(shown, "alternatives")
    await ana.click(card, "score")
    await ana.click(sheetless, "score")

    await sandbox.until(lambda: len(sandbox.person("ana").ephemerals("#general")) == 4)
    assert await copilot.hears("ana") == [answering.GONE] * 4


async def test_modal_that_does_not_open_is_admitted(sandbox, copilot):
    card = await copilot.show_card(await copilot.open())
    sandbox.faults.add("views.open", Fault("error"))

    await sandbox.person("ana").click(card, "score")

    assert await copilot.hears("ana") == [answering.NOT_OPENED]


# --- resolve ---


async def test_resolving_shows_the_check_first(sandbox, copilot):
    card = await copilot.show_card(await copilot.open())
    ana = sandbox.person("ana")

    await ana.click(card, "resolve")
    await sandbox.until(lambda: ana.views)
    form = ana.views[-1]
    ack = await ana.submit(form, {"ending": "resolved", "note": "rolled back"})

    assert "Could not look: no alert belongs to this incident" in said(form.blocks)
    assert ack.ok
    assert ana.views == []
    assert (await copilot.now_is()).ending is Ending.RESOLVED


async def firing(copilot, opened):
    alert = Alert(
        source="alertmanager", fingerprint="f1", name="HighErrorRate", status=AlertStatus.FIRING, starts_at=given_a.NOON
    )
    async with copilot.deps.db.transaction() as tx:
        await alerts.record(tx, "w", alert, given_a.NOON)
        await alerts.place(tx, "w", ["f1"], incident_id=opened.id)


async def test_resolving_over_red_asks_once_more(sandbox, copilot):
    opened = await copilot.open()
    await firing(copilot, opened)
    card = await copilot.show_card(opened)
    ana = sandbox.person("ana")

    await ana.click(card, "resolve")
    await sandbox.until(lambda: ana.views)
    form = ana.views[-1]
    refused = await ana.submit(form, {"ending": "resolved"})
    ticked = await ana.submit(form, {"ending": "resolved", "anyway": ["anyway"]})

    assert "Not restored: 1 of 1 alerts still firing: HighErrorRate" in said(form.blocks)
    assert "Not restored yet" in refused.errors["anyway"]
    assert ticked.ok
    assert (await copilot.now_is()).ending is Ending.RESOLVED


async def test_what_turned_red_meanwhile_is_shown(sandbox, copilot):
    opened = await copilot.open()
    card = await copilot.show_card(opened)
    ana = sandbox.person("ana")
    await ana.click(card, "resolve")
    await sandbox.until(lambda: ana.views)
    await firing(copilot, opened)

    ack = await ana.submit(ana.views[-1], {"ending": "resolved"})

    assert ack.ok
    assert "Not restored yet: 1 of 1 alerts still firing" in said(ana.views[-1].blocks)
    assert "anyway" in [block.get("block_id") for block in ana.views[-1].blocks]
    assert (await copilot.now_is()).is_running


async def test_resolving_what_is_gone_closes_the_form(sandbox, copilot):
    card = await copilot.show_card(given_a.incident())
    ana = sandbox.person("ana")

    await ana.click(card, "resolve")

    assert await copilot.hears("ana") == [answering.GONE]


async def test_severity_of_an_open_form(sandbox, copilot):
    await copilot.open()
    ana = sandbox.person("ana")

    await ana.command("/incident", "severity")
    await sandbox.until(lambda: ana.views)
    same = await ana.submit(ana.views[-1], {"severity": "P1"})
    raised = await ana.submit(ana.views[-1], {"severity": "P0", "reason": "all users"})

    assert same.errors == {"severity": "INC-1 is P1 already."}
    assert raised.ok
    assert (await copilot.now_is()).severity is Severity.P0


async def test_roles_are_assigned_by_a_form(sandbox, copilot):
    await copilot.open()
    ana = sandbox.person("ana")

    await ana.command("/incident", "assign")
    await sandbox.until(lambda: ana.views)
    form = ana.views[-1]
    acks = [await ana.submit(form, {"who": "U0BEN"}), await ana.command("/incident", "role scribe")]
    await sandbox.until(lambda: ana.views)
    acks.append(await ana.submit(ana.views[-1], {"who": "U0CARA"}))

    assert [ack.ok for ack in acks] == [True, True, True]
    now = await copilot.now_is()
    assert (now.commander, now.duties) == ("U0BEN", {"scribe": "U0CARA"})
    assert buttons([]) == {}
