"""What people are shown: compact, honest, and within Slack's limits whatever the text is."""

from datetime import timedelta

import pytest
import slack_samples as given_a
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_samples import NASTY, NOON, buttons, said
from slack_sdk.models.blocks import Block

from incident_copilot.domain.content import (
    Announcement,
    Button,
    Digest,
    DigestEntry,
    Notice,
    Press,
    PublicUpdate,
    ReviewView,
)
from incident_copilot.domain.evidence import EvidenceGap, EvidenceKind
from incident_copilot.domain.hypothesis import NOT_ENOUGH_DATA, Statement, Verdict
from incident_copilot.domain.incident import Ending, Severity, Status
from incident_copilot.domain.priority import Priority, Urgency
from incident_copilot.domain.proposal import ProposalKind, ProposalState, RejectedBefore, Risk
from incident_copilot.sandbox.conformance import check_message
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import render


def conformant(content):
    """Render, and let both the sandbox's rules and Slack's own models judge the result."""
    rendered = render(content)
    check_message(text=rendered.text, blocks=rendered.blocks, attachments=None, markdown_text="")
    for block in rendered.blocks:
        Block.parse(block).to_dict()
    return rendered


def lines_of(rendered):
    return said(rendered.blocks[:1]).split("\n")


# --- card and announcement ---


def test_card_of_an_open_incident_says_what_matters_and_offers_what_fits():
    rendered = conformant(given_a.card(joined=("checkout depends on payments, 20 s apart",)))

    assert rendered.text == (
        "INC-42 HighErrorRate on checkout: P1 high, open. 2 alerts firing. Suspect: payments v2.31.0"
    )
    assert said(rendered.blocks) == (
        "INC-42 HighErrorRate on checkout"
        "Open · P1 high · checkout · team payments · production\n"
        "Owner: nobody yet · Commander: nobody yet\n"
        "Started  · running for 3 min at the last change\n"
        "Alerts: 2 firing, 0 resolved · joined: checkout depends on payments, 20 s apart\n"
        "Suspect: payments v2.31.0\n"
        "Links: Alert (prometheus) · Runbook (wiki.example)"
        "AcknowledgeResolve…Why P1?"
        "Roles…New task…Note for the timeline…Bring people in…Snooze reminders for 30 min"
    )
    assert buttons(rendered.blocks) == {"acknowledge": "Acknowledge", "resolve": "Resolve…", "score": "Why P1?"}


def test_card_names_owner_and_commander_once_somebody_has_it():
    taken = given_a.incident(status=Status.ACKNOWLEDGED, acknowledged_by="U0ANA", commander="U0BEN")

    rendered = conformant(given_a.card(incident=taken))

    assert "Acknowledged · " in said(rendered.blocks)
    assert "Owner: <@U0ANA> · Commander: <@U0BEN>" in said(rendered.blocks)
    assert buttons(rendered.blocks) == {"resolve": "Resolve…", "score": "Why P1?"}


@pytest.mark.parametrize(
    ("ending", "severity", "state", "offered"),
    [
        (Ending.RESOLVED, Severity.P1, "Resolved", ["reopen", "score"]),
        (Ending.SELF_RECOVERED, Severity.P2, "Recovered by itself", ["reopen", "postmortem", "score"]),
        (Ending.FALSE_ALARM, Severity.P2, "Resolved as a false alarm", ["reopen", "score"]),
        (None, Severity.P1, "Resolved", ["reopen", "score"]),
    ],
)
def test_card_of_an_ended_incident_says_how_it_ended(ending, severity, state, offered):
    ended = given_a.incident(status=Status.RESOLVED, ending=ending, severity=severity, ended_at=NOON)

    rendered = conformant(given_a.card(incident=ended, firing=0, resolved=2, suspect=None))

    assert state in said(rendered.blocks)
    assert "ended after 3 min" in said(rendered.blocks)
    assert rendered.text.endswith("after 3 min")
    assert list(buttons(rendered.blocks)) == offered


def test_card_shows_what_is_unknown_as_unknown():
    unknown = given_a.incident(service=None, team=None, environment=None, score_sheet=None, links={}, test=True)

    rendered = conformant(given_a.card(incident=unknown, suspect=None, shadow=True, joined=("a", "b", "c", "d")))

    assert "Open · P1 high · service unknown" in said(rendered.blocks)
    assert "INC-42 [TEST] " in said(rendered.blocks)
    assert "joined: a; b; and 2 more" in said(rendered.blocks)
    assert said(rendered.blocks).endswith("Shadow mode: nobody was notified.")
    assert list(buttons(rendered.blocks)) == ["acknowledge", "resolve"]


def test_card_names_what_mutes_how_many_alerts():
    rendered = conformant(given_a.card(muted={"ClusterDown": 12, "<!channel>": 1}))

    assert "12 alerts muted by ClusterDown; 1 alert muted by" in said(rendered.blocks)


def test_card_says_how_people_regrouped_it_and_what_they_muted():
    shown = given_a.card(regrouped=tuple(f"INC-{n} was split from it" for n in range(7)), silences=("a=b is muted",))

    rendered = conformant(shown)

    assert "INC-1 was" not in said(rendered.blocks)
    assert "INC-6 was split from it\na=b is muted" in said(rendered.blocks)


def test_card_and_announcement_say_where_the_trouble_comes_from():
    shown = given_a.card(source="postgres: cart, orders depend on it")

    for rendered in (conformant(shown), conformant(Announcement(card=shown))):
        assert "Comes from: postgres: cart, orders depend on it" in said(rendered.blocks)


def test_card_says_its_priority_and_why():
    priority = Priority(severity=Severity.P1, urgency=(Urgency(points=6, reason="nobody has acknowledged in time"),))

    rendered = conformant(given_a.card(priority=priority))

    assert "Priority 36: P1 30, nobody has acknowledged in time +6" in said(rendered.blocks)


def test_card_says_that_an_incident_is_under_legal_hold():
    lines = said(conformant(given_a.card(incident=given_a.incident(legal_hold=True))).blocks).split("\n")

    assert "Legal hold: nothing of it is erased" in lines


def test_card_says_which_vendor_helps_and_who_must_be_told_by_when():
    outside = {"vendors": ("openai: help.example; case 4711",), "deadlines": ("gdpr: tell the authority by noon",)}

    lines = said(conformant(given_a.card(**outside)).blocks).split("\n")

    assert "Vendor openai: help.example; case 4711" in lines
    assert "Deadline gdpr: tell the authority by noon" in lines
    assert b.timed(f"by {NOON:%Y-%m-%d %H:%M} UTC, in 72 h") == [b.space("by "), b.date(NOON), b.space(", in 72 h")]


def test_card_shows_a_link_that_is_none_as_harmless_code():
    odd = given_a.incident(links={"runbook": "javascript:alert(1)"})

    rendered = conformant(given_a.card(incident=odd))

    assert "Links: Runbook: javascript[:]alert(1)" in said(rendered.blocks)
    assert '"type": "link"' not in str(rendered.blocks)


def test_announcement_leads_to_the_channel():
    rendered = conformant(Announcement(card=given_a.card()))

    assert said(rendered.blocks) == (
        "INC-42 HighErrorRate on checkout\n"
        "Open · P1 high · checkout · team payments · production · Owner: nobody yet\n"
        "Started  · running for 3 min at the last change\n"
        "Suspect: payments v2.31.0\n"
        "It goes on in <#C0INCIDENT>"
        "Acknowledge"
    )


@pytest.mark.parametrize("place", [{"severity": Severity.P2}, {"thread_ts": "1.1"}])
def test_announcement_of_a_small_incident_is_its_card(place):
    shown = given_a.card(incident=given_a.incident(**place))

    assert conformant(Announcement(card=shown)) == conformant(shown)


def test_announcement_before_its_channel_and_after_its_end_has_nothing_to_lead_to():
    early = conformant(Announcement(card=given_a.card(incident=given_a.incident(channel_id=None))))
    ended = given_a.incident(status=Status.RESOLVED, ending=Ending.RESOLVED, ended_at=NOON)
    late = conformant(Announcement(card=given_a.card(incident=ended)))

    assert "It goes on" not in said(early.blocks)
    assert buttons(late.blocks) == {}


# --- brief ---


def test_evidence_that_reads_alike_is_told_apart_by_its_kind():
    alike = [
        given_a.evidence(1, EvidenceKind.ALERT, title="HighErrorRate on checkout"),
        given_a.evidence(2, title="HighErrorRate on checkout"),
    ]
    told = tuple(Statement(text=f"it is {number}", evidence_ids=(f"ev-{number}",)) for number in (1, 2))
    shown = given_a.brief(lines=told, hypotheses=(), first_step=None)

    rendered = conformant(given_a.brief_view(shown, evidence=tuple(alike)))

    assert said(rendered.blocks).count("1 Alert: HighErrorRate on che…2 Metric: HighErrorRate on ch…") == 1


def test_brief_says_what_is_known_with_the_evidence_it_rests_on():
    rendered = conformant(given_a.brief_view())

    assert rendered.text == (
        "INC-42: checkout fails for 20 % of requests since 11:57 UTC. "
        "Suspect: payments v2.31.0 was deployed 30 s before the onset. First: Roll back payments"
    )
    assert lines_of(rendered) == [
        "checkout fails for 20 % of requests since 11:57 UTC",
        "20 % of requests fail, 5 % is the limit [1]",
        "it began three minutes ago (not verified)",
        "Likely cause (high confidence): payments v2.31.0 was deployed 30 s before the onset",
        "   because pool_size 20 -> 4 [2]",
        "First step: Roll back payments [2]",
        "Could not look: Loki: no answer in 3 s",
        "No model is configured.",
    ]
    assert buttons(rendered.blocks) == {
        "evidence:1": "1 error rate 1",
        "evidence:2": "2 error rate 2",
        "alternatives": "Alternatives (1)",
    }


@pytest.mark.parametrize(
    ("gaps", "row"),
    [
        ([("Loki", True), ("Tempo", True)], "Still asking: Loki, Tempo"),
        ([("GitHub", False), ("Loki", True)], "Could not look: GitHub: no answer  Still asking: Loki"),
    ],
)
def test_brief_says_who_is_still_asked_and_what_changed(gaps, row):
    told = tuple(EvidenceGap(source=source, reason="no answer", still_asked=asked) for source, asked in gaps)

    rendered = conformant(given_a.brief_view(given_a.brief(gaps=told, news="Tempo answered late.")))

    assert row in lines_of(rendered)
    assert "What changed: Tempo answered late." in lines_of(rendered)


def test_brief_shortens_buttons_and_names_a_source_once():
    long = given_a.evidence(1, title="PaymentsLatencyHigh on payments in eu-1")
    gaps = (EvidenceGap(source="GitHub", reason="GitHub: HTTP 404"),)

    rendered = conformant(given_a.brief_view(given_a.brief(gaps=gaps), evidence=(long,)))

    assert buttons(rendered.blocks)["evidence"] == "1 PaymentsLatencyHigh on paym…"
    assert "Could not look: GitHub: HTTP 404\n" in said(rendered.blocks)


@pytest.mark.parametrize(
    ("hypotheses", "said_of_it", "button"),
    [
        ((), "nothing stands out yet", "All causes"),
        ((given_a.hypothesis(kind=NOT_ENOUGH_DATA),), "not enough data to name one yet", "Alternatives (1)"),
    ],
)
def test_brief_without_a_suspect_says_so(hypotheses, said_of_it, button):
    rendered = conformant(
        given_a.brief_view(given_a.brief(hypotheses=hypotheses, first_step=None, gaps=(), note="", lines=())),
    )

    assert lines_of(rendered) == [
        "checkout fails for 20 % of requests since 11:57 UTC",
        f"Cause: {said_of_it}",
    ]
    assert buttons(rendered.blocks) == {"alternatives": button}


def test_brief_names_a_possible_cause_as_possible_and_skips_evidence_that_is_not_held():
    possible = given_a.hypothesis(
        verdict=Verdict.POSSIBLE, confidence=0.3, supporting=(Statement(text="a guess", evidence_ids=("ev-9",)),)
    )

    worded = (Statement(text="It is <!channel>", evidence_ids=("ev-9",)),)
    rendered = conformant(given_a.brief_view(given_a.brief(hypotheses=(possible,), worded=worded)))

    assert "Possible cause (low confidence): " in said(rendered.blocks)
    assert "because a guess\n" in said(rendered.blocks)
    assert "It is <!channel>Worded by a language model" in said(rendered.blocks)


def test_brief_shows_what_stands_of_a_models_words_with_its_evidence_and_one_line_about_the_rest():
    line = Statement(text="20% fail", evidence_ids=("ev-1",))
    struck = "1 sentence of the model was struck: figure 42 is in no evidence it cites"
    shown = given_a.brief(lines=(line,), worded=(line,), struck=struck)

    rendered = conformant(given_a.brief_view(shown))

    told = "20% fail [1]Worded by a language model from the evidence above; it may be wrong. "
    assert f"{told}{struck}." in said(rendered.blocks)


def test_brief_without_a_word_that_stands_says_so_in_one_line():
    rendered = conformant(given_a.brief_view(given_a.brief(struck="2 sentences of the model were struck: x")))

    assert "2 sentences of the model were struck: x." in said(rendered.blocks)
    assert "Worded by" not in said(rendered.blocks)


@pytest.mark.parametrize("known", [0, 3, 8, 40])
def test_brief_has_at_most_twelve_lines(known):
    statements = tuple(Statement(text=f"fact {n}", evidence_ids=("ev-1",)) for n in range(known))
    gaps = tuple(EvidenceGap(source=f"source {n}", reason="no answer") for n in range(20))

    rendered = conformant(given_a.brief_view(given_a.brief(lines=statements, gaps=gaps)))

    assert len(lines_of(rendered)) <= 12
    assert ("more under Alternatives (1)" in said(rendered.blocks)) == (known > 6)


# --- proposals ---


def test_action_says_exactly_what_will_happen():
    rendered = conformant(given_a.proposal_view())

    assert rendered.text == ("INC-42: Roll back payments to v2.30.4. Medium risk. Waiting for a decision.")
    assert said(rendered.blocks) == (
        "Primary proposal · Action: Roll back payments to v2.30.4"
        "Target: acme/payments production\n"
        "Now: v2.31.0 is live\n"
        "Expected effect: v2.30.4 is live in about a minute\n"
        "How to undo: deploy v2.31.0 again"
        "POST /repos/acme/payments/actions/workflows/rollback.yml/dispatches"
        "Medium risk · for approvers and commanders to decide · expires "
        "ApproveRejectEvidence 1Evidence 2"
    )
    approve = rendered.blocks[-1]["elements"][0]
    assert approve["value"] == f"{given_a.PROPOSAL_ID}:1"
    assert approve["confirm"]["text"]["text"] == "Medium risk. acme/payments production."


def test_high_risk_says_how_many_people_it_takes_and_who_has_approved():
    risky = given_a.proposal(risk=Risk.HIGH, needed=2, primary=False, body="Because.", shown={"request": {"a": 1}})

    rendered = conformant(given_a.proposal_view(risky, votes=("U0ANA",)))

    assert "needs 2 people" in said(rendered.blocks)
    assert "1 of 2 approvals so far: <@U0ANA>" in said(rendered.blocks)
    assert "Because." in said(rendered.blocks)
    assert '{"a": 1}' in said(rendered.blocks)
    confirm = rendered.blocks[-1]["elements"][0]["confirm"]
    assert confirm["text"]["text"] == "High risk. Roll back payments to v2.30.4. It takes 2 people."


def test_update_shows_its_words_and_can_be_edited():
    rendered = conformant(given_a.proposal_view(given_a.update(evidence_ids=("ev-1",), primary=False)))

    assert said(rendered.blocks) == (
        "Status update for customers"
        "Some payments fail. We are on it: https://status.example/."
        "Low risk · for the comms lead and commanders to decide · expires "
        "ApproveEditRejectEvidence"
    )
    assert buttons(rendered.blocks) == {
        "approve": "Approve",
        "edit": "Edit",
        "reject": "Reject",
        "evidence": "Evidence",
    }
    assert "confirm" not in rendered.blocks[-1]["elements"][0]


def test_update_names_people_of_the_incident_and_nobody_else():
    led = given_a.incident(commander="U0BEN")
    draft = given_a.update(shown={"audience": "internal", "text": "Led by <@U0BEN>. Ask <@U0CEO>."})

    rendered = conformant(given_a.proposal_view(draft, incident=led))

    users = [one["user_id"] for one in rendered.blocks[1]["elements"][0]["elements"] if one["type"] == "user"]
    assert users == ["U0BEN"]
    assert "Ask <@U0CEO>." in said(rendered.blocks)


def test_check_is_done_by_people():
    check = given_a.proposal(
        kind=ProposalKind.CHECK,
        title="Look at the pool",
        body="It may be exhausted.",
        risk=Risk.LOW,
        shown={"step": "Look at the pool", "commands": ["kubectl get pods", "psql"], "runbook": "pool-exhausted"},
        evidence_ids=(),
    )

    rendered = conformant(given_a.proposal_view(check))

    assert buttons(rendered.blocks) == {"done": "Did it", "not_this": "Not this"}
    assert "kubectl get pods\npsql" in said(rendered.blocks)
    assert "From the runbook pool-exhausted" in said(rendered.blocks)
    assert rendered.text.endswith("Done it, or not this?")


def test_resolving_is_put_to_people_without_a_request():
    end = given_a.proposal(kind=ProposalKind.RESOLVE, title="Resolve INC-42", shown={}, risk=Risk.LOW, evidence_ids=())

    rendered = conformant(given_a.proposal_view(end))

    assert buttons(rendered.blocks) == {"approve": "Approve", "reject": "Reject"}


def test_merging_is_put_to_people_with_its_reasons():
    why = "checkout depends on payments, 40 s apart"
    put = given_a.proposal(
        kind=ProposalKind.MERGE,
        title="Merge INC-43 into INC-42",
        body=f"They may be one: {why}.",
        shown={},
        evidence_ids=(),
    )

    rendered = conformant(given_a.proposal_view(put))

    assert buttons(rendered.blocks) == {"approve": "Approve", "reject": "Reject"}
    assert "Merge" in said(rendered.blocks)
    assert why in said(rendered.blocks)


def test_check_and_action_without_details_show_none():
    bare = given_a.proposal(kind=ProposalKind.CHECK, shown={"commands": "psql"}, evidence_ids=(), primary=False)
    empty = given_a.proposal(shown={}, evidence_ids=())

    assert "psql" in said(conformant(given_a.proposal_view(bare)).blocks)
    assert "Target" not in said(conformant(given_a.proposal_view(empty)).blocks)


@pytest.mark.parametrize(
    ("state", "fields", "outcome"),
    [
        (ProposalState.APPROVED, {}, "Approved by <@U0ANA>,  · being carried out"),
        (
            ProposalState.CARRIED_OUT,
            {"outcome": "v2.30.4 is live"},
            "Carried out · approved by <@U0ANA>, \nv2.30.4 is live",
        ),
        (ProposalState.FAILED, {"outcome": "HTTP 422"}, "Failed · approved by <@U0ANA>, \nHTTP 422"),
        (ProposalState.UNKNOWN, {"outcome": "Please look."}, "Outcome unknown · approved by <@U0ANA>, \nPlease look."),
        (ProposalState.REJECTED, {"reason": "too risky"}, "Rejected by <@U0ANA>, \nReason: too risky"),
        (ProposalState.EXPIRED, {"decided_by": None, "decided_at": None}, "Expired"),
        (
            ProposalState.SUPERSEDED,
            {"decided_by": None, "outcome": "INC-42 has ended"},
            "Withdrawn, \nINC-42 has ended",
        ),
        (ProposalState.WAITING, {"decided_by": None, "decided_at": None}, "Waiting its turn"),
    ],
)
def test_outcome_takes_the_place_of_the_buttons(state, fields, outcome):
    decided = given_a.proposal(**({"state": state, "decided_by": "U0ANA", "decided_at": NOON} | fields))

    rendered = conformant(given_a.proposal_view(decided))

    anew = {"anew": "Draft anew"} if state in (ProposalState.EXPIRED, ProposalState.FAILED) else {}
    assert said(rendered.blocks).endswith(outcome + "".join(anew.values()))
    assert buttons(rendered.blocks) == anew


def test_rejected_proposal_takes_a_reason_afterwards():
    rejected = given_a.proposal(state=ProposalState.REJECTED, decided_by="U0ANA", decided_at=NOON)

    rendered = conformant(given_a.proposal_view(rejected))

    assert buttons(rendered.blocks) == {"reason": "Add reason"}


def test_done_check_no_longer_shows_its_commands():
    done = given_a.proposal(
        kind=ProposalKind.CHECK, state=ProposalState.DONE, decided_by="U0ANA", shown={"commands": ["psql"]}
    )

    assert "psql" not in said(conformant(given_a.proposal_view(done)).blocks)


# --- notices, digest, updates, review ---


def test_notice_notifies_only_whom_it_mentions():
    shown = Notice(
        text="<@U0CEO> P1 waits",
        detail="line 1\nline 2",
        mentions=("U0ANA", "policy:x"),
        buttons=(
            Button(press=Press.ACKNOWLEDGE, label="Acknowledge", value="1", style="primary"),
            Button(press=Press.EVIDENCE, label="one", value="a"),
            Button(press=Press.EVIDENCE, label="two", value="b"),
        ),
    )

    rendered = conformant(shown)

    assert rendered.text == "<@U0ANA> &lt;@U0CEO&gt; P1 waits"
    assert said(rendered.blocks).startswith("<@U0ANA> policy:x <@U0CEO> P1 waitsline 1\nline 2")
    assert [one["type"] for one in rendered.blocks[0]["elements"][0]["elements"]] == [
        "user",
        "text",
        "text",
        "text",
        "text",
    ]
    assert list(buttons(rendered.blocks)) == ["acknowledge", "evidence:1", "evidence:2"]


def test_notice_names_whom_it_may_and_leaves_other_ids_as_they_are_written():
    rendered = conformant(
        Notice(text="Taken by <@U0BEN>, not <@U0CEO>.", detail="By <@U0ANA>.", people=("U0BEN", "U0ANA"))
    )

    told = [element.get("user_id", element.get("text")) for element in rendered.blocks[0]["elements"][0]["elements"]]
    assert told == ["Taken by ", "U0BEN", ", not <@U0CEO>."]
    assert said(rendered.blocks) == "Taken by <@U0BEN>, not <@U0CEO>.By <@U0ANA>."


def test_short_notice_is_one_block():
    rendered = conformant(Notice(text="Back."))

    assert (rendered.text, len(rendered.blocks)) == ("Back.", 1)


def test_digest_lists_small_alerts_each_with_promote():
    entries = tuple(
        DigestEntry(fingerprint=f"f{n}", name=f"Disk{n}", service=service, summary="80 % full", count=count, since=NOON)
        for n, service, count in ((1, "db", 1), (2, None, 3))
    )

    rendered = conformant(Digest(entries=entries, more=1, hour=NOON))

    assert rendered.text == "3 small alerts (P3 low): Disk1, Disk2"
    assert "Disk1 on db, once since 2026-11-21 12:00 UTC. 80 % full" in said(rendered.blocks)
    assert "Disk2, 3 times since" in said(rendered.blocks)
    assert "and 1 more that are not listed" in said(rendered.blocks)
    assert [block["accessory"]["value"] for block in rendered.blocks if "accessory" in block] == ["f1", "f2"]


def test_digest_of_one_alert_is_singular_and_a_long_one_is_cut_visibly():
    entry = DigestEntry(fingerprint="f", name="Disk", service="db", summary="", count=1, since=NOON)

    one = conformant(Digest(entries=(entry,), hour=NOON))
    many = conformant(Digest(entries=(entry,) * 60, hour=NOON))

    assert one.text == "1 small alert (P3 low): Disk"
    assert "and 40 more that are not listed" in said(many.blocks)


def test_customers_see_the_words_and_nothing_internal():
    shown = PublicUpdate(
        incident=given_a.incident(),
        audience="customers",
        text="Some payments fail: https://status.example/",
        approved_by="U0CARA",
    )

    rendered = conformant(shown)

    assert said(rendered.blocks) == "Some payments fail: https://status.example/"
    assert rendered.text == "Some payments fail: hxxps://status.example/"
    assert rendered.blocks[0]["elements"][0]["elements"][1] == {
        "type": "link",
        "url": "https://status.example/",
        "text": "https://status.example/",
    }


def test_colleagues_see_who_approved():
    shown = PublicUpdate(incident=given_a.incident(), audience="internal", text="All good", approved_by="U0CARA")

    rendered = conformant(shown)

    assert said(rendered.blocks) == ("INC-42 HighErrorRate on checkout · P1 high · open\nAll goodApproved by <@U0CARA>")


def test_empty_update_is_still_a_message():
    shown = PublicUpdate(incident=given_a.incident(), audience="customers", text=" \n", approved_by="U0CARA")

    assert said(conformant(shown).blocks) == "-"


def test_review_leads_to_the_whole_postmortem():
    shown = ReviewView(
        incident=given_a.incident(),
        summary=("It failed for 12 minutes.", "A pool was too small."),
        action_items=("Alert on pool waits",),
        link="http://127.0.0.1:8420/postmortems/42",
    )

    rendered = conformant(shown)

    assert said(rendered.blocks) == (
        "Postmortem of INC-42 HighErrorRate on checkout"
        "It failed for 12 minutes.\nA pool was too small."
        "Action itemsAlert on pool waits"
        "Read the whole postmortem (127.0.0.1)"
        "Draft · reviewed by nobody yet"
        "EditAction itemsAsk for reviewTake it"
    )


def test_bare_review_is_a_headline_with_its_state_and_buttons():
    rendered = conformant(ReviewView(incident=given_a.incident(), summary=()))

    assert [block["type"] for block in rendered.blocks] == ["header", "rich_text", "actions"]


# --- limits ---


def contents(text):
    """Every kind of content with `text` wherever text comes from outside."""
    found = given_a.incident(title=text, service=text, team=text, links={text: text, "source": text})
    statement = Statement(text=text, evidence_ids=("ev-1",))
    cause = given_a.hypothesis(cause=text, supporting=(statement,) * 6, contradicting=(statement,), next_check=text)
    known = given_a.brief(
        headline=text,
        lines=(statement,) * 20,
        hypotheses=(cause,) * 9,
        first_step=statement,
        gaps=(EvidenceGap(source=text, reason=text),) * 5,
        note=text,
        worded=(Statement(text=text, evidence_ids=("ev-1",)),),
        struck=text,
    )
    evidence = (given_a.evidence(1, title=text, summary=text),)
    shown = dict.fromkeys(("target", "request", "current", "effect", "undo", "step", "runbook"), text)
    put = given_a.proposal(title=text, body=text, shown=shown | {"commands": [text] * 9}, evidence_ids=(text,) * 9)
    entry = DigestEntry(fingerprint=text, name=text, service=text, summary=text, count=2, since=NOON)
    said_by_people = {"regrouped": (text,), "silences": (text,), "muted": {text: 2}}
    card = given_a.card(incident=found, suspect=text, joined=(text,) * 9, **said_by_people)
    return [
        card,
        Announcement(card=card),
        given_a.brief_view(known, incident=found, evidence=evidence),
        given_a.proposal_view(put, incident=found),
        given_a.proposal_view(put.model_copy(update={"kind": ProposalKind.CHECK}), incident=found),
        given_a.proposal_view(given_a.update(shown={"audience": "customers", "text": text}), incident=found),
        given_a.proposal_view(
            put.model_copy(
                update={"state": ProposalState.REJECTED, "outcome": text, "reason": text, "decided_by": text}
            ),
        ),
        Notice(text=text, detail=text, mentions=(text,), buttons=(Button(press=Press.REOPEN, label=text, value=text),)),
        Digest(entries=(entry,) * 60, more=3, hour=NOON),
        PublicUpdate(incident=found, audience="internal", text=text, approved_by=text),
        PublicUpdate(incident=found, audience="customers", text=text, approved_by=text),
        ReviewView(incident=found, summary=(text,) * 20, action_items=(text,) * 20, link=text),
    ]


@pytest.mark.parametrize("nasty", NASTY)
def test_nasty_text_stays_inert_and_within_the_limits_of_every_message(nasty):
    for content in contents(nasty):
        rendered = conformant(content)

        assert "<!" not in rendered.text.replace("<!date^", "")
        assert "<@" not in rendered.text
        assert "broadcast" not in str(rendered.blocks)
        assert "'type': 'user'" not in str(rendered.blocks)
        assert "'mrkdwn'" not in str([block for block in rendered.blocks if block["type"] != "context"])


@given(st.text(st.characters(), max_size=400), st.integers(min_value=1, max_value=60))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_makes_messages_that_slack_takes(piece, times):
    for content in contents(piece * times):
        conformant(content)


def test_what_is_too_long_for_one_message_is_cut_visibly():
    wide = "\U0001f525" * 20_000
    statement = Statement(text="x" * 5_000, evidence_ids=("ev-1",))
    shown = given_a.brief(lines=(statement,) * 12, worded=(Statement(text=wide),), headline=wide)

    rendered = conformant(given_a.brief_view(shown))

    assert "… (shortened)" in said(rendered.blocks)


def test_what_is_left_out_of_a_card_a_brief_or_a_review_is_counted():
    links = {f"l{n}": f"https://wiki.example/{n}" for n in range(7)}
    refs = tuple(f"ev-{n}" for n in range(12))
    lines = tuple(Statement(text=ref, evidence_ids=(ref, f"{ref}x")) for ref in refs[:6])
    cause = given_a.hypothesis(supporting=(Statement(text="s", evidence_ids=("ev-1",)),) * 4)
    found = tuple(given_a.evidence(1, id=ref) for line in lines for ref in line.evidence_ids)
    known = given_a.brief(lines=lines, hypotheses=(cause,), note="", gaps=(), first_step=None)

    card = said(conformant(given_a.card(incident=given_a.incident(links=links), regrouped=("a",) * 7)).blocks)
    brief = said(conformant(given_a.brief_view(known, evidence=found)).blocks)
    review = ReviewView(incident=given_a.incident(), summary=("line",) * 10, action_items=("item",) * 12)

    assert "and 2 more merges and splits before" in card
    assert " · and 2 more" in card
    assert " · and 2 more under All causes" in brief
    assert "and 4 more pieces of evidence under All causes" in brief
    assert "and 2 more lines in the postmortem" in said(conformant(review).blocks)
    assert "itemand 2 moreDraft" in said(conformant(review).blocks)


@pytest.mark.parametrize(
    ("reason", "said"), [("It cannot be undone.", ": It cannot be undone."), (None, ", without a reason")]
)
def test_proposal_that_was_rejected_in_an_earlier_incident_says_why(reason, said):
    before = RejectedBefore(proposal_id="p", label="INC-41", at=given_a.NOON, reason=reason)

    shown = conformant(given_a.proposal_view(given_a.proposal(rejected_before=before)))

    assert any(line.startswith("Rejected in INC-41 ") and line.endswith(said) for line in lines_of(shown))


def test_proposal_says_who_asked_for_it():
    asked = conformant(given_a.proposal_view(given_a.proposal(requested_by="U0BEN")))

    assert "asked for by <@U0BEN>" in said(asked.blocks)


def test_durations_and_dates_are_said_in_words():
    long_ago = given_a.incident(started_at=NOON - timedelta(days=2, hours=4))

    assert "running for 2 d 4 h" in said(conformant(given_a.card(incident=long_ago)).blocks)
