"""Honeycomb's triggers and burn alerts become alerts."""

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import honeycomb

from .bodies import SECRET, at, one, parse, read, source


def test_trigger_becomes_an_alert_under_the_id_of_the_delivery(fixture):
    delivery = parse(honeycomb, fixture("honeycomb"), {"x-honeycomb-webhook-delivery-id": "d-1"})
    (alert,) = delivery.alerts

    assert read(alert) == ("Slow checkouts", AlertStatus.FIRING, None, "checkout", None)
    assert alert.description == "Currently greater than threshold value (2) for service.name:checkout (value 5)"
    assert alert.starts_at == at(9, 8)
    assert alert.labels == {"operator": "greater than", "threshold": "2", "service.name": "checkout"}
    assert alert.links == {
        "honeycomb": "https://ui.honeycomb.example/acme/datasets/shop/result/9",
        "trigger": "https://ui.honeycomb.example/acme/datasets/shop/triggers/tR1gG3r",
    }
    assert delivery.delivery_id == "d-1"


def test_trigger_that_is_fine_again_is_the_same_problem(fixture):
    alert = one(honeycomb, fixture("honeycomb") | {"status": "OK", "result_groups_triggered": []})

    assert alert.status is AlertStatus.RESOLVED
    assert alert.fingerprint == one(honeycomb, fixture("honeycomb")).fingerprint


@pytest.mark.parametrize(
    ("body", "service"),
    [({"dataset": "shop"}, "shop"), ({"datasets": ["shop", "web"]}, "shop"), ({"result_groups_triggered": None}, None)],
)
def test_burn_alert_is_about_its_dataset(body, service):
    alert = one(honeycomb, {"name": "Budget burns", "status": "TRIGGERED", "environment": "prod", **body})

    assert read(alert) == ("Budget burns", AlertStatus.FIRING, None, service, "prod")


def test_test_is_ignored_and_an_unknown_status_named():
    assert parse(honeycomb, {"name": "x", "status": "TEST"}).ignored == "test"
    assert parse(honeycomb, {"name": "x", "status": "TRIGGERED", "is_test": True}).ignored == "test"
    assert parse(honeycomb, {"name": "x", "status": "PARTY"}).unknown == "status PARTY"


@pytest.mark.parametrize("body", [{"name": "x"}, {"status": "OK"}])
def test_name_and_status_must_be_there(body):
    with pytest.raises(BadPayload, match=r"^src: (name|status) is missing"):
        parse(honeycomb, body)


def test_secret_comes_in_a_header():
    source(honeycomb).authenticate({"x-honeycomb-webhook-token": SECRET}, b"")
    with pytest.raises(Unauthenticated):
        source(honeycomb).authenticate({"x-honeycomb-webhook-token": "wrong"}, b"")
