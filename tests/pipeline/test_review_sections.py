"""Sections that answer what templates of postmortems ask: harm in numbers, trigger, response, luck, lessons, AI."""

from datetime import date, timedelta

import pytest

from incident_copilot.domain.evidence import EvidenceGap, EvidenceKind
from incident_copilot.domain.hypothesis import Phase, PhaseFound, Statement
from incident_copilot.domain.incident import Duty
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.domain.proposal import ProposalKind
from incident_copilot.domain.support_hours import SupportHours
from incident_copilot.domain.worth import Worth
from incident_copilot.pipeline.review import build
from incident_copilot.pipeline.reviewing import (
    effectiveness,
    follow_ups,
    harm,
    learnt,
    luck,
    of_ai,
    sections,
    trigger,
)
from incident_copilot.pipeline.reviewing.cast import cast

from .review_records import at, entry, record, row, texts
from .samples import alert, brief, change, evidence, hypothesis, incident, points, proposal

GONE = Statement(text="x carries what is not held any more", evidence_ids=("gone",))
OPENED = row(1, LogKind.OPENED, "policy:triage", severity="P1", type="availability")
LOADED = evidence(data={"points": points((10, 0.2), until=at(135)), "unit": "ratio", "service": "checkout"})


def said(lines):
    return [line.text for line in lines]


def test_harm_is_counted_from_the_failing_share_and_what_the_catalogue_says():
    worth = Worth(
        requests_per_minute=1000, active_users=5000, slo=0.999, slo_days=30, cost_per_minute=50, currency="EUR"
    )
    found = record(OPENED, alerts=(alert(),), evidence=(LOADED,), worth=worth)

    assert said(harm.in_numbers(found)) == [
        "Up to 1,010 of about 5,000 users at a time were affected.",
        "About 450 requests failed.",
        "It used 1% of the error budget of 30 days: 0.5 of 43.2 min at 99.9 %.",
        "It cost about 23 EUR.",
    ]


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"alerts": (alert(),), "evidence": (LOADED,)}, "the catalogue does not say what checkout is worth"),
        ({"worth": Worth()}, "none of 0 pieces of evidence measures the share of requests that failed"),
        (
            {"alerts": (alert(expression="availability < 0.9"),), "evidence": (LOADED,)},
            "none of 1 pieces of evidence measures the share of requests that failed",
        ),
    ],
)
def test_harm_that_cannot_be_counted_is_said_to_be_unknown(fields, because):
    (line,) = harm.in_numbers(record(OPENED, **fields))

    assert line.text == "Not known: how much of users, requests, the error budget and money was affected."
    assert [source.label for source in line.sources] == [because]


def test_what_one_number_tells_leaves_the_others_unknown():
    found = record(OPENED, alerts=(alert(),), evidence=(LOADED,), worth=Worth(active_users=10, slo=0.99, slo_days=1))
    found_with_cost = record(
        OPENED,
        alerts=(alert(),),
        evidence=(LOADED,),
        worth=Worth(active_users=10, slo=0.99, slo_days=1, requests_per_minute=1),
    )

    assert said(harm.in_numbers(found))[-1] == "Not known: how much of requests and money was affected."
    assert said(harm.in_numbers(found_with_cost))[-1] == "Not known: how much of money was affected."


def test_money_alone_is_counted_where_only_that_is_known():
    found = record(OPENED, alerts=(alert(),), evidence=(LOADED,), worth=Worth(cost_per_minute=50))

    assert said(harm.in_numbers(found)) == [
        "It cost about 23 USD.",
        "Not known: how much of users, requests and the error budget was affected.",
    ]


def test_share_that_nobody_read_meanwhile_is_zero():
    early = evidence(data={"points": points((3, 0.2), until=at(-900)), "unit": "ratio", "service": "checkout"})

    assert harm.worst(record(OPENED, alerts=(alert(),)), early) == 0.0


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        (
            {"brief": brief(hypotheses=(hypothesis(change_id="c1"),)), "evidence": (change(id="c1"),)},
            ["It was set off, as far as the evidence goes, by payments v2.31.0, 3 min 30 s before the onset."],
        ),
        (
            {
                "brief": brief(hypotheses=(hypothesis(change_id="c1"),)),
                "evidence": (change(id="c1", seconds_before=-30), change("search", "v2", id="c2")),
            },
            [
                "It was set off, as far as the evidence goes, by payments v2.31.0, 30 s after the measured onset.",
                "Also before the onset: search v2, 3 min 30 s before the onset.",
            ],
        ),
        (
            {"brief": brief(hypotheses=(hypothesis(kind="traffic", cause="4 times the usual traffic"),))},
            [
                "The load rose: 4 times the usual traffic.",
                "No change is known in the hour before the onset.",
            ],
        ),
        ({}, ["What set it off is not known.", "No change is known in the hour before the onset."]),
    ],
)
def test_trigger_is_what_came_right_before_the_onset(fields, lines):
    found = trigger.section(record(OPENED, **fields))

    assert texts(found) == lines
    assert all(line.sources for line in found.all_lines)


def test_response_is_counted_with_its_outcomes_and_the_time_people_took():
    shown = [row(place, LogKind.PROPOSED, "copilot", proposal=f"p{place}", kind="action") for place in (2, 3, 4, 5)]
    decided = [
        row(6, LogKind.APPROVED, seconds=60, proposal="p2"),
        row(7, LogKind.APPROVED, seconds=20, proposal="p3"),
        row(8, LogKind.REJECTED, seconds=30, proposal="p4"),
        row(9, LogKind.CARRIED_OUT, "action:x", seconds=61, proposal="p2"),
        row(10, LogKind.FAILED, "action:x", seconds=62, proposal="p3"),
        row(11, LogKind.VERIFIED, "policy:verify", seconds=90, proposal="p2", healthy=True, found="ok"),
    ]

    lines = said(effectiveness.in_numbers(record(OPENED, *shown, *decided)))

    assert lines == [
        "4 proposals were shown: 2 approved, 1 rejected.",
        "2 approved actions were carried out: 1 worked, 1 could not be carried out.",
        "From proposal to decision it took 30 s in the median.",
    ]


def test_response_without_outcomes_says_what_is_not_known():
    shown = row(2, LogKind.PROPOSED, "copilot", proposal="p", kind="action")
    carried = row(3, LogKind.CARRIED_OUT, "action:x", proposal="p")

    assert said(effectiveness.in_numbers(record(OPENED))) == []
    assert said(effectiveness.in_numbers(record(OPENED, shown))) == ["1 proposal was shown: none was decided."]
    assert said(effectiveness.in_numbers(record(OPENED, shown, carried)))[1:] == [
        "1 approved action was carried out: of 1 the outcome was not measured."
    ]


@pytest.mark.parametrize(
    ("log", "fields", "lucky"),
    [
        (
            (OPENED,),
            {"alerts": (alert(),), "lasted": 3600},
            ["It ended although no action of the copilot's was taken."],
        ),
        (
            (row(1, LogKind.DECLARED), row(2, LogKind.DONE, proposal="p")),
            {"lasted": 3600},
            ["A person happened to notice; no alert would have told."],
        ),
        (
            (OPENED, row(2, LogKind.ACKNOWLEDGED), row(3, LogKind.DONE, proposal="p")),
            {
                "alerts": (alert(),),
                "incident": incident(acknowledged_at=at(1740), ended_at=at(3600), ending="resolved"),
            },
            ["It was acknowledged 1 min before the target was missed."],
        ),
        (
            (OPENED, row(2, LogKind.ENDED)),
            {"alerts": (alert(),), "incident": incident(ended_at=at(300), ending="self_recovered")},
            ["It recovered by itself.", "It was short: nobody had taken it when it ended."],
        ),
        ((OPENED, row(2, LogKind.DONE, proposal="p")), {"alerts": (alert(),), "lasted": 3600}, []),
    ],
)
def test_luck_is_what_helped_although_nobody_had_seen_to_it(log, fields, lucky):
    found = luck.section(record(*log, **fields))

    assert texts(found) == lucky
    assert found.note == ("" if lucky else "No rule found anything; add what you saw.")


def test_beginning_within_working_hours_was_luck():
    hours = SupportHours(days=("sat",), begin="09:00", end="17:00", zone="Europe/Berlin")

    found = luck.section(record(OPENED, alerts=(alert(),), working_hours=hours, lasted=3600))

    assert texts(found)[0] == "It began on a Saturday at 13:00 (Europe/Berlin), within working hours."


def test_lessons_follow_from_the_cause_and_from_what_helped():
    action = proposal(ProposalKind.ACTION, title="Roll back payments to v2.30.4")
    verified = [
        row(2, LogKind.VERIFIED, proposal=action.id, healthy=True, found="ok"),
        row(3, LogKind.VERIFIED, proposal=action.id, healthy=False, found="20 %"),
    ]
    suspect = hypothesis(kind="external provider", cause="openai has an incident of its own")
    taught = record(
        OPENED,
        *verified,
        brief=brief(hypotheses=(suspect,)),
        proposals=(action,),
        alerts=(alert(),),
        incident=incident(started_at=at(-600), ended_at=at(60)),
    )

    assert texts(learnt.section(taught)) == [
        "Checkout has no way around its provider: openai has an incident of its own.",
        '"Roll back payments to v2.30.4" helped against it.',
        '"Roll back payments to v2.30.4" did not help against it.',
        "What to see sooner: The alert fired 10 min after the onset.",
    ]
    assert learnt.section(record(OPENED, alerts=(alert(),))).note == "No rule found a lesson."


def test_open_questions_are_what_the_record_does_not_answer():
    gap = EvidenceGap(source="Loki", reason="no answer in 3 s")
    unsettled = record(
        OPENED,
        brief=brief(hypotheses=(hypothesis(cause="payments v2.31.0", next_check="Read its diff."),), gaps=(gap,)),
        timeline=(entry(TimelineKind.BRIEF),),
    )
    nothing = record(OPENED, alerts=(alert(),), evidence=(LOADED,), worth=Worth(slo=0.9))
    settled = learnt.open_questions(
        record(
            OPENED,
            alerts=(alert(),),
            evidence=(LOADED,),
            worth=Worth(slo=0.9),
            brief=brief(hypotheses=(hypothesis(next_check=""),)),
        )
    )

    assert texts(learnt.open_questions(unsettled)) == [
        "Is it payments v2.31.0? To settle it: Read its diff.",
        "What would Loki have shown? It could not be asked.",
        "How many users were affected, and what did it cost?",
    ]
    assert texts(learnt.open_questions(nothing)) == ["What caused it?"]
    assert (texts(settled), settled.note) == ([], "Nothing is left open by the record.")


AI = alert(
    "GroundednessLow",
    description="",
    summary="Answers are not grounded",
    expression="groundedness < 0.8",
    starts_at=at(90),
)


def test_incident_of_an_ai_system_is_asked_its_own_questions():
    metric = evidence(title="groundedness of assistant", query="groundedness")
    found = record(
        row(1, LogKind.OPENED, severity="P1", type="quality_degradation"),
        incident=incident(incident_type="quality_degradation", ended_at=at(600), team="ai"),
        alerts=(AI,),
        timeline=(entry(TimelineKind.ALERT, ref=f"alert:{AI.fingerprint}|firing"),),
        evidence=(metric,),
    )
    (section,) = of_ai.sections_of(found)

    assert [(part.heading, [line.text for line in part.lines]) for part in section.parts] == [
        ("What was the AI doing wrong?", ["Answers are not grounded."]),
        (
            "How did we detect it?",
            ["GroundednessLow told of it, 1 min 30 s after the onset. Its rule: groundedness < 0.8."],
        ),
        ("Why did we not catch it sooner?", ["The metric was first over its limit 1 min 30 s before the alert fired."]),
        ("What evaluation gaps existed?", ["It was measured: groundedness of assistant."]),
        (
            "Were there warning signs in the metrics?",
            ["The alerting metric had left its normal level 1 min 30 s before the alert."],
        ),
    ]
    assert all(line.sources for line in section.all_lines)
    assert [(item.kind, item.text) for item in of_ai.action_items(found)] == [
        ("prevent", "Add the case of INC-1 to the regression tests: incident-copilot ai export-set INC-1"),
        ("prevent", "Hold back answers under a confidence that people agree on, and send those cases to people"),
        ("detect", "Detect the way in which it failed in INC-1 before users do"),
        ("process", "Update the evaluation criteria with what INC-1 showed"),
        ("detect", "Watch the quality metrics that moved in INC-1"),
    ]


def test_phases_of_the_brief_answer_what_was_wrong_what_was_not_seen_and_what_could_have_told():
    requests = evidence(EvidenceKind.SAMPLE, title="Requests to assistant", query=None, data={})
    tokens = evidence(title="tokens of assistant", query="tokens")
    carries = "version=v2 carries 92% of the loss"
    shown = (
        PhaseFound(
            phase=Phase.STATISTICAL,
            found=(
                Statement(text="groundedness of assistant changed its level at 12:00 UTC", evidence_ids=(tokens.id,)),
                Statement(text="It was 9 a week before: it is not of the season", evidence_ids=(tokens.id,)),
                Statement(text="With it tokens of assistant rose from 1 to 2", evidence_ids=(tokens.id,)),
                Statement(text="With it what is not held rose", evidence_ids=("gone",)),
            ),
        ),
        PhaseFound(phase=Phase.LINEAGE, missing=("the catalogue names no dataset",)),
        PhaseFound(phase=Phase.MODEL, found=(Statement(text=carries, evidence_ids=(requests.id,)), GONE)),
    )
    found = record(
        row(1, LogKind.DECLARED),
        incident=incident(incident_type="context_retrieval", ended_at=at(60)),
        evidence=(requests, tokens),
        brief=brief(phases=shown),
    )
    (section,) = of_ai.sections_of(found)

    lines = {part.heading: [line.text for line in part.lines] for part in section.parts}
    assert lines["What was the AI doing wrong?"][-1] == f"{carries}."
    assert lines["What evaluation gaps existed?"][-1] == "Could not be looked at: the catalogue names no dataset."
    assert lines["Were there warning signs in the metrics?"][1:] == ["With it tokens of assistant rose from 1 to 2."]
    assert all(line.sources for line in section.all_lines)
    assert [item.text for item in of_ai.action_items(found)][1] == (
        "Answer only from passages that are fresh and cited, and say so where there are none"
    )


def test_ai_incident_that_a_person_declared_says_what_is_not_known():
    found = record(row(1, LogKind.DECLARED), incident=incident(title="The model refuses everything", ended_at=at(60)))
    (section,) = of_ai.sections_of(found)

    assert [[line.text for line in part.lines] for part in section.parts] == [
        ["As it was declared: The model refuses everything."],
        ["A person declared the incident; no alert told of it."],
        ["The record does not say; people answer this."],
        ["No evaluation of the model's quality is among the evidence."],
        ["None that the record holds."],
    ]


def test_other_incidents_are_not_asked_about_ai():
    found = record(OPENED, alerts=(alert(),))

    assert (of_ai.sections_of(found), list(of_ai.action_items(found))) == ((), [])


def test_action_items_are_due_by_type_and_sooner_after_an_outage():
    usual = record(OPENED, alerts=(alert(),))
    outage = record(OPENED, alerts=(alert(),), incident=incident(severity="P0", ended_at=at(60)))
    ended = date(2026, 11, 21)

    assert [follow_ups.due(usual, kind) - ended for kind in ("prevent", "detect", "other")] == [
        timedelta(days=30),
        timedelta(days=14),
        timedelta(days=14),
    ]
    assert follow_ups.due(outage, "prevent") - ended == timedelta(days=15)


def test_people_are_called_by_the_part_they_played():
    led = incident(commander="U0BEN", duties={Duty.SCRIBE: "U0CARA"}, acknowledged_by="U0ANA")
    log = (
        row(1, LogKind.PAGED, "policy:on-call", person="U0ANA", turn="primary"),
        row(2, LogKind.PAGED, "U0BEN", person="U0LEO", turn="asked"),
        row(3, LogKind.APPROVED, "U0LEO", seconds=5, proposal="p"),
    )
    wrote = (entry(author="U0SAM", seconds=9), entry(author="U0GUS", seconds=10, deleted=True))

    assert cast(led, log, wrote) == {
        "U0BEN": "the commander",
        "U0CARA": "the scribe",
        "U0ANA": "the primary on call",
        "U0LEO": "responder 1",
        "U0SAM": "responder 2",
    }
    assert cast(incident(acknowledged_by="U0ANA"), (), ()) == {"U0ANA": "the first responder"}


def test_sentences_say_parts_and_who_took_part_says_names():
    found = record(
        OPENED,
        row(2, LogKind.ACKNOWLEDGED),
        cast={"U0ANA": "the commander", "U0SAM": "responder 1", "U0X": "responder 2"},
        timeline=(entry(author="U0SAM"),),
    )

    assert texts(sections.people(found))[:4] == [
        "The commander: Ana.",
        "Responder 1: Sam.",
        "Responder 2: U0X.",
        "The commander acknowledged INC-1.",
    ]
    assert [line.actor for line in build(found).ledger] == ["the triage policy", "Ana"]
