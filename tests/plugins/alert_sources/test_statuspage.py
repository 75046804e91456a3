"""A provider's status page becomes alerts, and its maintenance becomes changes."""

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.change import ChangeKind, ChangeStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import statuspage
from incident_copilot.ports import QUERY_TOKEN

from .bodies import SECRET, at, changed, one, parse, read, source


def incident(fixture, **fields):
    sent = fixture("statuspage")
    return sent | {"incident": sent["incident"] | fields}


def component(status, **more):
    return {
        "page": {"id": "pg1", "url": "https://status.psp.example"},
        "component_update": {
            "id": "cu1",
            "created_at": "2026-11-21T09:00:00Z",
            "old_status": "operational",
            "new_status": status,
            "component_id": "cmp2",
        },
        "component": {"id": "cmp2", "name": "Cards", "status": status, "description": None},
        **more,
    }


def test_incident_becomes_an_alert_and_each_update_a_delivery(fixture):
    delivery = parse(statuspage, fixture("statuspage"))
    (alert,) = delivery.alerts

    assert read(alert) == ("Card payments are declined", AlertStatus.FIRING, "major", "Cards", None)
    assert (alert.description, alert.starts_at) == ("An acquirer does not answer.", at(8, 50, 0, 507000))
    assert alert.labels == {"components": "Cards", "state": "identified"}
    assert alert.links == {"statuspage": "https://stspg.example/inc9"}
    assert delivery.delivery_id == "upd2:2026-11-21T09:05:30.785Z"


def test_service_may_be_named_once_for_the_page(fixture):
    assert one(statuspage, fixture("statuspage"), service="psp").service == "psp"


@pytest.mark.parametrize("state", ["resolved", "postmortem"])
def test_incident_that_is_over_is_the_same_problem(fixture, state):
    alert = one(statuspage, incident(fixture, status=state, resolved_at="2026-11-21T09:09:00Z", components=None))

    assert (alert.status, alert.ends_at) == (AlertStatus.RESOLVED, at(9, 9))
    assert alert.fingerprint == one(statuspage, fixture("statuspage")).fingerprint


def test_incident_with_little_is_taken():
    delivery = parse(statuspage, {"incident": {"id": "i", "name": "Slow", "status": "INVESTIGATING"}})

    assert read(delivery.alerts[0]) == ("Slow", AlertStatus.FIRING, None, None, None)
    assert delivery.delivery_id is None


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("in_progress", ChangeStatus.STARTED),
        ("verifying", ChangeStatus.STARTED),
        ("completed", ChangeStatus.SUCCEEDED),
    ],
)
def test_maintenance_is_a_change(fixture, state, status):
    change = changed(statuspage, incident(fixture, status=state, name="Move of the API"))

    assert (change.kind, change.status) == (ChangeKind.CONFIGURATION, status)
    assert (change.title, change.service, change.at) == ("maintenance: Move of the API", "API", at(9, 5, 30, 837000))


def test_maintenance_of_instatus_is_a_change():
    change = changed(statuspage, {"maintenance": {"id": "m", "name": "Move", "status": "INPROGRESS"}}, service="psp")

    assert (change.title, change.service) == ("maintenance: Move", "psp")


@pytest.mark.parametrize(
    ("status", "read_as"),
    [
        ("operational", ("Cards", AlertStatus.RESOLVED, None, "Cards", None)),
        ("degraded_performance", ("Cards", AlertStatus.FIRING, "degraded_performance", "Cards", None)),
        ("major_outage", ("Cards", AlertStatus.FIRING, "major_outage", "Cards", None)),
    ],
)
def test_component_becomes_an_alert_by_its_status(status, read_as):
    delivery = parse(statuspage, component(status))
    (alert,) = delivery.alerts

    assert read(alert) == read_as
    assert (alert.starts_at, alert.summary) == (at(9), f"Cards: {status.replace('_', ' ')}")
    assert alert.links == {"page": "https://status.psp.example"}
    assert alert.fingerprint == one(statuspage, component("partial_outage")).fingerprint
    assert delivery.delivery_id == "cu1"


def test_what_is_planned_says_nothing(fixture):
    assert parse(statuspage, incident(fixture, status="scheduled")).ignored == "maintenance scheduled"
    assert parse(statuspage, component("under_maintenance")).ignored == "component under_maintenance"


def test_unknown_states_are_named(fixture):
    assert parse(statuspage, incident(fixture, status="dancing")).unknown == "incident dancing"
    assert parse(statuspage, component("on_fire")).unknown == "component on_fire"
    assert parse(statuspage, {"page": {}}).unknown == "an event without an incident or component"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"incident": {"status": "resolved", "name": "x"}}, "incident.id"),
        ({"incident": {"status": "resolved", "id": "x"}}, "incident.name"),
        (component("operational", component={}), "component.name"),
    ],
)
def test_what_must_be_there_is_named(body, field):
    with pytest.raises(BadPayload) as caught:
        parse(statuspage, body)

    assert str(caught.value) == f"src: {field} is missing"


def test_secret_comes_in_the_address():
    source(statuspage).authenticate({QUERY_TOKEN: SECRET}, b"")
    with pytest.raises(Unauthenticated):
        source(statuspage).authenticate({}, b"")
