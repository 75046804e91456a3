"""A silence covers the alerts that every matcher of it fits."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.silence import Silence, by_pattern, by_regex, exactly

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ALERT = Alert(
    source="alertmanager",
    fingerprint="f",
    name="DiskFull",
    status=AlertStatus.FIRING,
    service="db",
    labels={"alertname": "DiskFull", "app": "db", "path": "/a*b"},
    starts_at=NOON,
)


def silence(*matchers, **fields):
    values = {"id": "s", "ref": "s", "matchers": matchers, "until": NOON, "reason": "r", "by": "ana"}
    return Silence.model_validate(values | fields)


@pytest.mark.parametrize(
    ("matcher", "covers"),
    [
        (by_pattern("alertname", "Disk*"), True),
        (by_pattern("service", "db"), True),
        (by_pattern("service", "d"), False),
        (exactly("path", "/a*b"), True),
        (exactly("path", "/a?b"), False),
        (exactly("app", "db", negated=True), False),
        (exactly("zone", ""), True),
        (exactly("zone", "a", negated=True), True),
        (by_regex("alertname", "Disk.*|Cpu.+"), True),
        (by_regex("alertname", "^(?:Disk|DiskFull)$"), True),
        (by_regex("alertname", "Dis.Full"), True),
        (by_regex("alertname", "Disk.+Full"), False),
        (by_regex("path", r"/a\*b"), True),
        (by_regex("app", "db|cache", negated=True), False),
    ],
)
def test_a_matcher_says_what_a_label_must_say(matcher, covers):
    assert silence(matcher).covers(ALERT) is covers


@pytest.mark.parametrize("regex", ["(a+)+$", "a{2}", "[ab]", r"\d", "(?i)disk", "a|(b|c)", "a*"])
def test_a_regular_expression_of_another_kind_is_not_run(regex):
    assert by_regex("alertname", regex) is None


def test_all_matchers_must_fit():
    both = by_pattern("alertname", "Disk*"), by_pattern("service", "cache")

    assert silence(*both).covers(ALERT) is False
    assert silence(*both, number=3).label == "M-3"
    assert silence(*both, exactly("a", "b", negated=True)).text == 'alertname=Disk*, service=cache, a!="b"'


def test_silence_read_elsewhere_looks_at_labels_of_its_own_alerts_alone():
    there = {"source": "am", "alert_sources": ("alertmanager",)}

    assert silence(exactly("service", "db"), **there).covers(ALERT) is False
    assert silence(exactly("app", "db"), exactly("alertname", "DiskFull"), **there).covers(ALERT) is True
    assert silence(exactly("app", "db"), source="am", alert_sources=("grafana",)).covers(ALERT) is False
