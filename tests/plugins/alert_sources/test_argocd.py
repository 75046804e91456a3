"""Argo CD's notifications: who may send, and which are changes and which alerts."""

import copy
import re

import pytest
import yaml

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.change import ChangeKind, ChangeStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import argocd

from .sending import NOW, alert, at, change, parse, source, told


def body(sent, event, **status):
    """Return a body about another event, with parts of the application's status replaced."""
    found = copy.deepcopy(sent) | {"event": event}
    found["app"]["status"] |= status
    return found


def test_sync_is_a_change_in_the_words_all_sources_share(fixture):
    sent = parse(argocd, fixture("argocd"))
    (found,) = sent.changes

    assert told(sent, "alerts", "delivery_id", "ignored") == ((), None, None)
    assert told(
        found, "source", "kind", "status", "title", "service", "environment", "version", "by", "link", "at"
    ) == (
        "it",
        ChangeKind.DEPLOYMENT,
        ChangeStatus.SUCCEEDED,
        "Argo CD syncs basket to 4f1d2c3b4a",
        "basket-api",
        "prod",
        "4f1d2c3b4a59687766554433221100ffeeddccbb",
        "ada",
        "https://argocd.example/applications/argocd/basket",
        at(11, 21, 9, 1, 30),
    )


@pytest.mark.parametrize(
    ("phase", "status"),
    [
        ("Running", ChangeStatus.STARTED),
        ("Failed", ChangeStatus.FAILED),
        ("Error", ChangeStatus.FAILED),
        ("Terminating", ChangeStatus.CANCELLED),
    ],
)
def test_sync_is_the_same_change_from_its_beginning_to_its_end(fixture, phase, status):
    ran = {"phase": phase, "startedAt": "2026-11-21T09:00:00Z"}

    found = change(argocd, body(fixture("argocd"), "sync", operationState=ran))

    assert told(found, "status", "at", "by") == (status, at(11, 21, 9, 0, 0), "Argo CD")
    assert found.key == change(argocd, fixture("argocd")).key


def test_health_is_an_alert_in_the_words_all_sources_share(fixture):
    found = alert(argocd, body(fixture("argocd"), "health"))

    assert told(
        found, "name", "status", "severity", "service", "environment", "starts_at", "summary", "description"
    ) == (
        "basket is not healthy",
        AlertStatus.FIRING,
        "Degraded",
        "basket-api",
        "prod",
        at(11, 21, 9, 4, 0),
        "Deployment exceeded its progress deadline",
        "successfully synced (all tasks run)",
    )
    assert found.labels == {
        "app_kubernetes_io_name": "basket-api",
        "env": "prod",
        "project": "shop",
        "namespace": "shop",
        "cluster": "https://kubernetes.default.svc",
    }
    assert found.links == {"argocd": "https://argocd.example/applications/argocd/basket"}


def test_health_ends_as_the_problem_that_began(fixture):
    healthy = {"status": "Healthy", "lastTransitionTime": "2026-11-21T09:08:00Z"}
    ended = alert(argocd, body(fixture("argocd"), "health", health=healthy))

    assert told(ended, "status", "severity", "ends_at") == (AlertStatus.RESOLVED, None, at(11, 21, 9, 8, 0))
    assert ended.fingerprint == alert(argocd, body(fixture("argocd"), "health")).fingerprint


@pytest.mark.parametrize("health", ["Progressing", "Suspended", "Unknown"])
def test_health_on_its_way_says_nothing(fixture, health):
    assert (
        parse(argocd, body(fixture("argocd"), "health", health={"status": health})).ignored
        == f"health {health.lower()}"
    )


def test_application_without_an_event_tells_both(fixture):
    sent = parse(argocd, fixture("argocd")["app"])

    assert (len(sent.changes), len(sent.alerts), sent.changes[0].link) == (1, 1, None)


def test_application_that_says_little_is_named_by_itself():
    app = {"metadata": {"name": "basket"}, "status": {"operationState": {"phase": "Running"}}}

    found = change(argocd, {"app": app})

    assert told(found, "title", "service", "version", "at") == ("Argo CD syncs basket", "basket", None, NOW)


def test_application_that_says_nothing_is_ignored():
    assert parse(argocd, {"metadata": {"name": "a"}, "status": {}}).ignored == "health"


@pytest.mark.parametrize(
    ("sent", "event"),
    [({"event": "created"}, "created"), ({"text": "hello"}, "a body without the status of an application")],
)
def test_body_of_something_else_is_kept(sent, event):
    assert parse(argocd, sent).unknown == event


def test_body_without_a_name_is_refused_by_field():
    with pytest.raises(BadPayload) as caught:
        parse(argocd, {"event": "health", "app": {"status": {"health": {"status": "Degraded"}}}})

    assert str(caught.value) == "it: app.metadata.name is missing"


def test_our_templates_are_yaml_and_send_what_is_read(fixture):
    told_by_argo = yaml.safe_load(argocd.TEMPLATE)

    for event in ("sync", "health"):
        filled = yaml.safe_load(told_by_argo[f"template.copilot-{event}"])["webhook"]["incident-copilot"]["body"]
        sent = yaml.safe_load(re.sub(r"{{toJson [^}]+}}", "null", filled))
        assert (sent["event"], [*sent["app"]["status"]]) == (event, [*fixture("argocd")["app"]["status"]])


def test_bearer_token_opens():
    source(argocd).authenticate({"authorization": "Bearer s3cret"}, b"")


def test_request_without_a_secret_is_refused():
    with pytest.raises(Unauthenticated):
        source(argocd).authenticate({}, b"")
