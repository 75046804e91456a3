"""Rules over a record: impact, causes, lessons and the action items that follow from them."""

import math

import pytest

from incident_copilot.domain.evidence import EvidenceGap, EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Statement, Verdict
from incident_copilot.domain.incident import Membership
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.domain.proposal import ProposalKind
from incident_copilot.pipeline.review import build
from incident_copilot.pipeline.reviewing import (
    causes,
    decisions,
    exhibits,
    follow_ups,
    lessons,
    pictures,
    sections,
    story,
)

from .review_records import at, entry, record, row, texts
from .samples import INCIDENT_ID, alert, brief, change, evidence, incident, points, proposal

OPENED = row(1, LogKind.OPENED, "policy:triage", severity="P1", type="availability")


def went_badly(found):
    return [line.text for line in lessons.went_badly(found).lines]


def went_well(found):
    return [line.text for line in lessons.went_well(found).lines]


def to_do(found):
    return [(item.kind, item.text, item.owner) for item in follow_ups.action_items(found)]


def test_an_alert_long_after_the_onset_asks_to_alert_sooner():
    late = record(OPENED, incident=incident(started_at=at(-600), team="shop"), alerts=(alert(),), names={})

    assert "The alert fired 10 min after the onset." in went_badly(late)
    assert ("detect", "Alert sooner: HighErrorRate fired 10 min after the onset", "shop") in to_do(late)


def test_what_a_policy_decides_is_nobodys_decision():
    decided = record(
        OPENED, row(2, LogKind.APPROVED, "policy:canary", proposal="p"), row(3, LogKind.APPROVED, proposal="p")
    )

    assert [line.text for line in sections._people(decided)] == ["Ana decided once."]


def test_an_incident_that_only_people_noticed_asks_for_an_alert():
    noticed = record(row(1, LogKind.DECLARED, severity="P1", type="availability"))

    assert "No alert told of it; a person noticed." in went_badly(noticed)
    assert ("detect", 'Alert on what people noticed: "High 5xx ratio on checkout"', None) in to_do(noticed)


@pytest.mark.parametrize(
    ("lasted", "asks"),
    [
        (600, []),
        (
            3600,
            [
                (
                    "process",
                    "Review with the owning team how its on-call is reached: no acknowledgement within 30 min",
                    None,
                )
            ],
        ),
    ],
)
def test_nobody_acknowledging_is_said_and_reviewed_once_the_target_was_missed(lasted, asks):
    found = record(OPENED, lasted=lasted, alerts=(alert(),))

    assert "Nobody acknowledged it." in went_badly(found)
    assert [item for item in to_do(found) if item[0] == "process"] == asks


def test_a_late_acknowledgement_and_a_call_to_the_secondary_went_badly():
    taken = incident(acknowledged_at=at(2400), acknowledged_by="U0ANA")
    called = row(2, LogKind.PAGED, "policy:on-call", person="U0SAM", turn="secondary")
    found = record(OPENED, called, row(3, LogKind.ACKNOWLEDGED), incident=taken, alerts=(alert(),))

    assert "It was acknowledged 40 min after opening; the target was 30 min." in went_badly(found)
    assert "The secondary had to be called." in went_badly(found)


def test_a_brief_in_time_went_well_and_a_late_one_badly():
    soon = record(OPENED, alerts=(alert(),), timeline=(entry(TimelineKind.BRIEF, seconds=4),))
    late = record(OPENED, alerts=(alert(),), timeline=(entry(TimelineKind.BRIEF, seconds=9),))

    assert "The brief was there 4 s after opening; its target is 5 s." in went_well(soon)
    assert "The brief was there 9 s after opening; its target is 5 s." in went_badly(late)


def test_severity_raised_later_is_a_lesson_and_lowered_is_none():
    raised = row(2, LogKind.SEVERITY_SET, **{"from": "P2", "to": "P1", "because": "it spreads"})
    lowered = row(3, LogKind.SEVERITY_SET, **{"from": "P1", "to": "P2", "because": "it is small"})

    found = went_badly(record(OPENED, raised, lowered, alerts=(alert(),)))

    assert [text for text in found if "raised" in text] == ["It was seen as P2 first and raised to P1 later."]


def test_actions_that_failed_or_did_not_help_ask_for_repair_and_a_note():
    did_not = row(
        2, LogKind.VERIFIED, "policy:verify", proposal="p1", healthy=False, found="still 20 %", evidence=["e1"]
    )
    failed = row(3, LogKind.FAILED, "action:github_workflow", proposal="p1", outcome="Failed: HTTP 422")
    found = record(
        OPENED, did_not, failed, proposals=(proposal(id="p1"),), evidence=(evidence(id="e1"),), alerts=(alert(),)
    )

    assert '"Restart checkout" did not help so far: still 20 %.' in went_badly(found)
    assert [item[:2] for item in to_do(found) if "Restart" in item[1]] == [
        ("process", 'Note in the runbook that "Restart checkout" did not help here'),
        ("mitigate", 'Find out why "Restart checkout" could not be carried out, and repair it'),
    ]


def test_customers_who_were_affected_and_not_told_are_a_lesson():
    drafted = row(2, LogKind.PROPOSED, "copilot", proposal="p1", kind="update", evidence=[])
    step = row(3, LogKind.PROPOSED, "copilot", proposal="p2", kind="check", evidence=[])
    offered = (proposal(ProposalKind.UPDATE, id="p1"), proposal(id="p2"))
    found = record(OPENED, step, drafted, proposals=offered, alerts=(alert(),))

    assert "Users were affected, and no update for customers was published." in went_badly(found)
    assert "Customers were not told through the copilot." in texts(sections.impact(found))


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "One proposal expired without a decision."), (2, "2 proposals expired without a decision.")],
)
def test_proposals_that_nobody_decided_are_counted(count, said):
    expired = [
        row(place, LogKind.EXPIRED, "policy:expiry", proposal=f"p{place}", because="nobody decided in time")
        for place in range(2, 2 + count)
    ]

    assert said in went_badly(record(OPENED, *expired, alerts=(alert(),)))


@pytest.mark.parametrize(
    ("actor", "found", "by"),
    [
        ("policy:verify", "back at 0.4 %", "verified on the alerting metric"),
        ("U0BEN", "people looked", "as people saw"),
    ],
)
def test_who_saw_that_an_action_worked_is_told(actor, found, by):
    worked = row(2, LogKind.VERIFIED, actor, proposal="p1", healthy=True, found=found, evidence=[])

    told = went_well(record(OPENED, worked, proposals=(proposal(id="p1"),), alerts=(alert(),)))

    assert f'"Restart checkout" worked: {found}, {by}.' in told


def test_a_refused_click_is_neither_good_nor_bad():
    refused = row(2, LogKind.REFUSED, proposal="p1", choice="approve", because="You need the role approver.")
    with_it = record(OPENED, refused, proposals=(proposal(id="p1"),), alerts=(alert(),))
    without = record(OPENED, proposals=(proposal(id="p1"),), alerts=(alert(),))

    assert (went_well(with_it), went_badly(with_it)) == (went_well(without), went_badly(without))


def test_a_source_that_could_not_be_asked_and_a_missing_runbook_are_lessons():
    gaps = (EvidenceGap(source="Loki", reason="no answer in 3 s"),)
    found = record(OPENED, brief=brief(gaps=gaps), timeline=(entry(TimelineKind.BRIEF),), alerts=(alert(),))

    assert "Loki could not be asked: no answer in 3 s." in went_badly(found)
    assert "No runbook fitted HighErrorRate." in went_badly(found)
    assert [item[:2] for item in to_do(found)][1:3] == [
        ("detect", "Make Loki answer during incidents (no answer in 3 s)"),
        ("process", "Write a runbook for HighErrorRate"),
    ]


def test_a_runbook_is_missed_by_the_title_where_there_is_no_alert():
    assert "No runbook fitted High 5xx ratio on checkout." in went_badly(record(OPENED, brief=brief()))


def test_coming_back_and_resolving_over_red_are_lessons():
    reopened = row(2, LogKind.REOPENED)
    over_red = row(3, LogKind.RESOLVED, ending="resolved", red=True)
    clear = row(4, LogKind.RESOLVED, ending="resolved", red=False)

    found = went_badly(record(OPENED, reopened, over_red, clear, alerts=(alert(),)))

    assert found[-2:] == [
        "It came back after it had ended.",
        "It was resolved while the restoration check was not clear.",
    ]


@pytest.mark.parametrize(
    ("kind", "thing", "asks"),
    [
        ("saturation", "payments", ("detect", "Alert before it runs out: the cause")),
        ("dependency", "payments", ("mitigate", "Decide how checkout goes on when payments fails, and test it")),
        ("external provider", "OpenAI", ("mitigate", "Add a fallback for when OpenAI is away, and test it")),
        ("traffic", None, ("prevent", "Limit or absorb load on checkout")),
        ("no change explains this", None, ("process", "Find the cause of INC-1: Look at the certificates")),
    ],
)
def test_the_likely_cause_asks_for_what_would_prevent_or_soften_it(kind, thing, asks):
    suspected = Hypothesis(
        cause="the cause",
        kind=kind,
        object=thing,
        verdict=Verdict.POSSIBLE,
        confidence=0.3,
        supporting=(Statement(text="it shows", evidence_ids=("e1",)),),
        next_check="Look at the certificates.",
    )
    found = record(OPENED, brief=brief(hypotheses=(suspected,)), evidence=(evidence(id="e1"),), alerts=(alert(),))

    assert to_do(found)[0][:2] == asks


def test_the_team_that_owns_the_change_owns_the_work_on_it():
    found = record(OPENED, brief=brief(), evidence=(change(id="e2"),), teams={"payments": "money"}, alerts=(alert(),))

    assert to_do(found)[0] == (
        "prevent",
        "Add a check that catches payments v2.31.0 (pool_size 20 -> 4) before it reaches production",
        "money",
    )


def test_what_has_no_evidence_is_marked_and_rests_on_the_brief_that_said_it():
    unsupported = Hypothesis(
        cause="something",
        kind="not enough data",
        verdict=Verdict.POSSIBLE,
        confidence=0.2,
        supporting=(Statement(text="Loki: no answer in 3 s"),),
    )
    told = entry(TimelineKind.BRIEF)

    lines = causes.section(record(OPENED, brief=brief(hypotheses=(unsupported,)), timeline=(told,))).parts[0].lines

    assert [(line.text, [one.ref for one in line.sources]) for line in lines][1:] == [
        ("Loki: no answer in 3 s. (Not backed by evidence.)", [f"timeline:{told.id}"])
    ]


def test_without_a_brief_no_cause_is_claimed():
    found = record(OPENED)

    assert causes.in_one_line(found).text == "No likely cause was found."
    assert causes.section(found).note == "No cause was looked for."


def test_a_rejected_update_rules_out_nothing():
    rejected = row(2, LogKind.REJECTED, proposal="p1", choice="reject")

    assert causes.section(record(OPENED, rejected, proposals=(proposal(ProposalKind.UPDATE, id="p1"),))).parts == ()


def test_a_change_that_people_approved_against_the_incident_is_no_cause():
    remedy = change(id="e3", version="v2.30.4", seconds_before=-60)
    suspected = Hypothesis(
        cause="payments v2.30.4", kind="change", verdict=Verdict.RULED_OUT, confidence=0, change_id="e3"
    )
    approved = row(2, LogKind.APPROVED, proposal="p1")
    known = {"brief": brief(hypotheses=(suspected,)), "evidence": (remedy,)}
    acted = (proposal(ProposalKind.ACTION, id="p1"), proposal(id="p2"))

    assert causes.section(record(OPENED, approved, proposals=acted, **known)).parts == ()
    assert [part.heading for part in causes.section(record(OPENED, **known)).parts] == ["payments v2.30.4"]


def test_a_metric_that_alerts_when_low_is_at_its_worst_at_its_lowest():
    low = alert(expression='job:http_errors:ratio{service="checkout"} < 0.9')
    dropped = evidence(data={"points": points((2, 0.99), (2, 0.5), until=at(60)), "unit": "ratio"})

    item, value = sections.peak(low, [dropped], at(0))

    assert (item, round(value, 2)) == (dropped, 0.49)


def test_a_metric_read_only_before_the_onset_says_nothing_of_the_impact():
    read_before = evidence(data={"points": points((2, 0.2), until=at(-600)), "unit": "ratio"})
    found = record(OPENED, alerts=(alert(),), evidence=(read_before,))

    assert sections.peak(alert(), [read_before], at(0)) is None
    assert [text for text in texts(sections.impact(found)) if "reached" in text] == []


def test_a_metric_without_a_limit_is_told_without_one():
    bare = alert(expression='job:http_errors:ratio{service="checkout"}')
    read_since = evidence(data={"points": points((2, 3.0), until=at(60)), "unit": "req/s"})
    found = record(OPENED, alerts=(bare,), evidence=(read_since,))

    assert texts(sections.impact(found))[1] == "HighErrorRate on checkout reached 3.03 req/s; last reading 2.97 req/s."
    assert len(sections.detection(found).lines) == 2


def test_a_metric_that_was_over_its_limit_only_after_the_alert_does_not_say_how_long_it_waited():
    later = evidence(data={"points": points((2, 0.2), until=at(60)), "unit": "ratio"})

    assert len(sections.detection(record(OPENED, alerts=(alert(),), evidence=(later,))).lines) == 2


def test_detection_tells_of_alerts_that_joined_and_leaves_out_unknown_ones():
    slow = alert("SlowRequests", starts_at=at(30), service=None)
    joins = [
        Membership(incident_id=INCIDENT_ID, fingerprint=fingerprint, reason="same cluster", joined_at=at(31))
        for fingerprint in (alert().fingerprint, slow.fingerprint, "gone")
    ]
    found = record(OPENED, alerts=(alert(expression=None), slow), memberships=tuple(joins))

    assert texts(sections.detection(found))[2:] == ["SlowRequests joined: same cluster."]
    assert texts(sections.detection(found))[0] == "HighErrorRate told of it, 0 s after the onset."


def test_alerts_without_a_service_name_none():
    found = record(OPENED, alerts=(alert(service=None, expression=None),))

    assert [text for text in texts(sections.impact(found)) if "Services" in text] == []


def test_an_incident_that_runs_has_no_duration_yet():
    running = record(OPENED, incident=incident(), alerts=(alert(),))

    assert [text for text in texts(sections.impact(running)) if "lasted" in text] == []
    assert [text for text in texts(sections.summary(running)) if "began" in text] == []
    assert "Impact" not in pictures.pictures(running)["timeline"].alt


def test_an_update_that_a_policy_sent_names_no_approver():
    published = row(2, LogKind.PUBLISHED, "copilot", seconds=60, proposal="p1", audience="internal")
    update = proposal(
        ProposalKind.UPDATE, id="p1", shown={"audience": "internal", "text": "We are on it, <@U0ANA> leads."}
    )

    part = sections.communications(record(OPENED, published, proposals=(update,))).parts[0]

    assert (part.heading, part.lines[0].text) == ("For colleagues", "Published 1 min after the onset.")
    assert part.lines[0].detail == "We are on it, Ana leads."


def test_who_decided_is_counted_and_nobody_is_said():
    rows = [row(place, LogKind.DONE, proposal=f"p{place}") for place in range(2, 5)]

    assert texts(sections.people(record(*rows))) == ["Ana decided 3 times."]
    assert sections.people(record()).note == "Nobody took part."


def test_a_proposal_that_nobody_saw_is_counted_and_not_on_the_timeline():
    closed = row(2, LogKind.EXPIRED, "policy:expiry", proposal="p1", because="INC-1 has ended")
    found = record(OPENED, closed, proposals=(proposal(id="p1"),))

    assert texts(story.section(found)) == ["The triage policy opened INC-1 as P1 (availability)."]
    assert decisions.section(found).note == (
        "Nothing was proposed. 1 more were prepared and never shown, as at most three are open at once."
    )


def test_a_pinned_message_is_quoted_once_and_marked():
    said = entry(text="the pool is exhausted", ref="C1:1", author="U0ANA")
    pinned = entry(TimelineKind.PINNED, text="the pool is exhausted", ref="C1:1", author="U0ANA")
    older = entry(TimelineKind.PINNED, text="from before", seconds=-60, ref="C1:0")
    noted = entry(TimelineKind.NOTE, text="by hand", seconds=60)

    lines = texts(story.section(record(timeline=(older, said, pinned, noted))))

    assert lines == ["Somebody wrote (pinned): from before", "Ana wrote (pinned): the pool is exhausted", "by hand"]


def test_very_many_messages_are_counted_and_pinned_ones_kept():
    many = [entry(text=f"message {place}", seconds=place, ref=f"C1:{place}", author="U0ANA") for place in range(600)]
    pinned = entry(TimelineKind.PINNED, text="message 599", seconds=599, ref="C1:599", author="U0ANA")

    section = story.section(record(timeline=(*many, pinned)))

    assert (len(section.lines), section.lines[-1].text) == (story.MOST_MESSAGES, "Ana wrote (pinned): message 599")
    assert section.note == "100 more messages are in the channel; pinned ones are all here."


def test_a_change_read_twice_is_told_once_from_the_reading_that_the_brief_cites():
    first, cited, again = change(id="e1"), change(id="e2"), change(id="e3")

    assert [item.id for item in record(brief=brief(), evidence=(first, cited, again)).changes()] == ["e2"]


@pytest.mark.parametrize(
    ("kind", "data", "facts", "quote"),
    [
        (EvidenceKind.METRIC, {"points": [], "unit": ""}, [("readings", "none")], ""),
        (EvidenceKind.METRIC, {"points": [[0, math.inf]], "unit": ""}, [("readings", "none")], ""),
        (
            EvidenceKind.METRIC,
            {"points": [[0, 1.0], [60, 3.0]], "unit": "requests"},
            [
                ("readings", "2, 00:00:00 to 00:01:00 UTC"),
                ("first", "1 requests"),
                ("lowest", "1 requests"),
                ("highest", "3 requests at 00:01:00 UTC"),
                ("last", "3 requests"),
            ],
            "",
        ),
        (
            EvidenceKind.LOG,
            {"lines": [[0, "order 17 failed"], [1, "order 18 failed"], [2, "up"]], "since": 0, "until": 60},
            [("lines", "3, 00:00:00 to 00:01:00 UTC")],
            "2 such lines: order 18 failed\n1 such lines: up",
        ),
        (EvidenceKind.STATUS_PAGE, {"provider": "OpenAI", "state": "outage"}, [], ""),
        (EvidenceKind.RUNBOOK, {"section": "checks", "text": "# Checks"}, [("section", "checks")], "# Checks"),
    ],
)
def test_an_exhibit_shows_the_numbers_and_words_of_its_kind(kind, data, facts, quote):
    item = evidence(kind, id="e1", query=None, data=data)
    found = record(evidence=(item,), brief=brief(hypotheses=(), first_step=None))
    cited = story.Section(key="k", heading="h", lines=(story.Line(text="t", sources=found.sources(["e1"])),))

    shown = exhibits.exhibits(found, [cited], [])[0]

    assert (list(shown.facts), shown.quote) == (facts, quote)


def test_charts_break_where_nobody_looked_and_need_two_points():
    assert pictures.merged([evidence(data={"points": [[0, 1.0]]})]) == ((0.0, 1.0),)
    first = evidence(data={"points": [[0, 1.0], [15, 1.0], [30, 1.0]]})
    second = evidence(data={"points": [[30, 1.0], [600, 2.0]]})

    joined = pictures.merged([first, second])

    assert [time for time, value in joined if math.isnan(value)] == [45.0]
    lonely = evidence(data={"points": points((1, 0.2)), "unit": "ratio"})
    assert list(pictures.pictures(record(OPENED, alerts=(alert(),), evidence=(lonely,)))) == ["timeline"]


def test_charts_mark_actions_only_and_tell_of_what_failed():
    log = (
        OPENED,
        row(2, LogKind.PROPOSED, "copilot", proposal="p1", kind="action", evidence=[]),
        row(3, LogKind.APPROVED, seconds=60, proposal="p1"),
        row(4, LogKind.APPROVED, seconds=70, proposal="p2"),
        row(
            5,
            LogKind.VERIFIED,
            "policy:verify",
            seconds=90,
            proposal="p1",
            healthy=False,
            found="still 20 %",
            evidence=[],
        ),
    )
    offered = (
        proposal(ProposalKind.ACTION, id="p1", title="Roll back"),
        proposal(ProposalKind.UPDATE, id="p2", title="Tell"),
    )
    read_all = evidence(data={"points": points((40, 0.2), until=at(300)), "unit": "ratio"})
    found = record(*log, proposals=offered, alerts=(alert(),), evidence=(read_all,), incident=incident())

    charts = pictures.pictures(found)

    assert "approved: Roll back" in charts["metric-1"].svg
    assert "approved: Tell" not in charts["metric-1"].svg
    assert "no help so far: Roll back" in charts["timeline"].alt
    assert "1 proposal" in charts["timeline"].alt


def test_an_incident_without_anything_but_its_opening_can_be_written():
    postmortem = build(record(OPENED, incident=incident(service=None, ended_at=at(60)), names={}))

    assert postmortem.facts == (
        ("Severity", "P1 high"),
        ("Began", "21 Nov 2026, 12:00 UTC"),
        ("Ended", "21 Nov 2026, 12:01 UTC"),
        ("Lasted", "1 min"),
        ("Ended as", "resolved"),
        ("State", "draft, for review"),
    )
    assert [line.text for section in postmortem.sections for line in section.all_lines if not line.sources] == []


def test_a_storm_of_alerts_is_told_in_few_lines():
    storm = [alert(f"Alert{place}", starts_at=at(place)) for place in range(30)]
    joins = [
        Membership(incident_id=INCIDENT_ID, fingerprint=one.fingerprint, reason="same service", joined_at=at(31))
        for one in storm
    ]

    read_since = evidence(data={"points": points((2, 0.2), until=at(60)), "unit": "ratio"})
    found = record(OPENED, alerts=tuple(storm), memberships=tuple(joins), evidence=(read_since,))

    assert [line for line in texts(sections.impact(found)) if "over its limit" in line] == [
        "HighErrorRate on checkout was over its limit for 15 s."
    ]
    assert [line for line in texts(sections.detection(found)) if "joined" in line][-2:] == [
        "Alert20 joined: same service.",
        "9 more alerts joined; the timeline has them.",
    ]


def test_many_alerts_are_counted_in_a_chart_of_their_own():
    came = tuple(entry(TimelineKind.ALERT, seconds=10 * number) for number in range(40))
    ended = incident(ended_at=at(600), mitigated_at=at(200))

    charts = pictures.pictures(record(OPENED, incident=ended, timeline=came))
    few = pictures.pictures(record(OPENED, timeline=came[:7]))
    loud = pictures.pictures(record(OPENED, alerts=tuple(alert(starts_at=at(number)) for number in range(13))))

    assert charts["alerts"].alt == "Alerts in each 1 min: between 0 and 6, now 0. Marked: mitigated."
    assert "alerts" not in few
    assert "Alerts: 13 alerts" in loud["timeline"].alt
