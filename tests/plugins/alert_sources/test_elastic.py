"""Kibana's rules and Elasticsearch's watches become alerts."""

import json
import re

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import elastic

from .bodies import SECRET, at, one, parse, read, source

WATCH = {
    "watch_id": "w1",
    "metadata": {"name": "Heap", "severity": "critical", "service": "search", "xpack": {"type": "json"}},
    "trigger": {"triggered_time": "2026-11-21T09:00:00.000Z"},
    "payload": {"hits": {"total": 3}},
}


def test_rule_becomes_an_alert(fixture):
    alert = one(elastic, fixture("elastic"))

    assert read(alert) == ("Log errors of search", AlertStatus.FIRING, "high", "search", "prod")
    assert (alert.summary, alert.description) == (
        "120 log entries in the last 5 mins. Alert when > 75.",
        "The search logs many errors.",
    )
    assert alert.starts_at == at(9, 7, 30)
    assert alert.labels == {
        "service": "search",
        "env": "prod",
        "logs": "true",
        "rule_type": "logs.alert.document.count",
        "alert_id": "host-9",
    }
    assert alert.links == {
        "alert": "https://kibana.example/app/observability/alerts/c0ffee00",
        "rule": "https://kibana.example/app/management/insightsAndAlerting/triggersActions/rule/2f1c7d70",
    }


def test_body_of_the_docstring_has_the_fields_of_the_fixture(fixture):
    body = re.search(r"\{\"rule_id\".*?\"high\"\}", elastic.__doc__, re.DOTALL)

    assert json.loads(body[0]).keys() == fixture("elastic").keys()


def test_recovered_alert_is_the_same_problem_and_has_its_end(fixture):
    alert = one(elastic, fixture("elastic") | {"action_group": "recovered"})

    assert (alert.status, alert.ends_at) == (AlertStatus.RESOLVED, at(9, 7, 30))
    assert alert.fingerprint == one(elastic, fixture("elastic")).fingerprint


def test_other_hosts_alert_of_the_rule_is_another_problem(fixture):
    alert = one(elastic, fixture("elastic") | {"alert_id": "host-10"})

    assert alert.fingerprint != one(elastic, fixture("elastic")).fingerprint


def test_nested_body_is_read():
    body = {
        "rule": {"id": "r", "name": "CPU", "tags": ["app:web"]},
        "alert": {"id": "a", "actionGroup": "warning"},
        "context": {"reason": "CPU is 91 %"},
    }

    alert = one(elastic, body)

    assert read(alert) == ("CPU", AlertStatus.FIRING, "warning", "web", None)
    assert alert.summary == "CPU is 91 %"


def test_rule_without_a_name_goes_by_its_id():
    assert read(one(elastic, {"rule_id": "r"})) == ("r", AlertStatus.FIRING, None, None, None)


@pytest.mark.parametrize("body", [WATCH, {"ctx": WATCH}])
def test_watch_becomes_an_alert(body):
    alert = one(elastic, body)

    assert read(alert) == ("Heap", AlertStatus.FIRING, "critical", "search", None)
    assert (alert.starts_at, "xpack" in alert.labels) == (at(9), False)


def test_body_without_a_rule_is_refused():
    with pytest.raises(BadPayload, match=r"^src: rule_name is missing"):
        parse(elastic, {"message": "x"})


def test_secret_comes_as_token():
    source(elastic).authenticate({"authorization": f"Bearer {SECRET}"}, b"")
    with pytest.raises(Unauthenticated):
        source(elastic).authenticate({}, b"")
