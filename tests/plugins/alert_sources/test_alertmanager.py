"""Alertmanager's webhooks: who may send, and what each alert becomes."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.alert import AlertStatus, fingerprint_of
from incident_copilot.errors import BadPayload, ConfigError, Unauthenticated
from incident_copilot.plugins.alert_sources.alertmanager import Options, create
from incident_copilot.ports import PluginEnv
from incident_copilot.vendors.alert_fields import NOTE

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)


def source(secret="s3cret"):
    return create(PluginEnv(http=None, now=lambda: NOW, secret=secret, instance="am"), Options())


def basic(text):
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def parse(body):
    return source().parse({}, json.dumps(body).encode()).alerts


def one(alert=None, **group):
    """Return what a body with one alert becomes."""
    usual = {"status": "firing", "labels": {"alertname": "Up"}, "startsAt": "2026-11-21T09:00:00Z"}
    (found,) = parse({"alerts": [usual | (alert or {})], **group})
    return found


@pytest.mark.parametrize("header", ["Bearer new", "Bearer old", basic("am:new"), basic("new:x"), basic(":old")])
def test_either_live_secret_opens(header):
    source("new, old,new:x").authenticate({"authorization": header}, b"")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "s3cret",
        "Bearer s3cre",
        "Bearer s3cret\x00",
        "Bearer s3cret ",
        "bearer s3cret",
        "Bearer s3cret,other",
        "Bearer ",
        "Bearer s3cr\u20act",
        "Basic s3cret",
        "Basic ",
        basic("am:wrong"),
        basic("s3cret:"),
    ],
)
def test_anything_else_is_refused(header):
    with pytest.raises(Unauthenticated, match=r"^am: missing or wrong secret"):
        source().authenticate({"authorization": header}, b"")


def test_request_without_a_secret_is_refused():
    with pytest.raises(Unauthenticated):
        source().authenticate({}, b"")


def test_secret_outside_of_ascii_opens():
    source("geh\u00e4im").authenticate({"authorization": "Bearer geh\u00e4im".encode().decode("latin-1")}, b"")


@pytest.mark.parametrize("secret", [None, "", " , "])
def test_source_without_a_secret_is_not_set_up(secret):
    with pytest.raises(ConfigError, match="secret_env"):
        source(secret)


def test_each_alert_of_a_group_has_its_own_status_and_times(fixture):
    firing, resolved = parse(fixture("alertmanager"))

    assert (firing.status, firing.starts_at, firing.ends_at) == (
        AlertStatus.FIRING,
        datetime(2026, 11, 21, 8, 31, 13, 790195, tzinfo=UTC),
        None,
    )
    assert (resolved.status, resolved.starts_at, resolved.ends_at) == (
        AlertStatus.RESOLVED,
        datetime(2026, 11, 21, 6, 30, tzinfo=UTC),
        datetime(2026, 11, 21, 8, 35, 19, tzinfo=UTC),
    )


def test_alert_is_told_in_the_words_all_sources_share(fixture):
    alert = parse(fixture("alertmanager"))[0]

    assert alert.model_dump(include={"source", "fingerprint", "name", "severity", "service", "environment"}) == {
        "source": "am",
        "fingerprint": "a1b2c3d4e5f60718",
        "name": "QueueBacklog",
        "severity": "critical",
        "service": "mailer",
        "environment": "prod",
    }
    assert alert.labels["cluster"] == "eu-1"
    assert alert.summary == "Mail queue grows on <mailer> & <!channel>"
    assert alert.expression == 'mail_queue_length{service="mailer"} > 1000'
    assert alert.links == {
        "runbook": "https://runbooks.example/mailer",
        "dashboard": "https://grafana.example/d/mail?var-service=mailer",
        "generator": alert.links["generator"],
        "alertmanager": "https://alertmanager.example",
    }


def test_alertmanager_names_no_delivery(fixture):
    delivery = source().parse({}, json.dumps(fixture("alertmanager")).encode())

    assert delivery.delivery_id is None


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "am: alerts is not a list of alerts"),
        ({"alerts": []}, "am: alerts is not a list of alerts"),
        ({"alerts": [1]}, "am: alerts[0] is not an object"),
        ({"alerts": [{"labels": []}]}, "am: alerts[0].labels is not an object"),
        ({"alerts": [{"labels": {"a": {}}}]}, "am: alerts[0].labels.a is not a text"),
        ({"alerts": [{}], "commonLabels": "x"}, "am: commonLabels is not an object"),
        ({"alerts": [{}, {"status": "paused"}]}, "am: alerts[1].status is neither firing nor resolved"),
    ],
)
def test_body_of_another_shape_is_refused_by_field(body, problem):
    with pytest.raises(BadPayload) as caught:
        parse(body)

    assert str(caught.value) == problem


def test_body_that_is_not_json_is_refused():
    with pytest.raises(BadPayload, match=r"^am: the body is not JSON"):
        source().parse({}, b"{")


def test_group_speaks_for_what_an_alert_leaves_out():
    (alert,) = parse(
        {
            "alerts": [{"labels": {"alertname": "Up", "shard": 3, "empty": None, "": "x"}}],
            "commonLabels": {"env": "test"},
            "commonAnnotations": {"title": "It is up", "message": "And how"},
            "status": "RESOLVED",
        }
    )

    assert alert.status is AlertStatus.RESOLVED
    assert alert.labels == {"env": "test", "alertname": "Up", "shard": "3"}
    assert (alert.summary, alert.description) == ("It is up", "And how")


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"service": "a", "app": "b", "job": "c"}, "a"),
        ({"app": "b", "job": "c"}, "b"),
        ({"service": " ", "job": "shop/checkout", "namespace": "n"}, "checkout"),
        ({"job": "kube-state-metrics", "namespace": "n"}, "n"),
        ({}, None),
    ],
)
def test_service_comes_from_the_first_label_that_names_one(labels, service):
    assert one({"labels": labels}).service == service


@pytest.mark.parametrize(
    ("alert", "name"),
    [
        ({"labels": {"alertname": "Up"}}, "Up"),
        ({"labels": {}, "annotations": {"summary": "Something"}}, "Something"),
        ({"labels": {}}, "alert without a name"),
    ],
)
def test_every_alert_has_a_name(alert, name):
    assert one(alert).name == name


@pytest.mark.parametrize("given", [None, "", 7, "x" * 129, "a\nb", "\u00e4"])
def test_unusable_fingerprint_is_computed_from_the_labels(given):
    assert one({"fingerprint": given}).fingerprint == fingerprint_of("am", "Up", {"alertname": "Up"})


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        5,
        "yesterday",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1969-01-01T00:00:00Z",
        "9999-12-31T23:00:00-14:00",
    ],
)
def test_unusable_start_is_the_time_of_arrival_with_a_note(given):
    alert = one({"startsAt": given})

    assert (alert.starts_at, "startsAt" in alert.annotations[NOTE]) == (NOW, True)


def test_time_without_a_zone_is_utc():
    alert = one({"startsAt": "2026-11-21T09:00:00"})

    assert (alert.starts_at, alert.annotations) == (NOW - timedelta(minutes=10), {})


@pytest.mark.parametrize(
    ("given", "ends_at"),
    [
        ("2026-11-21T09:05:00Z", NOW - timedelta(minutes=5)),
        ("2026-11-21T08:00:00Z", NOW - timedelta(minutes=10)),
        ("0001-01-01T00:00:00Z", NOW),
        ("9999-01-01T00:00:00Z", NOW),
    ],
)
def test_resolved_alert_ends_after_it_began_and_not_in_the_future(given, ends_at):
    assert one({"status": "resolved", "endsAt": given}).ends_at == ends_at


def test_firing_alert_has_no_end():
    assert one({"endsAt": "2026-11-21T09:30:00Z"}).ends_at is None


def test_alerts_left_out_are_noted():
    assert one(truncatedAlerts=5).annotations[NOTE] == "Alertmanager left out 5 more alerts of this group (max_alerts)"


def test_labels_are_capped_in_number_and_length_but_not_for_the_fingerprint():
    labels = {f"l{number}": "v" for number in range(100)} | {"alertname": "x" * 300, "service": "s" * 2000}

    alert = one({"labels": labels, "annotations": {"summary": "y" * 5000}})

    assert (len(alert.labels), len(alert.name), len(alert.service or "")) == (64, 200, 1024)
    assert (len(alert.summary), len(alert.annotations["summary"])) == (1024, 4096)
    assert alert.annotations[NOTE] == "only 64 of 102 labels or annotations are kept"
    assert alert.fingerprint == fingerprint_of("am", "x" * 300, labels)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "ftp://x.example",
        "/relative",
        "https://",
        "https://grafana.example@evil.example/",
        "https://a b.example",
        "https://x.example/\u202egnp",
        "https://[::1",
        "https://x.example/" + "a" * 2048,
    ],
)
def test_link_people_should_not_follow_is_left_out(link):
    alert = one({"annotations": {"runbook_url": link}, "generatorURL": link}, externalURL=link)

    assert alert.links == {}


@pytest.mark.parametrize(
    ("generator", "expression"),
    [
        ("https://p.example/graph?g0.expr=up+%3D%3D+0&g0.tab=1", "up == 0"),
        ("https://vm.example/vmalert/alert?expr=up", "up"),
        ("https://p.example/graph?g0.expr=++", None),
        ("https://p.example/graph", None),
        ("https://p.example/graph?g0.expr=" + "a" * 5000, None),
        ("https://[::1/graph?g0.expr=up", None),
        (None, None),
    ],
)
def test_expression_comes_from_the_link_to_the_graph(generator, expression):
    assert one({"generatorURL": generator}).expression == expression


def test_text_that_cannot_be_stored_is_cleaned():
    assert one({"labels": {"alertname": "a\x00b\ud800", "x": "\x00"}}).labels == {"alertname": "ab", "x": ""}


def test_same_alert_sent_again_has_the_same_state(fixture):
    body = fixture("alertmanager")

    assert [alert.state_key for alert in parse(body)] == [alert.state_key for alert in parse(body)]
