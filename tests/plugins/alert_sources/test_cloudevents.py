"""CloudEvents: who may send, in which modes, and what each type becomes."""

import json

import pytest
from pydantic import ValidationError

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.change import ChangeKind, ChangeStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import cloudevents
from incident_copilot.ports import QUERY_TOKEN

from .sending import alert, at, change, parse, source, told

TIME = "2026-11-21T09:00:00Z"
RAISED = {"com.acme.alarm.raised": {"becomes": "firing", "name": "alarm.title", "key": "alarm.id"}}


def event(kind, data=None, **attributes):
    """Return an event of this type."""
    return {"id": "e1", "source": "/acme", "type": kind, "time": TIME, "data": data or {}} | attributes


def cdevent(kind, subject, **content):
    """Return a CDEvent about a subject."""
    return event(f"dev.cdevents.{kind}.0.2.0", {"subject": {"id": subject, "content": content}})


def test_deployment_is_a_change_in_the_words_all_sources_share(fixture):
    sent = parse(cloudevents, fixture("cloudevents"))
    (found,) = sent.changes

    assert told(sent, "alerts", "delivery_id", "ignored", "unknown") == (
        (),
        "/ci/shop|271069a8-fc18-44f1-b38f-9d70a1695819",
        None,
        None,
    )
    assert told(found, "source", "kind", "status", "title", "service", "environment", "version", "at") == (
        "it",
        ChangeKind.DEPLOYMENT,
        ChangeStatus.SUCCEEDED,
        "basket deployed",
        "basket",
        "prod",
        "pkg:oci/basket@sha256%3A0b31b1c02ff458ad9b7b",
        at(11, 21, 9, 0, 0),
    )


def test_binary_event_says_what_a_structured_one_says(fixture):
    whole = fixture("cloudevents")
    headers = {f"ce-{name}": whole[name] for name in ("id", "source", "type", "subject", "time", "specversion")}

    assert parse(cloudevents, whole["data"], headers) == parse(cloudevents, whole)


@pytest.mark.parametrize(("body", "kind"), [(b"", "application/json"), (b"<a/>", "application/xml")])
def test_binary_event_without_json_is_told_by_its_attributes(body, kind):
    headers = {
        "ce-id": "e1", "ce-source": "/acme", "ce-type": "com.acme.alarm.raised", "ce-subject": "Too%20hot",
        "content-type": kind,
    }  # fmt: skip

    assert alert(cloudevents, body, headers, types=RAISED).name == "Too hot"


def test_batch_tells_all_of_its_events(fixture):
    batch = [fixture("cloudevents"), event("com.acme.alarm.raised"), event("com.acme.odd"), event("dev.cdevents.x.y.1")]

    sent = parse(cloudevents, batch, types=RAISED)

    assert (len(sent.changes), len(sent.alerts), sent.delivery_id) == (1, 1, None)
    assert told(sent, "unknown", "ignored") == ("com.acme.odd", "dev.cdevents.x.y.1")


@pytest.mark.parametrize(
    ("sent", "kind", "title", "status"),
    [
        (cdevent("service.rolledback", "basket"), "deployment", "basket rolledback", ChangeStatus.SUCCEEDED),
        (cdevent("change.merged", "pr-7", repository={"id": "shop"}), "merge", "pr-7 merged", ChangeStatus.SUCCEEDED),
        (cdevent("artifact.published", "pkg:a"), "release", "pkg:a published", ChangeStatus.SUCCEEDED),
        (cdevent("environment.modified", "prod"), "configuration", "prod modified", ChangeStatus.SUCCEEDED),
        (cdevent("pipelinerun.started", "r1", pipelineName="ci"), "run", "ci started", ChangeStatus.STARTED),
        (
            cdevent("pipelinerun.finished", "r1", pipelineName="ci", outcome="failure"),
            "run",
            "ci finished",
            ChangeStatus.FAILED,
        ),
    ],
)
def test_cdevents_are_changes(sent, kind, title, status):
    assert told(change(cloudevents, sent), "kind", "title", "status") == (ChangeKind(kind), title, status)


def test_run_is_the_same_change_from_its_beginning_to_its_end():
    began, ended = (change(cloudevents, cdevent(f"pipelinerun.{verb}", "r1")) for verb in ("started", "finished"))

    assert began.key == ended.key


def test_incident_of_cdevents_is_an_alert_that_ends():
    content = {"description": "Pods crash", "service": {"id": "basket"}, "environment": {"id": "prod"}}
    began, ended = (
        alert(cloudevents, cdevent(f"incident.{verb}", "i1", **content)) for verb in ("detected", "resolved")
    )

    assert told(began, "name", "status", "service", "environment", "starts_at") == (
        "Pods crash",
        AlertStatus.FIRING,
        "basket",
        "prod",
        at(11, 21, 9, 0, 0),
    )
    assert told(ended, "status", "fingerprint") == (AlertStatus.RESOLVED, began.fingerprint)


def test_type_of_ones_own_becomes_what_the_options_say():
    alarm = {
        "alarm": {"id": 7, "title": "Too hot"},
        "severity": "major",
        "labels": {"app": "oven"},
        "summary": {"a": 1},
    }

    found = alert(cloudevents, event("com.acme.alarm.raised", alarm), types=RAISED)

    assert told(found, "name", "status", "severity", "service", "summary") == (
        "Too hot",
        AlertStatus.FIRING,
        "major",
        "oven",
        "",
    )


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [("com.acme.job.done", ChangeKind.RUN), ("com.acme.job.deploy.done", ChangeKind.DEPLOYMENT)],
)
def test_longest_pattern_wins(kind, becomes):
    types = {
        "com.acme.job.*": {"becomes": "run"},
        "com.acme.job.deploy.*": {"becomes": "deployment"},
        "*": {"becomes": "nothing"},
    }

    assert told(
        change(cloudevents, event(kind, {"name": "x", "status": "cancelled"}), types=types), "kind", "status"
    ) == (
        becomes,
        ChangeStatus.CANCELLED,
    )


def test_alerts_without_a_key_are_told_apart_by_their_names():
    types = {"*": {"becomes": "firing"}}
    a, b = (alert(cloudevents, event(kind), types=types) for kind in ("a.up", "b.up"))

    assert (a.name, a.fingerprint == b.fingerprint) == ("a.up", False)


def test_cdevent_that_nobody_specified_is_told_by_its_last_word():
    types = {"dev.cdevents.*": {"becomes": "run"}}
    sent = event("dev.cdevents.odd", {"name": "x", "context": {"timestamp": "2026-11-21T08:00:00Z"}}, time=None)

    assert told(change(cloudevents, sent, types=types), "title", "at") == ("x odd", at(11, 21, 8, 0, 0))


def test_type_may_be_ignored():
    assert parse(cloudevents, event("a.b"), types={"a.*": {"becomes": "nothing"}}).ignored == "a.b"


def test_type_nobody_described_is_kept_and_known_by_its_subject():
    assert parse(cloudevents, event("com.acme.odd", data="text")).unknown == "com.acme.odd"


def test_rule_that_becomes_something_else_is_refused():
    with pytest.raises(ValidationError):
        source(cloudevents, types={"a": {"becomes": "soup"}})


@pytest.mark.parametrize(
    ("body", "problem"),
    [({"id": "e1"}, "it: [0].type is missing"), ({"type": "a"}, "it: [0].id is missing")],
)
def test_event_without_type_or_id_is_refused_by_field(body, problem):
    with pytest.raises(BadPayload) as caught:
        parse(cloudevents, json.dumps(body).encode())

    assert str(caught.value) == problem


@pytest.mark.parametrize("headers", [{"authorization": "Bearer s3cret"}, {QUERY_TOKEN: "s3cret"}])
def test_bearer_token_or_token_of_the_address_opens(headers):
    source(cloudevents).authenticate(headers, b"")


def test_request_without_a_secret_is_refused():
    with pytest.raises(Unauthenticated):
        source(cloudevents).authenticate({}, b"")
