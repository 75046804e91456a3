"""What is noise is said by rules, severities and, where operators want it, history; with the reason."""

from datetime import UTC, datetime

import pytest
import yaml

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.noise import FromHistory, NoisePolicy, NoiseRule, never_text, rule_text
from incident_copilot.domain.track_record import TrackRecord, TurnedOut


def alert(name="DiskFilling", **fields):
    at = datetime(2026, 11, 28, tzinfo=UTC)
    return Alert(source="s", fingerprint="f", name=name, status=AlertStatus.FIRING, starts_at=at, **fields)


@pytest.mark.parametrize(
    ("policy", "told", "why"),
    [
        (NoisePolicy(), alert(severity="None"), "its severity is none"),
        (NoisePolicy(), alert(severity="info"), None),
        (NoisePolicy(), alert(), None),
        (NoisePolicy(severities=("info",)), alert(severity="info"), "its severity is info"),
        (NoisePolicy(rules=(NoiseRule(match={"alertname": "Disk*"}, reason="we know"),)), alert(), "we know"),
        (
            NoisePolicy(rules=(NoiseRule(match={"alertname": "Disk*"}),)),
            alert(),
            'a rule of the catalogue: {alertname: "Disk*"}',
        ),
        (NoisePolicy(never=({"alertname": "DiskFilling"},)), alert(severity="none"), None),
    ],
)
def test_rules_and_severities_say_why(policy, told, why):
    assert policy.why(told) == why


def test_history_makes_noise_only_where_operators_want_it_and_never_of_a_p0_or_p1():
    idle = TrackRecord(latest=(TurnedOut.FALSE_ALARM,) * 5)
    short = TrackRecord(latest=(TurnedOut.FALSE_ALARM,) * 4)
    mixed = TrackRecord(latest=(*idle.latest, TurnedOut.TROUBLE))
    wanted = NoisePolicy(from_history=FromHistory())
    kept = NoisePolicy(from_history=FromHistory(), never=({"alertname": "Disk*"},))

    assert wanted.why_by(idle, alert(), Severity.P2) == "5 of the last 5 were false alarms"
    assert [wanted.why_by(idle, alert(), severity) for severity in (Severity.P0, Severity.P1)] == [None, None]
    assert [wanted.why_by(one, alert(), Severity.P2) for one in (short, mixed)] == [None, None]
    assert [one.why_by(idle, alert(), Severity.P2) for one in (NoisePolicy(), kept)] == [None, None]


def test_what_is_proposed_can_be_pasted_whatever_an_alert_is_called():
    nasty = alert('a": b}\n#', service="x: [")
    lines = rule_text(nasty.name, nasty.service, 'why: "not"')
    rule = yaml.safe_load(f"noise:\n  rules:\n{lines}")
    never = yaml.safe_load(never_text(nasty))

    match = {"alertname": nasty.name, "service": nasty.service}
    assert Catalog.model_validate(rule).noise.rules == (NoiseRule(match=match, reason='why: "not"'),)
    assert Catalog.model_validate(never).noise.never == (match,)
    assert Catalog.model_validate(yaml.safe_load(never_text(alert()))).noise.never == ({"alertname": "DiskFilling"},)
