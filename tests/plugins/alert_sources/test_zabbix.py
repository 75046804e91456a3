"""Zabbix's problems: who may send, and what each becomes, with our template and with those of others."""

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import zabbix
from incident_copilot.ports import QUERY_TOKEN

from .sending import NOW, alert, at, parse, source, told


def problem(**fields):
    """Return what a body about one problem becomes."""
    return alert(zabbix, {"trigger": "Up", "status": "PROBLEM"} | fields)


def test_problem_is_told_in_the_words_all_sources_share(fixture):
    sent = parse(zabbix, fixture("zabbix"))
    (found,) = sent.alerts

    assert sent.delivery_id is None
    assert told(found, "source", "name", "status", "severity", "service", "environment", "starts_at", "ends_at") == (
        "it",
        "Disk space is low on /var",
        AlertStatus.FIRING,
        "High",
        "ledger",
        "prod",
        at(11, 21, 9, 3, 0),
        None,
    )
    assert found.labels == {"service": "ledger", "env": "prod", "disk": "true", "host": "db-7"}
    assert told(found, "summary", "description") == ("Used space on /var: 93 %", "Clean up or enlarge the volume.")
    assert found.links == {"zabbix": "https://zabbix.example/tr_events.php?triggerid=23011&eventid=88012"}


def test_problem_ends_as_the_one_that_began(fixture):
    ended = fixture("zabbix") | {"status": "RESOLVED", "value": "0", "ended": "2026.11.21 09:08:00"}

    found = alert(zabbix, ended)

    assert told(found, "status", "ends_at") == (AlertStatus.RESOLVED, at(11, 21, 9, 8, 0))
    assert found.fingerprint == alert(zabbix, fixture("zabbix")).fingerprint


def test_our_template_sends_what_is_read(fixture):
    assert [*zabbix.TEMPLATE] == [*fixture("zabbix")]


def test_our_script_sends_the_secret_as_bearer_token():
    assert "'Authorization: Bearer ' + sent.secret" in zabbix.SCRIPT


def test_template_of_others_is_understood():
    found = problem(
        trigger=None,
        event_name="Agent is down",
        event_status="1",
        status=None,
        host="web-1",
        priority="Disaster",
        alert_message="No answer",
        url="https://zabbix.example/1",
        event_tags="app:shop, public",
    )

    assert told(found, "name", "status", "severity", "service", "summary", "links", "starts_at") == (
        "Agent is down",
        AlertStatus.FIRING,
        "Disaster",
        "shop",
        "No answer",
        {"zabbix": "https://zabbix.example/1"},
        NOW,
    )
    assert found.labels == {"app": "shop", "public": "true", "host": "web-1"}


@pytest.mark.parametrize(
    ("tags", "labels"),
    [
        ({"env": "test"}, {"env": "test"}),
        ([{"tag": "env", "value": "test"}, {"value": "x"}], {"env": "test"}),
        ("{EVENT.TAGSJSON}", {}),
        ("", {}),
        (None, {}),
    ],
)
def test_tags_come_in_many_shapes(tags, labels):
    assert problem(tags=tags).labels == labels


def test_host_is_the_service_where_no_tag_names_one():
    assert told(problem(hostname="db-7"), "service", "labels") == ("db-7", {"host": "db-7"})


def test_macro_that_zabbix_could_not_resolve_is_nothing():
    found = problem(hostname="{HOST.NAME}", severity="*UNKNOWN*", link="{$ZABBIX.URL}/x", description={"a": 1})

    assert told(found, "service", "severity", "links", "description") == (None, None, {}, "")


def test_same_problem_without_an_id_is_known_by_host_and_trigger():
    began = problem(hostname="a", severity="High")

    assert began.fingerprint == problem(hostname="a", status="OK").fingerprint
    assert began.fingerprint != problem(hostname="b").fingerprint


def test_trigger_that_fires_again_is_the_same_problem(fixture):
    again = alert(zabbix, fixture("zabbix") | {"event_id": "99000", "started": "2026.11.21 09:09:00"})

    assert again.fingerprint == alert(zabbix, fixture("zabbix")).fingerprint


def test_problem_without_a_trigger_is_known_by_its_event():
    assert (
        problem(eventid=1, status="OK").fingerprint == problem(eventid=1).fingerprint != problem(eventid=2).fingerprint
    )


def test_template_without_a_state_is_of_a_problem():
    assert problem(status=None).status is AlertStatus.FIRING


def test_item_names_a_problem_without_a_trigger():
    assert problem(trigger="", item="Ping").name == "Ping"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"status": "PROBLEM"}, "it: trigger is missing"),
        (
            {"trigger": "Up", "status": "odd"},
            "it: status is odd, not one of problem, update, 1, ok, resolved, recovery, 0",
        ),
    ],
)
def test_body_without_name_or_with_a_strange_state_is_refused_by_field(body, reason):
    with pytest.raises(BadPayload) as caught:
        parse(zabbix, body)

    assert str(caught.value) == reason


@pytest.mark.parametrize("headers", [{"authorization": "Bearer s3cret"}, {QUERY_TOKEN: "s3cret"}])
def test_bearer_token_or_token_of_the_address_opens(headers):
    source(zabbix).authenticate(headers, b"")


def test_request_without_a_secret_is_refused():
    with pytest.raises(Unauthenticated):
        source(zabbix).authenticate({}, b"")
