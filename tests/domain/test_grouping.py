"""What operators say about grouping: which alerts a rule takes, and what its groups are called."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.grouping import Grouping, Inhibition, Mute, Rule, matches

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
ALERT = Alert(
    source="zabbix",
    fingerprint="f",
    name="NodeDown",
    status=AlertStatus.FIRING,
    severity="critical",
    service="batch",
    labels={"rack": "r7", "node": "n1"},
    starts_at=NOON,
)


@pytest.mark.parametrize(
    ("wanted", "is_taken"),
    [
        ({"alertname": "Node*"}, True),
        ({"alertname": "Node*", "rack": "r7", "service": "batch", "severity": "critical", "source": "zabbix"}, True),
        ({"alertname": "node*"}, False),
        ({"rack": "r8"}, False),
        ({"zone": "*"}, True),
        ({"zone": "?*"}, False),
        ({"environment": "production"}, False),
    ],
)
def test_a_rule_takes_alerts_that_have_every_label_as_wanted(wanted, is_taken):
    assert matches(wanted, ALERT) is is_taken


def test_the_first_rule_that_matches_counts():
    broad = Rule(name="broad", match={"alertname": "*"}, group_by=("rack", "zone"))
    grouping = Grouping(rules=(Rule(name="other", match={"rack": "r8"}), broad))

    assert grouping.rule(ALERT) == broad
    assert Grouping().rule(ALERT) is None
    assert broad.key(ALERT) == "rule=broad|rack=r7|zone=-"
    assert broad.words(ALERT) == "rule broad, same rack r7, same zone (none)"
    assert (broad.window, broad.within) == (None, timedelta(minutes=10))
    assert broad.model_copy(update={"window_min": 5}).window == timedelta(minutes=5)


def test_a_mute_ends():
    mute = Mute(match={"rack": "r7"}, until=NOON, reason="rack r7 moves")

    assert Grouping(mutes=(mute,)).mute(ALERT, NOON - timedelta(seconds=1)) == mute
    assert Grouping(mutes=(mute,)).mute(ALERT, NOON) is None


def test_an_inhibition_says_where_it_holds():
    rule = Inhibition(name="rack", source={"alertname": "Node*"}, target={"rack": "*"}, equal=("rack", "zone"))

    assert rule.place(ALERT) == ("r7", "")
    assert Grouping(inhibit=(rule,)).may_inhibit(ALERT)
    assert not Grouping(inhibit=(rule,)).may_inhibit(ALERT.model_copy(update={"name": "DiskFull"}))
    with pytest.raises(ValueError, match="name labels in equal, or set downstream"):
        Inhibition(name="all", source={"alertname": "*"}, target={"severity": "info"})
