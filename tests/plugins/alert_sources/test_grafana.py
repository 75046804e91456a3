"""Grafana's webhooks become alerts: those of unified alerting and those of the legacy alerting."""

import hashlib
import hmac

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import grafana

from .bodies import SECRET, at, one, parse, read, source

LEGACY = {
    "ruleId": 7,
    "orgId": 1,
    "ruleName": "CPU",
    "ruleUrl": "https://grafana.example/d/1",
    "imageUrl": "",
    "state": "alerting",
    "title": "[Alerting] CPU",
    "message": "Too much",
    "tags": {"severity": "page"},
    "evalMatches": [{"metric": "cpu", "value": 97.1, "tags": {"job": "shop/web", "instance": "w1"}}],
}


def test_alerts_of_a_group_have_their_own_fields(fixture):
    firing, resolved = parse(grafana, fixture("grafana")).alerts

    assert read(firing) == ("CheckoutLatencyHigh", AlertStatus.FIRING, "critical", "checkout", "prod")
    assert (firing.summary, firing.description) == ("p99 of checkout is above 2 s", "Customers wait.")
    assert (firing.starts_at, firing.fingerprint) == (at(9, 1, 10), "3c1f0a9d77b2e410")
    assert firing.links == {
        "runbook": "https://runbooks.example/checkout",
        "dashboard": "https://grafana.example/d/checkout?orgId=1",
        "panel": "https://grafana.example/d/checkout?orgId=1&viewPanel=4",
        "silence": "https://grafana.example/alerting/silence/new?alertmanager=grafana&matcher=alertname%3DCheckoutLatencyHigh",
        "generator": "https://grafana.example/alerting/grafana/rule7/view?orgId=1",
        "grafana": "https://grafana.example/",
    }
    assert read(resolved) == ("CheckoutErrors", AlertStatus.RESOLVED, "warning", "checkout", "prod")
    assert (resolved.starts_at, resolved.ends_at) == (at(8, 20), at(9, 2))


@pytest.mark.parametrize(
    ("state", "status"),
    [("alerting", AlertStatus.FIRING), ("no_data", AlertStatus.FIRING), ("ok", AlertStatus.RESOLVED)],
)
def test_legacy_rule_is_an_alert_by_its_state(state, status):
    alert = one(grafana, LEGACY | {"state": state})

    assert read(alert) == ("CPU", status, "page", "web", None)
    assert (alert.summary, alert.description) == ("[Alerting] CPU", "Too much")
    assert alert.labels == {"severity": "page", "job": "shop/web", "instance": "w1"}
    assert alert.links == {"rule": "https://grafana.example/d/1"}


def test_legacy_rule_is_the_same_problem_when_nothing_matches_any_more():
    over = LEGACY | {"state": "ok", "evalMatches": None, "tags": None}

    assert one(grafana, over).fingerprint == one(grafana, LEGACY).fingerprint


@pytest.mark.parametrize("state", ["paused", "pending", "unknown"])
def test_legacy_rule_that_did_not_decide_says_nothing(state):
    assert parse(grafana, LEGACY | {"state": state}).ignored == state


def test_state_that_grafana_does_not_have_is_refused():
    with pytest.raises(BadPayload, match=r"^src: state is asleep, not one of alerting, no_data, ok"):
        parse(grafana, LEGACY | {"state": "asleep"})


def test_body_without_alerts_is_refused():
    with pytest.raises(BadPayload, match=r"^src: alerts is not a list of alerts"):
        parse(grafana, {"title": "x"})


def test_secret_comes_as_token_or_signs():
    signature = hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest()

    source(grafana).authenticate({"authorization": f"Bearer {SECRET}"}, b"{}")
    source(grafana).authenticate({"x-grafana-alerting-signature": signature}, b"{}")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}, {"x-grafana-alerting-signature": "00"}])
def test_wrong_secret_is_refused(headers):
    with pytest.raises(Unauthenticated):
        source(grafana).authenticate(headers, b"{}")
