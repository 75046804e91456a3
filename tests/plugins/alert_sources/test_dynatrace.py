"""Dynatrace's problem notifications: who may send, and what each becomes."""

import re

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import dynatrace

from .sending import NOW, alert, at, parse, source, told


def test_problem_is_told_in_the_words_all_sources_share(fixture):
    sent = parse(dynatrace, fixture("dynatrace"))
    (found,) = sent.alerts

    assert sent.delivery_id is None
    assert told(found, "source", "name", "status", "severity", "service", "environment", "starts_at", "ends_at") == (
        "it",
        "Failure rate increase",
        AlertStatus.FIRING,
        "ERROR",
        "basket",
        "prod",
        at(11, 21, 9, 0, 0),
        None,
    )
    assert found.labels == {"env": "prod", "team": "shop", "impact": "SERVICE"}
    assert found.annotations == {"impacted": "basket, node-3"}
    assert found.summary == "Failure rate increase on web service basket"
    assert found.links == {"problem": fixture("dynatrace")["ProblemURL"]}


def test_our_template_sends_what_is_read(fixture):
    assert re.findall(r'^  "(\w+)":', dynatrace.TEMPLATE, re.MULTILINE) == [*fixture("dynatrace")]


@pytest.mark.parametrize("state", ["RESOLVED", "CLOSED", "MERGED"])
def test_problem_ends_as_the_one_that_began(fixture, state):
    body = fixture("dynatrace")
    details = body["ProblemDetailsJSONv2"] | {"endTime": 1795251900000}

    ended = alert(dynatrace, body | {"State": state, "ProblemDetailsJSONv2": details})

    assert told(ended, "status", "starts_at", "ends_at") == (
        AlertStatus.RESOLVED,
        at(11, 21, 9, 0, 0),
        at(11, 21, 9, 5, 0),
    )
    assert ended.fingerprint == alert(dynatrace, body).fingerprint


def test_problem_of_another_template_is_understood():
    found = alert(
        dynatrace,
        {
            "ProblemStatus": "OPEN",
            "ProblemTitle": "Slow",
            "ProblemID": "P-1",
            "ProblemDetails": "It is slow.",
            "ImpactedEntities": '[{"type": "SERVICE", "name": "shop"}]',
            "Problem URL": "https://dynatrace.example/p1",
            "Tags": "{Tags}",
        },
    )

    assert told(found, "name", "service", "description", "labels", "starts_at") == (
        "Slow",
        "shop",
        "It is slow.",
        {},
        NOW,
    )
    assert found.links == {"problem": "https://dynatrace.example/p1"}


@pytest.mark.parametrize("entities", ["[{", "1 impacted entity", None, [7], {"a": 1}])
def test_entities_of_another_shape_leave_the_entity_in_words(entities):
    found = alert(
        dynatrace,
        {"State": "OPEN", "ProblemTitle": "Slow", "ImpactedEntity": "shop", "ImpactedEntities": entities},
    )

    assert (found.service, "impacted" in found.annotations) == ("shop", False)


def test_details_speak_for_what_the_template_leaves_out():
    details = {"title": "Slow", "status": "CLOSED", "severityLevel": "PERFORMANCE", "impactLevel": "SERVICES"}

    found = alert(dynatrace, {"ProblemDetailsJSONv2": details})

    assert told(found, "name", "status", "severity", "labels") == (
        "Slow",
        AlertStatus.RESOLVED,
        "PERFORMANCE",
        {"impact": "SERVICES"},
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"ProblemTitle": "a"}, "it: State is missing, not one of open, resolved, closed, merged"),
        ({"ProblemTitle": "a", "State": "odd"}, "it: State is odd, not one of open, resolved, closed, merged"),
        ({"State": "OPEN"}, "it: ProblemTitle is missing"),
    ],
)
def test_body_without_name_or_state_is_refused_by_field(body, problem):
    with pytest.raises(BadPayload) as caught:
        parse(dynatrace, body)

    assert str(caught.value) == problem


def test_bearer_token_opens():
    source(dynatrace).authenticate({"authorization": "Bearer s3cret"}, b"")


def test_request_without_a_secret_is_refused():
    with pytest.raises(Unauthenticated):
        source(dynatrace).authenticate({}, b"")
