"""Pingdom's webhooks: who may send, and what each becomes."""

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import pingdom
from incident_copilot.ports import QUERY_TOKEN

from .sending import NOW, alert, at, parse, source, told


def test_check_is_told_in_the_words_all_sources_share(fixture):
    sent = parse(pingdom, fixture("pingdom"))
    (found,) = sent.alerts

    assert sent.delivery_id is None
    assert told(found, "source", "name", "status", "severity", "service", "environment", "starts_at", "ends_at") == (
        "it",
        "Shop front page",
        AlertStatus.FIRING,
        "HIGH",
        "shop.example",
        "prod",
        at(11, 21, 9, 9, 0),
        None,
    )
    assert told(found, "summary", "description") == ("HTTP Error 502", "HTTP Server Error 502 Bad Gateway")
    assert found.labels == {"env": "prod", "public": "true", "check_type": "HTTP", "check_id": "700123"}
    assert found.annotations == {"first_probe": "Ghent, Belgium"}
    assert found.links == {"checked": "https://shop.example/"}


def test_check_ends_as_the_problem_that_began(fixture):
    began, ended = (alert(pingdom, fixture("pingdom") | {"current_state": state}) for state in ("DOWN", "UP"))

    assert told(ended, "status", "ends_at") == (AlertStatus.RESOLVED, at(11, 21, 9, 9, 0))
    assert ended.fingerprint == began.fingerprint


def test_check_that_says_little_is_still_one():
    found = alert(pingdom, {"check_id": 7, "current_state": "FAILING", "tags": None, "check_params": None})

    assert told(found, "name", "status", "service", "links", "starts_at") == ("7", AlertStatus.FIRING, None, {}, NOW)


def test_tag_names_the_service_first():
    tags = [{"name": "service:shop"}, {"type": "u"}]

    assert alert(pingdom, {"check_id": 7, "current_state": "DOWN", "tags": tags}).service == "shop"


@pytest.mark.parametrize("state", ["PAUSED", "UNKNOWN"])
def test_check_that_does_not_run_says_nothing(state):
    assert parse(pingdom, {"check_id": 7, "current_state": state}).ignored == state.lower()


@pytest.mark.parametrize(
    ("body", "problem"),
    [({"check_id": 7}, "it: current_state is missing"), ({"current_state": "DOWN"}, "it: check_id is missing")],
)
def test_body_without_name_or_state_is_refused_by_field(body, problem):
    with pytest.raises(BadPayload) as caught:
        parse(pingdom, body)

    assert str(caught.value) == problem


def test_token_of_the_address_opens():
    source(pingdom).authenticate({QUERY_TOKEN: "s3cret"}, b"")


def test_request_without_a_token_is_refused():
    with pytest.raises(Unauthenticated):
        source(pingdom).authenticate({"authorization": "Bearer s3cret"}, b"")
