"""An alert or change is whole and fits the database, whatever the vendor says."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.alert import Alert, AlertStatus, fingerprint_of
from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.vendors import alert_fields
from incident_copilot.vendors.alert_fields import NOTE

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)


def alert(**fields):
    usual = {"name": "Disk full", "status": AlertStatus.FIRING, "starts_at": NOW}
    return alert_fields.alert("src", NOW, **(usual | fields))


def test_alert_with_nothing_but_its_name_is_whole():
    assert alert() == Alert(
        source="src",
        fingerprint=fingerprint_of("src", "Disk full", {}),
        name="Disk full",
        status=AlertStatus.FIRING,
        starts_at=NOW,
    )


def test_labels_say_what_is_not_given():
    found = alert(labels={"app": "mailer", "env": "prod", "priority": "P2"}, severity=" ")

    assert (found.service, found.environment, found.severity) == ("mailer", "prod", "P2")


def test_what_is_given_wins_over_labels():
    found = alert(labels={"app": "a", "env": "b", "level": "c"}, service="s", environment="e", severity="v")

    assert (found.service, found.environment, found.severity) == ("s", "e", "v")


def test_vendors_own_id_makes_the_fingerprint_whatever_the_texts_are():
    fingerprints = {alert(key="7", name=name, labels={"value": name}).fingerprint for name in ("a", "b")}

    assert fingerprints == {fingerprint_of("src", "7", {})}


def test_start_that_cannot_be_is_the_arrival_with_a_note():
    for starts_at in (None, NOW + timedelta(days=2)):
        found = alert(starts_at=starts_at, notes=["values were left out"])

        assert (found.starts_at, found.annotations[NOTE]) == (
            NOW,
            "values were left out; the start is missing or no usable time, the time of arrival is taken",
        )


def test_resolved_alert_has_an_end_and_a_firing_one_none():
    begun = NOW - timedelta(hours=1)

    assert alert(status=AlertStatus.RESOLVED, starts_at=begun).ends_at == NOW
    assert alert(status=AlertStatus.RESOLVED, starts_at=begun, ends_at=begun).ends_at == begun
    assert alert(ends_at=NOW).ends_at is None


def test_resolved_alert_whose_start_is_not_told_began_when_it_ended():
    ended = alert(status=AlertStatus.RESOLVED, starts_at=None, ends_at=NOW - timedelta(hours=1))

    assert (ended.starts_at, ended.ends_at, ended.annotations) == (NOW - timedelta(hours=1), ended.starts_at, {})


def test_texts_are_cut_to_what_fits():
    labels = {f"l{number}": "v" * 2000 for number in range(70)}
    found = alert(name="n" * 500, summary="s" * 2000, description="d" * 5000, labels=labels, expression="e" * 5000)

    assert (len(found.name), len(found.summary), len(found.description), len(found.labels)) == (200, 1024, 4096, 64)
    assert (len(found.labels["l0"]), found.expression) == (1024, None)
    assert found.annotations == {NOTE: "only 64 of 70 labels or annotations are kept"}


def test_name_is_never_blank_and_links_are_safe():
    found = alert(name=" ", links={"a": "https://x.example/", "b": "javascript:alert(1)", "c": ""}, expression="up")

    assert (found.name, found.links, found.expression) == (
        "alert without a name",
        {"a": "https://x.example/"},
        "up",
    )


def test_tags_become_labels():
    tags = ["env:prod", "url=https://x:1", "a:b=c", "critical", ":x", "", "env:other", "empty:"]

    assert alert_fields.tagged(tags) == {
        "env": "prod",
        "url": "https://x:1",
        "a": "b=c",
        "critical": "true",
        ":x": "true",
        "empty": "true",
    }


def test_change_is_whole_and_fits():
    told = alert_fields.change(
        "gh",
        NOW,
        key="deploy-7",
        kind=ChangeKind.DEPLOYMENT,
        title="x" * 300,
        status=ChangeStatus.FAILED,
        service="s" * 300,
        environment="prod",
        version="v2",
        by="ana",
        link="ftp://x.example",
        at=NOW - timedelta(minutes=1),
    )

    assert (told.key, len(told.title), len(told.service), told.link) == (
        fingerprint_of("gh", "deploy-7", {}),
        200,
        200,
        None,
    )
    assert (told.environment, told.version, told.by, told.at) == ("prod", "v2", "ana", NOW - timedelta(minutes=1))


def test_change_that_says_little_is_told_all_the_same():
    told = alert_fields.change("gh", NOW, key="7", kind=ChangeKind.RUN, title="", link="https://x.example/7")

    assert told == Change(
        source="gh",
        key=fingerprint_of("gh", "7", {}),
        kind=ChangeKind.RUN,
        status=ChangeStatus.SUCCEEDED,
        title="change without a title",
        link="https://x.example/7",
        at=NOW,
    )


@pytest.mark.parametrize(("texts", "found"), [({"a": " "}, None), ({"a": " ", "b": " x "}, "x"), ({}, None)])
def test_first_text_that_is_not_blank_is_taken(texts, found):
    assert alert_fields.first(texts, "a", "b") == found


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://shop.example:8443/a?b", "shop.example"),
        ("shop.example", "shop.example"),
        ("shop.example:25", "shop.example"),
        ("https://", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_host_of_an_address_needs_no_scheme(address, host):
    assert alert_fields.host_of(address) == host
