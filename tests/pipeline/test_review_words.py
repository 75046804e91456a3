"""What log rows and messages read like, and how long things took."""

from datetime import timedelta

import pytest

from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline.reviewing import times, words

from .review_records import at, record, row
from .samples import NOON, alert, evidence, incident, points, proposal

DUE = "2026-11-24T12:00:00+00:00"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (row(1, LogKind.DECLARED, severity="P1", type="data_quality"), "Ana declared INC-1 as P1 (data quality)."),
        (row(1, LogKind.OPENED, "policy:triage", severity="P2", type="x"), "The triage policy opened INC-1 as P2 (x)."),
        (row(1, LogKind.ASSIGNED, person="U0SAM", role="commander"), "Ana made Sam the commander."),
        (
            row(1, LogKind.ASSIGNED, person="U0SAM", role="ops", **{"from": "U0ANA"}),
            "Ana made Sam the operations lead, after Ana.",
        ),
        (
            row(1, LogKind.SEVERITY_SET, "policy:score-sheet", **{"from": "P2", "to": "P1", "because": "it spreads"}),
            "The score sheet changed the severity from P2 to P1: it spreads.",
        ),
        (
            row(1, LogKind.MODEL_LOOKED, "copilot", told='The model puts "a" first.', steps=3, claims=9, struck=2),
            'The model puts "a" first. (3 steps, 2 of 9 claims struck)',
        ),
        (
            row(1, LogKind.SHADOWED, "copilot", title="Restart it"),
            "Kept silently, shown to nobody: Restart it.",
        ),
        (
            row(1, LogKind.SHADOW_SCORED, "policy:shadow", same=["a"], of=["a", "b"]),
            "Of 2 silent suggestions people did 1 without them.",
        ),
        (
            row(1, LogKind.UNASSIGNED, role="scribe", **{"from": "U0SAM"}),
            "Ana made the role scribe free, which Sam had.",
        ),
        (row(1, LogKind.UNASSIGNED, role="ops", **{"from": "U0ANA"}), "Ana made the role operations lead free."),
        (row(1, LogKind.REQUESTS_JUDGED, requests=20, bad=3), "Ana looked at 20 requests: 3 are bad."),
        (row(1, LogKind.RATED, stars=4), "Ana rated the copilot 4 of 5."),
        (
            row(1, LogKind.DEMOTED, "policy:learning", adviser="rule:change", record="rejected 5 of 5 times"),
            "What rule change suggests comes last from now on: rejected 5 of 5 times.",
        ),
        (
            row(1, LogKind.BRIDGE_SET, link="https://meet.example.net/7"),
            "Ana named the bridge: https://meet.example.net/7.",
        ),
        (row(1, LogKind.VENDOR_CASE, vendor="openai", case="4711"), "Ana noted case 4711 at openai."),
        (
            row(1, LogKind.AUTHORITY_DUE, "policy:regulatory", tell="the regulator", due=DUE, late=False),
            "The regulator had not been told; the deadline is 2026-11-24 12:00 UTC.",
        ),
        (
            row(1, LogKind.AUTHORITY_DUE, "policy:regulatory", tell="the regulator", due=DUE, late=True),
            "The regulator had not been told; the deadline was 2026-11-24 12:00 UTC.",
        ),
        (
            row(1, LogKind.AUTHORITY_TOLD, tell="the regulator", due=DUE, late=False, reference="R-9"),
            "Ana told the regulator in time, reference R-9.",
        ),
        (
            row(1, LogKind.AUTHORITY_TOLD, tell="the regulator", due=DUE, late=True, reference=""),
            "Ana told the regulator after the deadline.",
        ),
        (row(1, LogKind.SNAPSHOTTED, number=2), "Ana kept the evidence as it was: snapshot 2."),
        (row(1, LogKind.LEGAL_HOLD, on=True), "Ana set the legal hold on."),
        (row(1, LogKind.LEGAL_HOLD, on=False), "Ana set the legal hold off."),
        (row(1, LogKind.CHANNEL_ARCHIVED), "The channel was archived."),
        (row(1, LogKind.CHANNEL_KEPT), "Ana kept the channel."),
        (
            row(1, LogKind.DRILL_SCORED, scenario="seed_7", result="5 of 6 as it should be"),
            "The drill seed_7: 5 of 6 as it should be.",
        ),
        (row(1, LogKind.MODEL_STOPPED, investigation="i"), "Ana stopped the model."),
        (row(1, LogKind.STATUS_SET, quiet=True), "Ana held back the copilot's reminders."),
        (row(1, LogKind.STATUS_SET, quiet=False), "Ana let go on the copilot's reminders."),
        (
            row(1, LogKind.STATUS_SET, **{"from": "open", "to": "mitigated"}),
            "Ana set the status from open to mitigated.",
        ),
        (row(1, LogKind.ENDED, ending="false_alarm"), "Ana ended INC-1 as a false alarm."),
        (row(1, LogKind.ENDED, "policy:quiet", ending="self_recovered"), "INC-1 recovered by itself."),
        (row(1, LogKind.ENDED, ending="merged"), "Ana merged INC-1 into another incident."),
        (
            row(1, LogKind.RESOLVED, ending="resolved", red=True, check=[{"text": "1 alert fires", "ok": "False"}]),
            "Ana resolved INC-1. Restoration check: 1 alert fires. It was ended although the check was not clear.",
        ),
        (row(1, LogKind.REOPENED), "Ana reopened the incident."),
        (
            row(1, LogKind.REOPENED, "policy:reopen-window", because="it fires again"),
            "The reopening policy reopened the incident: it fires again.",
        ),
        (
            row(1, LogKind.READ_BACK, "policy:verify", proposal="p1", reached=True, read={"flag": "off"}),
            '"Restart checkout" was read back: flag off.',
        ),
        (
            row(1, LogKind.READ_BACK, "policy:verify", proposal="p1", reached=False, read={"flag": "on"}),
            '"Restart checkout" was not found done: flag on.',
        ),
        (
            row(1, LogKind.BROKE_GLASS, proposal="p1", needed=2),
            'Ana broke the glass, so that one person was enough, for "Restart checkout".',
        ),
        (
            row(1, LogKind.ESCALATED, "policy:escalation", rule="business", person="U0SAM", why="it is of tier 1"),
            "The escalation policy escalated to Sam: it is of tier 1.",
        ),
        (row(1, LogKind.ESCALATED, rule="by_hand", person="U0SAM", why=""), "Ana escalated to Sam."),
        (row(1, LogKind.PAGED, "policy:on-call", person="pager:pd", turn="pager"), "The on-call policy paged at pd."),
        (
            row(1, LogKind.PAGE_HEARD, "pager:pd", pager="pd", event="acknowledge", person="U0SAM"),
            "Sam acknowledged it at pd.",
        ),
        (
            row(1, LogKind.PAGE_HEARD, "pager:pd", pager="pd", event="resolve", person=""),
            "Somebody resolved it at pd.",
        ),
        (row(1, LogKind.MERGED, label="INC-2"), "Ana merged INC-2 into this incident."),
        (row(1, LogKind.MERGED, label="INC-2", into="i"), "Ana merged this incident into INC-2."),
        (row(1, LogKind.SPLIT, label="INC-2", split="i"), "Ana split INC-2 from this incident."),
        (row(1, LogKind.SPLIT, label="INC-2", **{"from": "i"}), "Ana split this incident from INC-2."),
        (row(1, LogKind.PROMOTED, alert="f1"), "Ana made an incident of a small alert."),
        (
            row(1, LogKind.PROPOSED, "copilot", proposal="p1", kind="check"),
            'The copilot proposed a step: "Restart checkout".',
        ),
        (row(1, LogKind.VOTED, proposal="p1"), 'Ana approved, as one of several people needed, "Restart checkout".'),
        (
            row(1, LogKind.APPROVED, proposal="p1", solo=True),
            'Ana approved "Restart checkout", alone, as the solo policy allows.',
        ),
        (row(1, LogKind.DONE, proposal="p1"), 'Ana did "Restart checkout".'),
        (row(1, LogKind.DONE, proposal="gone"), "Ana did a proposal."),
        (
            row(1, LogKind.REFUSED, proposal="p1", choice="approve", because="Approved by <@U0SAM> already."),
            'Ana asked to approve "Restart checkout"; it did not count: Approved by Sam already.',
        ),
        (
            row(1, LogKind.EXPIRED, "policy:expiry", proposal="p1", because="nobody decided in time"),
            '"Restart checkout" was taken back: nobody decided in time.',
        ),
        (
            row(1, LogKind.FAILED, "action:github_workflow", proposal="p1", outcome="Failed: HTTP 422"),
            '"Restart checkout" could not be carried out: Failed: HTTP 422',
        ),
        (row(1, LogKind.UNKNOWN, proposal="p1"), '"Restart checkout" ended with an unknown outcome.'),
        (
            row(1, LogKind.VERIFIED, "policy:verify", proposal="p1", healthy=False, found="still 20 %"),
            '"Restart checkout" did not help so far: still 20 %.',
        ),
        (row(1, LogKind.PUBLISHED, "copilot", audience="internal"), "An update for colleagues was published."),
        (
            row(1, LogKind.CORRECTED, "copilot", audience="customers", outlet="status"),
            "An update for customers was corrected at status.",
        ),
        (row(1, LogKind.RETRACTED, audience="external"), "Ana retracted an update for outside parties."),
        (row(1, LogKind.WITHDRAWN, "copilot", audience="management"), "An update for management was withdrawn."),
        (row(1, LogKind.KEPT_OPEN), "Ana said that somebody is still on it."),
        (
            row(1, LogKind.PAGED, "policy:on-call", person="U0SAM", turn="secondary"),
            "The on-call policy called Sam (secondary on call).",
        ),
        (row(1, LogKind.REVIEWED, "copilot"), "The copilot wrote the postmortem of INC-1."),
        (row(1, LogKind.POSTMORTEM_EDITED, section="impact"), "Ana edited the section impact."),
        (row(1, LogKind.POSTMORTEM_OWNED, person="U0SAM"), "Sam owns the postmortem."),
        (row(1, LogKind.POSTMORTEM_IN_REVIEW), "Ana put the postmortem into review."),
        (row(1, LogKind.POSTMORTEM_APPROVED), "Ana approved the postmortem."),
        (row(1, LogKind.POSTMORTEM_PUBLISHED), "Ana published the postmortem."),
        (row(1, LogKind.ITEM_ADDED, item=2), "Ana added action item 2."),
        (row(1, LogKind.ITEM_ASSIGNED, item=2, person="U0SAM"), "Ana assigned action item 2 to Sam."),
        (
            row(1, LogKind.ITEM_DUE_SET, item=2, due="2026-12-01"),
            "Ana set when action item 2 is due: 2026-12-01.",
        ),
        (row(1, LogKind.ITEM_DONE, item=2), "Ana finished action item 2."),
        (row(1, LogKind.CONFIGURED, "action:reload"), "The action reload: settings loaded."),
        (row(1, LogKind.CONFIGURED, "policy:new"), "The policy new: settings loaded."),
    ],
)
def test_each_log_row_is_a_sentence_with_names_and_policies_in_words(entry, said):
    assert words.sentence(record(entry, proposals=(proposal(id="p1", title="Restart checkout."),)), entry) == said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@U0ANA> and <@U0NEW|new>", "Ana and U0NEW"),
        (
            "see <https://example.org|the graph> or <https://example.org>",
            "see the graph (https://example.org) or https://example.org",
        ),
        ("<!channel> <!subteam^S1|@oncall> <#C1|general>", "channel @oncall #general"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
    ],
)
def test_a_message_reads_as_people_saw_it(text, shown):
    assert words.readable(record(), text) == shown


def test_words_that_were_erased_are_said_to_be():
    entry = row(1, LogKind.REASONED, proposal="p1", reason={"text": "t1", "sha256": "0" * 64})

    assert words.quoted(record(entry, texts={"t1": None}), entry) == "(erased)"
    assert words.quoted(record(entry, texts={"t1": "<@U0ANA> knows"}), entry) == "Ana knows"
    assert words.quoted(record(row(1, LogKind.DONE)), row(1, LogKind.DONE)) == ""


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3, "0 s"),
        (45, "45 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations_are_exact_where_it_matters(seconds, shown):
    assert times.exactly(timedelta(seconds=seconds)) == shown


def test_an_incident_that_is_not_over_has_no_duration_and_one_that_came_back_says_so():
    running = record(row(1, LogKind.OPENED), row(2, LogKind.REOPENED, seconds=90), incident=incident())

    assert times.resolve(running) is None
    assert [line.text for line in times.section(running).lines][-2:] == [
        "Not marked as mitigated before the end.",
        "Reopened at 12:01:30 UTC; the times count to the last end.",
    ]


def test_a_late_acknowledgement_is_said_to_be_late():
    taken = incident(acknowledged_at=at(2400), acknowledged_by="U0ANA", ended_at=at(3000), ending="resolved")
    late = record(row(1, LogKind.OPENED), row(2, LogKind.ACKNOWLEDGED, seconds=2400), incident=taken)

    lines = {line.text: line.tag for line in times.section(late).lines}

    assert lines["Acknowledged 40 min after opening, after the target of 30 min for P1."] == "late"


def test_the_time_over_the_limit_is_counted_from_the_readings():
    item = evidence(data={"points": points((4, 0.004), (5, 0.2), (2, 0.004), step_s=15), "unit": "ratio"})

    assert times.over_limit(alert(), item) == timedelta(seconds=75)
    assert times.over_limit(alert(expression="up and down"), item) is None


def test_the_onset_rests_on_the_alert_where_no_metric_was_read():
    early = incident(started_at=at(-60), ended_at=at(60), ending="resolved")

    assert times.onset_sources(record(incident=early, alerts=(alert(starts_at=NOON),))) == ()
