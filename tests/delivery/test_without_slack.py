"""Without Slack people are reached by e-mail and page; on its return they read one summary and nothing stale."""

from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from incident_copilot.domain.base import new_id
from incident_copilot.domain.content import Digest, DigestEntry, Notice
from incident_copilot.domain.effect import EffectState, Mail, Place, Show
from incident_copilot.domain.evidence import EvidenceGap
from incident_copilot.domain.hypothesis import Brief, Hypothesis, Statement, Verdict
from incident_copilot.domain.incident import Ending, Severity, Status
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.errors import OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.pipeline import carry_out, catch_up, ending, show, wakeups
from incident_copilot.sandbox import Fault
from incident_copilot.store import effects, incidents, proposals
from incident_copilot.store import evidence as evidence_rows
from incident_copilot.store import timeline as timeline_rows
from incident_copilot.web.server import application

BEN = Person(id="U0BEN", name="Ben", roles=frozenset({"commander"}))


@pytest.fixture
def away(sandbox):
    """Breaks every connection to Slack until it is called off."""
    sandbox.faults.add("*", Fault("drop", times=100_000))
    return sandbox.faults.clear


def _brief(copilot, incident, headline="checkout answers with errors"):
    return Brief(
        incident_id=incident.id,
        headline=headline,
        lines=(Statement(text="error rate 12 %", evidence_ids=()),),
        hypotheses=(Hypothesis(cause="deploy 7", kind="change", verdict=Verdict.POSSIBLE, confidence=0.5),),
        first_step=Statement(text="look at the deploy", evidence_ids=("e",)),
        gaps=(EvidenceGap(source="Loki", reason="no answer in 3 s"),),
        as_of=copilot.clock(),
    )


async def _time_passes(copilot, seconds, step=5):
    """Time goes by with the workers running."""
    for _ in range(int(seconds / step)):
        await copilot.go(step, step=step)
        await copilot.worker.run_due()
        await copilot.go()


async def test_pages_and_briefs_go_out_by_mail_once_after_a_minute(copilot, away, caplog):
    incident = await copilot.open()
    await copilot.put(wakeups.cancel, wakeups.Work.GATHER, incident.id)
    await copilot.put(show.brief, incident, _brief(copilot, incident), anew=False)
    await _time_passes(copilot, 50)
    early = list(copilot.mailbox.letters)
    await _time_passes(copilot, 120)
    sent = {letter.subject: letter for letter in copilot.mailbox.letters}
    page = sent["[INC-1] P1 high: checkout: high error rate"]
    brief = sent["[INC-1] brief: checkout answers with errors"]

    assert (early, len(copilot.mailbox.letters)) == ([], 3)
    assert (page.to, brief.to) == (("ana@example.net",), ("ana@example.net", "shop@example.net"))
    assert page.text.startswith("You are on call for checkout. Please acknowledge within 30 min.\n")
    assert "- error rate 12 % (not verified)\nPossible cause: deploy 7\nFirst step: look at the deploy\n" in brief.text
    assert "Could not look: Loki: no answer in 3 s" in brief.text
    assert sent["Slack does not answer the incident copilot"].to == ("ops@example.net",)
    assert any("has not answered since" in record.message for record in caplog.records if record.levelname == "ERROR")


@pytest.mark.parametrize("kind", ["private", "test"])
async def test_what_is_private_or_a_test_goes_out_by_no_mail(copilot, away, kind):
    incident = await copilot.open(**{kind: True})
    await copilot.put(wakeups.cancel, wakeups.Work.GATHER, incident.id)
    await copilot.put(show.brief, incident, _brief(copilot, incident), anew=False)
    await _time_passes(copilot, 170)

    assert [letter.subject for letter in copilot.mailbox.letters] == ["Slack does not answer the incident copilot"]


async def test_a_hiccup_mails_nobody(copilot, sandbox):
    sandbox.faults.add("*", Fault("drop", times=3))
    await copilot.open()
    await _time_passes(copilot, 150)

    assert (copilot.mailbox.letters, await copilot.outage()) == ([], None)


async def test_a_second_outage_gets_its_own_minute(copilot, sandbox, away):
    await copilot.open(Severity.P2)
    await _time_passes(copilot, 30)
    away()
    await _time_passes(copilot, 20)
    sandbox.faults.add("*", Fault("drop", times=100_000))
    await copilot.open(Severity.P2)
    await _time_passes(copilot, 50)
    early = list(copilot.mailbox.letters)
    await _time_passes(copilot, 60)

    assert (early, len(copilot.mailbox.letters) > 0) == ([], True)


@pytest.mark.parametrize("policy", [{"can_mail": False}, {"shadow": True, "operator_emails": ()}])
async def test_nobody_is_mailed_without_a_server_or_in_shadow_mode(copilot_with, db, away, policy):
    copilot = copilot_with(db, **policy)
    await copilot.open()
    await _time_passes(copilot, 120)

    assert copilot.mailbox.letters == []


async def test_mail_carries_the_address_of_the_page(copilot_with, db, away):
    copilot = copilot_with(db, public_url="https://copilot.example.net/")
    await copilot.open()
    await _time_passes(copilot, 90)
    [page] = [letter for letter in copilot.mailbox.letters if "P1" in letter.subject]

    assert page.text.endswith("https://copilot.example.net/incidents/1\n")


async def test_text_from_outside_forges_no_header_and_no_line(copilot, away):
    await copilot.open(title="boom\r\nBcc: everybody@example.net\u202e")
    await _time_passes(copilot, 90)
    [page] = [letter for letter in copilot.mailbox.letters if "P1" in letter.subject]

    assert page.subject == "[INC-1] P1 high: boom Bcc: everybody\uff20example.net"
    assert all(letter.isprintable() or letter == "\n" for letter in page.text)


@pytest.mark.parametrize(
    ("troubles", "state", "letters"),
    [
        ([VendorUnavailable("busy"), VendorUnavailable("busy", 3)], EffectState.DONE, 1),
        ([OutcomeUnknown("no confirmation")], EffectState.DONE, 1),
        ([VendorRefused("no such mailbox", 550)], EffectState.FAILED, 0),
        ([VendorUnavailable("busy")] * 20, EffectState.FAILED, 0),
    ],
)
async def test_mail_is_tried_again_and_given_up_in_the_end(copilot, troubles, state, letters):
    copilot.mailbox.troubles = troubles
    mail = Mail(slot="mail:x", to=("ana@example.net",), subject="s", text="t")
    await copilot.put(_enqueue, mail)
    await copilot.go(400, step=10)
    async with copilot.deps.db.read() as db:
        sent = await effects.latest(db, "w", None, "mail:x")

    assert (sent.state, len(copilot.mailbox.letters)) == (state, letters)
    assert copilot.texts("#copilot-ops")[:1] == (
        [] if letters else [f'Not done for no incident: the e-mail "s". {sent.error}']
    )


async def test_mail_without_a_server_fails(copilot):
    copilot.mailbox = None
    copilot.outbox = copilot.make_outbox()
    await copilot.put(_enqueue, Mail(slot="mail:x", to=("ana@example.net",), subject="s", text="t"))
    await copilot.go(2)

    assert "COPILOT_SMTP_URL" in copilot.texts("#copilot-ops")[0]


async def test_mail_that_a_crash_cut_off_is_repeated_under_its_id(copilot):
    await copilot.put(_enqueue, Mail(slot="mail:x", to=("ana@example.net",), subject="s", text="t"))
    await copilot.outbox._claim(8)
    async with copilot.deps.db.transaction() as tx:
        await tx.execute(sa.text("UPDATE effects SET lease_until = '2020-01-01 00:00:00.000000'"))
    await copilot.go(2)

    assert len(copilot.mailbox.letters) == 1


async def _enqueue(tx, deps, mail):
    await effects.enqueue(
        tx, workspace_id="w", incident_id=None, stream=mail.slot, deed=mail, now=deps.now(), priority=1
    )


# --- the page and health ---


async def _ask(copilot, path):
    app = application(copilot.deps, {}, page_token="token", local_only=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://copilot") as web:
        return await web.get(path, headers={"Authorization": "Bearer token"})


async def test_page_shows_card_brief_and_timeline_without_slack(copilot, away):
    incident = await copilot.open(title="<script>alert(1)</script>")
    before = (await _ask(copilot, "/incidents/1")).text
    async with copilot.deps.db.transaction() as tx:
        await evidence_rows.add_brief(tx, _brief(copilot, incident))
        for number in range(250):
            entry = TimelineEntry(
                id=new_id(copilot.clock()),
                incident_id=incident.id,
                at=copilot.clock(),
                kind=TimelineKind.NOTE,
                text=f"note {number} & more",
                deleted=number == 249,
            )
            await timeline_rows.add(tx, entry)
    page = await _ask(copilot, "/incidents/1")

    assert "There is none yet." in before
    assert (page.status_code, "script-src" in page.headers["Content-Security-Policy"]) == (200, False)
    assert "<script>" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    for said in ("P1 high", "checkout answers with errors", "error rate 12 % (not verified)", "note 248 &amp; more"):
        assert said in page.text
    assert ("note 249" in page.text, "The newest 200 of 249 entries." in page.text) == (False, True)


async def test_page_of_an_incident_that_is_not_there_or_private_is_not_found(copilot):
    await copilot.open(private=True)

    assert [(await _ask(copilot, f"/incidents/{number}")).status_code for number in (1, 2)] == [404, 404]


async def test_health_says_that_slack_is_away_or_refuses(copilot, sandbox, away):
    well = (await _ask(copilot, "/healthz")).json()
    await copilot.open(Severity.P2)
    await copilot.go(10)
    soon = (await _ask(copilot, "/healthz")).json()
    await copilot.go(50)
    later = (await _ask(copilot, "/healthz")).json()
    away()
    sandbox.faults.add("*", Fault("refuse", code="token_revoked", times=100))
    await copilot.go(10)
    refused = (await _ask(copilot, "/healthz")).json()

    assert well == soon == {"status": "ok", "mode": "live"}
    assert later == {"status": "degraded", "chat": "Slack has not answered for 60 s", "mode": "live"}
    assert refused == {"status": "degraded", "chat": "Slack refuses the copilot: token_revoked", "mode": "live"}


# --- the return ---


async def test_backlog_is_one_message_a_channel_on_the_return(copilot, sandbox):
    incident = await copilot.open()
    await copilot.go(10)
    channel = (await copilot.now_is(incident)).channel_id
    sandbox.faults.add("*", Fault("drop", times=100_000))
    for number in range(30):
        await copilot.notice(incident, f"line {number}")
        await copilot.put(show.card, incident.id)
    await _time_passes(copilot, 3 * 3600, step=300)
    before, edits = len(sandbox.messages(channel)), len(copilot.calls("chat.update"))
    sandbox.faults.clear()
    await copilot.go(60)
    new = sandbox.messages(channel)[before:]
    [summary] = [m for m in new if "Meanwhile" in m.text]

    assert len([m for m in new if m.text.startswith("line")]) <= 1  # the one that found Slack back
    assert "line 5" in str(summary.blocks)
    assert "more" in str(summary.blocks)
    assert len(copilot.calls("chat.update")) - edits <= 3
    assert [t for t in copilot.texts("#incidents") if "This changed meanwhile" in t] == [
        "Slack was away for 3 h. This changed meanwhile:"
    ]


async def test_short_outage_loses_no_message(copilot, sandbox):
    incident = await copilot.open(Severity.P2)
    await copilot.go(10)
    sandbox.faults.add("*", Fault("drop", times=100_000))
    for number in range(3):
        await copilot.notice(incident, f"line {number}")
    await copilot.go(120, step=5)
    sandbox.faults.clear()
    await copilot.go(30)
    [announcement] = sandbox.messages("#incidents")

    assert copilot.texts("#incidents", announcement.ts)[-3:] == ["line 0", "line 1", "line 2"]


async def test_incident_that_began_and_ended_during_the_absence_gets_no_channel(copilot, sandbox):
    incident = await copilot.open()
    async with copilot.deps.db.transaction() as tx:
        found = await incidents.lock(tx, incident.id)
        await ending.end(
            tx, copilot.deps, found, actor="policy:quiet", ending=Ending.SELF_RECOVERED, note="", checked=None
        )
    copilot.clock.forward(3600)
    await catch_up.after_restart(copilot.deps)
    await copilot.go(60)
    now_is = await copilot.now_is(incident)
    texts = copilot.texts("#incidents")

    assert [name for name in (c.name for c in sandbox.workspace.channels.values()) if name.startswith("inc-")] == []
    assert (len([t for t in texts if t.startswith("INC-1")]), now_is.thread_ts is not None) == (1, True)
    assert not any("You are on call" in t for t in copilot.texts("#incidents", now_is.thread_ts))
    assert await copilot.waiting() == 0


async def test_after_hours_the_restarted_copilot_posts_one_summary(copilot, sandbox):
    incident = await copilot.open(Severity.P2)
    await copilot.go(10)
    for number in range(20):
        await copilot.notice(incident, f"line {number}")
    for number in range(3):
        await copilot.put(show.brief, incident, _brief(copilot, incident, f"brief {number}"), anew=True)
    copilot.clock.forward(3 * 3600)
    await catch_up.after_restart(copilot.deps)
    await catch_up.after_restart(copilot.deps)
    await copilot.go(60)
    thread = copilot.texts("#incidents", sandbox.messages("#incidents")[0].ts)

    assert [t for t in thread if "Meanwhile" in t] == ["The copilot was away for 3 h. Meanwhile, 20 things:"]
    assert [t for t in thread if "brief" in t] == [t for t in thread if "brief 2" in t]
    assert not any(t.startswith("line") for t in thread)


async def test_restart_while_slack_is_away_leaves_the_summary_to_its_return(copilot, away):
    incident = await copilot.open(Severity.P2)
    for number in range(3):
        await copilot.notice(incident, f"line {number}")
    await copilot.go(20)
    copilot.clock.forward(3600)
    before = await copilot.waiting()
    await catch_up.after_restart(copilot.deps)

    assert await copilot.waiting() == before


async def test_page_of_who_is_still_needed_is_sent_late_and_that_of_others_not(copilot, sandbox):
    needed, taken = await copilot.open(Severity.P2), await copilot.open(Severity.P2)
    async with copilot.deps.db.transaction() as tx:
        found = await incidents.lock(tx, taken.id)
        await incidents.save(tx, found.model_copy(update={"status": Status.ACKNOWLEDGED}))
    copilot.clock.forward(3600)
    await catch_up.after_restart(copilot.deps)
    await copilot.go(30)
    threads = [copilot.texts("#incidents", (await copilot.now_is(incident)).thread_ts) for incident in (needed, taken)]

    assert [any("You are on call" in text for text in thread) for thread in threads] == [True, False]


@pytest.mark.parametrize(("state", "is_shown"), [(ProposalState.OPEN, True), (ProposalState.REJECTED, False)])
async def test_proposal_that_was_decided_before_anybody_saw_it_is_not_shown(copilot, sandbox, state, is_shown):
    incident = await copilot.open(Severity.P2)
    await copilot.go(10)
    proposal = Proposal(
        id=new_id(copilot.clock()),
        incident_id=incident.id,
        workspace_id="w",
        kind=ProposalKind.CHECK,
        key="look",
        title="Look at the disk",
        state=state,
        shown={"step": "Look", "why": "", "commands": [], "runbook": ""},
        created_at=copilot.clock(),
        expires_at=copilot.clock() + timedelta(days=1),
    )
    await copilot.put(show.proposal, incident, proposal)
    copilot.clock.forward(3600)
    await catch_up.after_restart(copilot.deps)
    await copilot.go(60)

    thread = copilot.texts("#incidents", sandbox.messages("#incidents")[0].ts)
    assert any("Look at the disk" in text for text in thread) == is_shown


async def test_small_alerts_of_several_hours_are_one_digest(copilot):
    entry = DigestEntry(fingerprint="f", name="Disk", service=None, summary="", count=1, since=copilot.clock())
    for hour in range(3):
        at = copilot.clock().replace(hour=6 + hour)
        content = Digest(entries=(entry,) * 5, more=1, hour=at)
        deed = Show(place=Place.ANNOUNCE, slot=f"digest:{at}", content=content, anew=True)
        async with copilot.deps.db.transaction() as tx:
            await effects.enqueue(
                tx, workspace_id="w", incident_id=None, stream="digest", deed=deed, now=copilot.clock()
            )
        copilot.clock.forward(3600)
    await catch_up.after_restart(copilot.deps)
    await copilot.go(10)

    assert copilot.texts("#incidents") == ["18 small alerts (P3 low): Disk"]


async def test_what_operators_were_to_be_told_is_told_in_one(copilot):
    for number in range(3):
        deed = Show(place=Place.OPERATOR, slot=f"notice:ops:{number}", content=Notice(text=f"trouble {number}"))
        async with copilot.deps.db.transaction() as tx:
            await effects.enqueue(
                tx, workspace_id="w", incident_id=None, stream=f"s{number}", deed=deed, now=copilot.clock()
            )
    copilot.clock.forward(3600)
    await catch_up.after_restart(copilot.deps)
    await copilot.go(10)

    assert copilot.texts("#copilot-ops") == ["The copilot was away for 1 h. Meanwhile, 3 things:"]
    assert copilot.texts("#incidents") == []


async def test_update_that_could_not_be_sent_for_long_must_be_approved_again(copilot, sandbox):
    incident = await copilot.open(Severity.P2)
    await copilot.go(10)
    proposal = Proposal(
        id=new_id(copilot.clock()),
        incident_id=incident.id,
        workspace_id="w",
        kind=ProposalKind.UPDATE,
        key="update",
        state=ProposalState.APPROVED,
        title="Tell customers",
        shown={"audience": "customers", "text": "We look into it."},
        created_at=copilot.clock(),
        expires_at=copilot.clock(),
        decided_by="U0BEN",
        decided_at=copilot.clock(),
    )
    async with copilot.deps.db.transaction() as tx:
        await proposals.add(tx, proposal)
        await carry_out.start(tx, copilot.deps, incident, proposal, BEN)
    copilot.clock.forward(3600)
    await catch_up.after_restart(copilot.deps)
    await copilot.go(30)
    async with copilot.deps.db.read() as db:
        stored = await proposals.get(db, proposal.id)

    assert (copilot.texts("#customer-updates"), stored.state) == ([], ProposalState.FAILED)
    assert stored.outcome == "Not published: it could not be sent for 1 h; please propose it again"
    assert LogKind.FAILED in await copilot.log(incident)
