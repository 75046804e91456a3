"""Who else is called and when: by time, progress, complexity, type, business; quiet hours and snoozes hold it back."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from incident_copilot.domain.escalation import Contact, Escalation, Facts, QuietHours, calls, held_until
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.worth import Worth

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def incident(**fields):
    values = {
        "id": "1" * 32,
        "workspace_id": "w",
        "number": 1,
        "title": "t",
        "severity": Severity.P1,
        "status": Status.OPEN,
        "correlation_key": "k",
        "service": "checkout",
        "started_at": NOON,
        "opened_at": NOON,
    }
    return Incident.model_validate(values | fields)


def said(policy, about, **facts):
    """Rules with the minutes after which they call."""
    known = {"since": NOON, "progress_at": NOON, "cause_is_known": True} | facts
    found = calls(policy, Facts(incident=about, **known))
    return {one.rule: (int((one.at - NOON).total_seconds() // 60), one.to.who, one.why) for one in found}


@pytest.mark.parametrize(
    ("severity", "minutes"), [(Severity.P0, 15), (Severity.P1, 30), (Severity.P2, 120), (Severity.P3, 1440)]
)
def test_response_times_are_those_of_the_runbook(severity, minutes):
    assert Escalation().response_time(severity) == timedelta(minutes=minutes)
    assert Escalation(response_min={}).response_time(severity) == timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "minutes", "who"),
    [
        ("dependency", 30, ("secondary",)),
        ("performance", 60, ("secondary",)),
        ("security", 0, ("team:security", "secondary")),
        ("prompt_injection", 0, ("team:security", "secondary")),
        ("bias_and_fairness", 0, ("team:legal-and-ethics", "secondary")),
        ("quality_degradation", 120, ("secondary",)),
        ("context_retrieval", 120, ("secondary",)),
    ],
)
def test_matrix_calls_by_type(kind, minutes, who):
    found = said(Escalation(), incident(incident_type=kind))

    assert found[f"type:{kind}"][:2] == (minutes, who)


def test_plain_incident_that_is_understood_calls_nobody_else():
    assert said(Escalation(), incident()) == {}


@pytest.mark.parametrize(
    ("fields", "facts", "policy", "expected"),
    [
        (
            {"status": Status.ACKNOWLEDGED},
            {"progress_at": NOON + timedelta(minutes=10)},
            {},
            {"no_progress": (70, ("secondary",), "nothing was done for 60 min")},
        ),
        ({"status": Status.ACKNOWLEDGED, "severity": Severity.P3}, {}, {}, {}),
        ({}, {"services": 4}, {}, {"several_services": (0, ("secondary",), "4 services are in trouble")}),
        (
            {"status": Status.ACKNOWLEDGED},
            {"cause_is_known": False},
            {"progress_min": {}},
            {"unknown_cause": (60, ("secondary",), "its cause is not known after 60 min")},
        ),
        ({"severity": Severity.P2, "status": Status.ACKNOWLEDGED}, {"cause_is_known": False}, {}, {}),
        ({}, {"cause_is_known": False}, {}, {}),
        (
            {},
            {},
            {"last": {"who": ["commander", "U0BOSS"]}},
            {"still_unacknowledged": (60, ("commander", "U0BOSS"), "still nobody has acknowledged it")},
        ),
        (
            {"severity": Severity.P0},
            {"tier": 1},
            {"business": {"to": {"who": "U0CEO"}}},
            {"business": (0, ("U0CEO",), "checkout is of tier 1")},
        ),
        ({"severity": Severity.P0}, {"tier": 2}, {"business": {"to": {"who": "U0CEO"}}}, {}),
        (
            {"severity": Severity.P0},
            {"tier": 2, "worth": Worth(cost_per_minute=6000, currency="EUR")},
            {"business": {"to": {"who": "U0CEO"}, "cost_per_minute": 5000}},
            {"business": (0, ("U0CEO",), "checkout costs 6000 EUR a minute while it fails")},
        ),
        (
            {"severity": Severity.P0},
            {"tier": 2, "customers": frozenset({"trial", "gold"})},
            {"business": {"to": {"who": "U0CEO"}, "customers": ["gold", "platinum"]}},
            {"business": (0, ("U0CEO",), "gold customers are affected")},
        ),
        (
            {"severity": Severity.P0},
            {"worth": Worth(cost_per_minute=4000)},
            {"business": {"to": {"who": "U0CEO"}, "cost_per_minute": 5000}},
            {},
        ),
        (
            {},
            {},
            {"last": {"who": "U0BOSS"}, "quiet_hours": {"begin": "11:00", "end": "14:00", "severities": ["P1"]}},
            {"still_unacknowledged": (180, ("U0BOSS",), "still nobody has acknowledged it")},
        ),
        ({"status": Status.MITIGATED}, {"services": 9}, {}, {}),
        ({"ended_at": NOON}, {"services": 9}, {}, {}),
    ],
)
def test_rules_call_when_their_time_has_come(fields, facts, policy, expected):
    assert said(Escalation.model_validate(policy), incident(**fields), **facts) == expected


@pytest.mark.parametrize(
    ("now", "severity", "until"),
    [
        ("2026-11-20T20:59", "P2", None),
        ("2026-11-20T21:00", "P2", "2026-11-21T06:00"),  # 22:00 to 07:00 in Berlin
        ("2026-11-21T05:59", "P3", "2026-11-21T06:00"),
        ("2026-11-21T06:00", "P3", None),
        ("2026-11-21T03:00", "P1", None),
        ("2026-03-28T22:00", "P2", "2026-03-29T05:00"),  # the night in which an hour is left out
        ("2026-10-24T22:00", "P2", "2026-10-25T06:00"),  # and the one in which it comes twice
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(now, severity, until):
    hours = QuietHours(begin="22:00", end="07:00", zone="Europe/Berlin")
    asked = datetime.fromisoformat(now).replace(tzinfo=UTC)

    ends = hours.end_of(Severity(severity), asked)

    assert ends == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)


def test_quiet_hours_of_one_day_end_on_that_day():
    lunch = QuietHours(begin="12:00", end="13:00")

    assert lunch.end_of(Severity.P2, NOON) == NOON + timedelta(hours=1)
    assert lunch.end_of(Severity.P2, NOON + timedelta(hours=1)) is None


def test_snooze_and_quiet_hours_hold_back_until_the_later_of_the_two():
    policy = Escalation(quiet_hours=QuietHours(begin="12:00", end="13:00"))
    soon, late = NOON + timedelta(minutes=30), NOON + timedelta(hours=2)

    assert held_until(Escalation(), incident(), NOON) is None
    assert held_until(Escalation(), incident(snoozed_until=soon), NOON) == soon
    assert held_until(Escalation(), incident(snoozed_until=NOON), NOON) is None
    assert held_until(policy, incident(severity="P2", snoozed_until=late), NOON) == late
    assert held_until(policy, incident(severity="P2", snoozed_until=soon), NOON) == NOON + timedelta(hours=1)


@pytest.mark.parametrize("who", ["everybody", "team:", ["primary", "me"], []])
def test_contact_is_somebody(who):
    with pytest.raises(ValidationError):
        Contact.model_validate({"who": who})


def test_time_zone_of_quiet_hours_exists():
    with pytest.raises(ValidationError, match="there is no time zone Berlin"):
        QuietHours(begin="22:00", end="07:00", zone="Berlin")
