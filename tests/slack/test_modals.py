"""Forms and closer looks: short, prefilled, within Slack's limits, and read back as they were filled in."""

import pytest
import slack_samples as given_a
from slack_samples import NASTY, NOON, said
from slack_sdk.models.views import View

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.heartbeat import Heartbeat
from incident_copilot.domain.hypothesis import Statement
from incident_copilot.domain.incident import Factor, Severity
from incident_copilot.domain.priority import Priority, Urgency
from incident_copilot.domain.source_health import SourceHealth
from incident_copilot.pipeline.ending import CheckLine, RestorationCheck
from incident_copilot.sandbox.conformance import check_view
from incident_copilot.slack.views import roles
from incident_copilot.slack.views.home import home
from incident_copilot.slack.views.modals import declare, forms, looks
from incident_copilot.slack.views.modals.parts import filled_in

GREEN = RestorationCheck(lines=(CheckLine(text="all 2 alerts have resolved", ok=True),))
RED = RestorationCheck(lines=(CheckLine(text="1 of 2 alerts still firing", ok=False), CheckLine(text="x", ok=None)))


def conformant(view):
    """Let the sandbox's rules and Slack's own models judge a view."""
    check_view(view, view["type"])
    View(**view).to_dict()
    return view


def required(view):
    """The inputs that must be filled in."""
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input" and not block["optional"]]


def test_update_is_prefilled():
    view = conformant(forms.edit_update(given_a.update()))

    assert view["private_metadata"] == f"{given_a.PROPOSAL_ID}:1"
    assert view["blocks"][0]["element"]["initial_value"] == "Some payments fail. We are on it: https://status.example/."
    assert required(view) == ["text"]


def test_reason_has_quick_choices_and_needs_none():
    assert required(conformant(forms.reason(given_a.PROPOSAL_ID, "Roll back"))) == []


@pytest.mark.parametrize(
    ("check", "refusal", "asks"),
    [(GREEN, "", ["ending", "note"]), (RED, "Not restored yet", ["anyway", "ending", "note"])],
)
def test_resolving_over_red_asks_once_more(check, refusal, asks):
    view = conformant(forms.resolve(given_a.incident(), check, refusal))

    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == asks
    assert said(view["blocks"][:1]).startswith(refusal or "Restoration check")


def test_severity_and_commander_are_chosen():
    severity = conformant(forms.severity(given_a.incident()))
    assign = conformant(roles.form(given_a.incident()))

    assert severity["blocks"][0]["element"]["initial_option"]["value"] == "P1"
    assert required(assign) == ["duty", "who"]


def test_what_was_filled_in_is_read_back():
    state = {
        "values": {
            "title": {"value": {"type": "plain_text_input", "value": " down "}},
            "note": {"value": {"type": "plain_text_input", "value": None}},
            "severity": {"value": {"selected_option": {"value": "P1"}}},
            "service": {"value": {"selected_option": None}},
            "approve": {"value": {"selected_options": [{"value": "approve"}]}},
            "anyway": {"value": {"selected_options": []}},
            "who": {"value": {"selected_user": "U0BEN"}},
            "odd": {},
        }
    }

    assert filled_in({"state": state}) == {
        "title": "down",
        "note": "",
        "severity": "P1",
        "service": "",
        "approve": "approve",
        "anyway": "",
        "who": "U0BEN",
        "odd": "",
    }
    assert filled_in({}) == {}


@pytest.mark.parametrize(
    ("kind", "data", "shown"),
    [
        (EvidenceKind.METRIC, {"points": [[1, 0.05], [2, 0.2], [3, None]], "unit": "%"}, "now 0.2 %, lowest 0.05 %"),
        (EvidenceKind.METRIC, {"points": []}, "20 % against 5 %\nFrom Prometheus"),
        (EvidenceKind.LOG, {"lines": [[1, "QueuePool limit"], [2, "timeout"]]}, "Sample linesQueuePool limit\ntimeout"),
        (EvidenceKind.LOG, {}, "20 % against 5 %\nFrom Prometheus"),
        (
            EvidenceKind.CHANGE,
            {
                "service": "payments",
                "version": "v2.31.0",
                "previous": "v2.30.4",
                "author": "dev",
                "at": 1795262400,
                "diff": "pool_size 20 -> 4",
            },
            "Service: payments\nVersion: v2.30.4 to v2.31.0\nDeployed: \nBy: dev",
        ),
        (EvidenceKind.CHANGE, {"at": "soon"}, "Version: unknown"),
        (EvidenceKind.CHANGE, {"version": "v1", "at": 1e18}, "Version: v1\nFrom"),
        (
            EvidenceKind.TRACE,
            {
                "spans": [
                    {
                        "service": "payments",
                        "operation": "POST /pay",
                        "failing": 12,
                        "slow": 3,
                        "before": 0,
                        "slowest_ms": 4200.4,
                    }
                ]
            },
            "Requestspayments POST /pay: 12 failed, 3 slow, 0 before; slowest 4,200 ms",
        ),
        (
            EvidenceKind.PROFILE,
            {"functions": [{"function": "json.dumps", "before": 0.031, "during": 0.41}]},
            "Functionsjson.dumps: 41.0%, 3.1% before",
        ),
        (EvidenceKind.NOTE, {"text": "two tickets"}, "What it saystwo tickets"),
        (EvidenceKind.ERROR, {"service": "checkout", "count": 40, "first_seen": 1}, "Service: checkout\nTimes: 40\n"),
        (EvidenceKind.PERSON, {"name": "Ana", "schedule": "Shop"}, "Schedule: Shop"),
        (EvidenceKind.STATUS_PAGE, {"provider": "openai", "state": "degraded", "since": None}, "State: degraded"),
        (
            EvidenceKind.RUNBOOK,
            {"steps": ["look", {"text": "read"}, {"title": "write"}, {"x": 1}]},
            "Stepslook\nread\nwrite\n{'x': 1}",
        ),
        (EvidenceKind.ALERT, {}, "20 % against 5 %\nFrom Prometheus"),
    ],
)
def test_evidence_shows_its_facts(kind, data, shown):
    view = conformant(looks.evidence(given_a.evidence(kind=kind, data=data)))

    assert shown in said(view["blocks"])
    assert said(view["blocks"]).endswith("Querysum(rate(errors[1m]))")


def test_evidence_without_query_link_and_chart_shows_none():
    view = conformant(looks.evidence(given_a.evidence(query=None, link=None, data={})))

    assert len(view["blocks"]) == 1
    assert "Open at the source" not in said(view["blocks"])


def test_chart_has_words_for_those_who_do_not_see_it():
    view = conformant(looks.evidence(given_a.evidence(), "F0CHART"))

    assert view["blocks"][1] == {
        "type": "image",
        "slack_file": {"id": "F0CHART"},
        "alt_text": "Chart of error rate 1: 20 % against 5 %",
    }


def test_cause_says_how_it_comes_about_and_what_would_settle_it():
    shown = given_a.brief_view()
    told = {"mechanism": "it took the pool", "confirm": "a larger pool helps", "refute": "the pool has room"}
    first = shown.brief.hypotheses[0].model_copy(update=told)
    known = first.model_copy(update={"record": "worked 5 of 6 times: it counts more than what is new"})
    brief = shown.brief.model_copy(update={"hypotheses": (first,)})

    view = conformant(looks.alternatives(shown.model_copy(update={"brief": brief})))

    lines = said(view["blocks"]).splitlines()
    assert lines[1] == "How: it took the pool"
    assert "Confirms it: a larger pool helps" in lines
    assert lines[-1].startswith("Refutes it: the pool has room")
    again = shown.brief.model_copy(update={"hypotheses": (known,)})
    learned = said(looks.alternatives(shown.model_copy(update={"brief": again}))["blocks"])
    assert "Before: rule change worked 5 of 6 times: it counts more than what is new" in learned


def test_causes_are_shown_with_what_speaks_for_and_against_them():
    view = conformant(looks.alternatives(given_a.brief_view()))

    assert said(view["blocks"][:2]) == (
        "payments v2.31.0 was deployed 30 s before the onset (likely, high confidence)\n"
        "For: pool_size 20 -> 4 [2]\n"
        "Against: checkout has its own pool [3]\n"
        "To check: roll back and look at the error rate"
        "Evidence 2Evidence 3"
    )
    assert "checkout v5.8.1 (ruled out)" in said(view["blocks"])
    assert said(view["blocks"]).endswith("20 % of requests fail, 5 % is the limit [1]it began three minutes ago")


def test_what_is_left_out_of_a_closer_look_is_counted():
    long = given_a.hypothesis(supporting=(Statement(text="because", evidence_ids=("ev-2",)),) * 8)
    logs = {"lines": [[n, "timeout"] for n in range(15)]}
    alert = Alert(source="s", fingerprint="f", name="Watchdog", status=AlertStatus.FIRING, starts_at=given_a.NOON)
    beats = (Heartbeat.first("alertmanager", alert, given_a.NOON),) * 7

    causes = conformant(looks.alternatives(given_a.brief_view(given_a.brief(hypotheses=(long,)))))
    lines = conformant(looks.evidence(given_a.evidence(kind=EvidenceKind.LOG, data=logs)))
    sources = conformant(home([], [SourceHealth(source="alertmanager", heartbeats=beats)]))

    assert "and 3 more for it" in said(causes["blocks"])
    assert "12 of 15 sample lines" in said(lines["blocks"])
    assert "and 2 more watchdogs" in said(sources["blocks"])


def test_no_cause_is_said_to_be_none():
    unsure = given_a.hypothesis(
        supporting=(Statement(text="a guess"),), contradicting=(), next_check="", confidence=0.5
    )

    none = conformant(looks.alternatives(given_a.brief_view(given_a.brief(hypotheses=(), lines=()))))
    guess = conformant(looks.alternatives(given_a.brief_view(given_a.brief(hypotheses=(unsure,)))))

    assert said(none["blocks"]) == "No cause stands out yet."
    assert "(likely, medium confidence)\nFor: a guess" in said(guess["blocks"])


def test_score_sheet_shows_what_is_unknown_as_unknown():
    view = conformant(looks.score(given_a.incident(severity=Severity.P0), given_a.sheet()))

    assert said(view["blocks"]) == (
        "Proposed: P1 high · score 0.70 of 1\n"
        "Weights for the type quality degradation; what is unknown is left out of them.\n"
        "It is P0 critical now: somebody set it."
        "Factors"
        "user: 0.80 (weight 0.30): 20 % of requests fail"
        "business: unknown (weight 0.30): unknown: the catalogue names no tier"
        "Rules that raised it"
        "label critical is at least P1"
        "P0 from 0.8, P1 from 0.6, P2 from 0.4, else P3."
    )


def test_reason_that_counts_nothing_is_shown_without_a_number():
    owner = Factor(name="owner", impact=None, weight=0.0, reason="team shop: it reads like its examples (cart)")
    view = conformant(looks.score(given_a.incident(), given_a.sheet(factors=(owner,))))

    assert "owner: team shop: it reads like its examples (cart)" in said(view["blocks"])


def test_score_of_nothing_known_is_unknown():
    view = conformant(looks.score(given_a.incident(), given_a.sheet(score=None, floors=(), factors=())))

    assert "score unknown of 1" in said(view["blocks"])


def test_home_lists_twenty_incidents_and_says_how_many_more():
    running = [(given_a.incident(channel_id=None), [given_a.proposal()]) for _ in range(25)]

    view = conformant(home(running))

    assert "and 5 more: /incident list" in said(view["blocks"])


def test_home_says_how_urgent_each_incident_is():
    told = given_a.incident()
    priority = Priority(severity=Severity.P1, urgency=(Urgency(points=3, reason="nobody has acknowledged"),))

    view = conformant(home([(told, [])], (), {told.id: priority}))

    assert "Priority 33: P1 30, nobody has acknowledged +3" in said(view["blocks"])


def test_home_tells_how_the_alert_sources_do():
    sources = [
        SourceHealth(source="alertmanager", last_at=given_a.NOON, lag_s=12.4),
        SourceHealth(source="grafana", last_at=given_a.NOON, not_understood=3),
        SourceHealth(source="zabbix"),
    ]

    shown = said(conformant(home([], sources))["blocks"])

    assert "alertmanager  last delivery " in shown
    assert " · alerts come 12 s after they start\n" in shown
    assert " · 3 not understood: /incident dead\nzabbix  nothing delivered yet" in shown


def test_home_tells_which_watchdogs_are_heard_and_which_are_silent():
    alert = Alert(source="s", fingerprint="f", name="Watchdog", status=AlertStatus.FIRING, starts_at=given_a.NOON)
    first = Heartbeat.first("alertmanager", alert, given_a.NOON)
    beats = (first, first.model_copy(update={"usual_s": 300.0, "silent_since": given_a.NOON}))
    source = SourceHealth(source="alertmanager", last_at=given_a.NOON, heartbeats=beats)

    shown = said(conformant(home([], [source]))["blocks"])

    assert shown.count(" · Watchdog heard ") == 1
    assert shown.count(" · Watchdog silent: last heard ") == 1
    assert shown.endswith(", every 5 min")


def test_home_lists_thirty_sources_and_says_how_many_more():
    shown = said(conformant(home([], [SourceHealth(source=f"source {n}") for n in range(32)]))["blocks"])

    assert ("source 29" in shown, "source 30" in shown, "and 2 more" in shown) == (True, False, True)


@pytest.mark.parametrize("nasty", NASTY)
def test_nasty_text_stays_within_the_limits_of_every_view(nasty):
    statement = Statement(text=nasty, evidence_ids=("ev-1",))
    cause = given_a.hypothesis(cause=nasty, supporting=(statement,) * 9, next_check=nasty)
    shown = given_a.brief_view(given_a.brief(hypotheses=(cause,) * 60, lines=(statement,) * 30))
    factor = given_a.sheet().factors[0].model_copy(update={"reason": nasty, "name": nasty})
    logs = {"lines": [[1, nasty]] * 50}
    change = {"diff": nasty, "author": nasty, "service": nasty, "version": nasty}
    named = given_a.evidence(title=nasty, summary=nasty, source=nasty, link=nasty, query=nasty or None)

    for view in (
        declare.declare((), nasty, said=nasty),
        forms.edit_update(given_a.update(shown={"audience": "internal", "text": nasty})),
        forms.reason("p", nasty),
        forms.resolve(given_a.incident(), RestorationCheck(lines=(CheckLine(text=nasty, ok=False),)), nasty),
        forms.split(given_a.incident(title=nasty), {nasty or "x": 3, f"y{nasty}"[:250]: 1}),
        looks.evidence(named, "F0CHART"),
        looks.evidence(named.model_copy(update={"kind": EvidenceKind.LOG, "data": logs})),
        looks.evidence(named.model_copy(update={"kind": EvidenceKind.CHANGE, "data": change})),
        looks.alternatives(shown),
        looks.score(given_a.incident(), given_a.sheet(factors=(factor,) * 9, floors=(nasty,) * 9)),
        looks.said("Declared", nasty),
        home(
            [(given_a.incident(title=nasty, acknowledged_by=nasty), [given_a.proposal(title=nasty)])] * 30,
            [SourceHealth(source=nasty)] * 40,
        ),
    ):
        conformant(view)


def test_times_of_evidence_are_local_for_the_reader():
    view = looks.evidence(given_a.evidence())

    dates = [one for one in view["blocks"][0]["elements"][0]["elements"] if one["type"] == "date"]
    assert dates[0]["timestamp"] == int(NOON.timestamp())
