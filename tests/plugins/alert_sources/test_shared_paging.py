"""Real bodies of the paging sources become what a person who read them said they are."""

import hashlib
import importlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident_copilot.ports import PluginEnv

ROOT = Path(__file__).parents[3]
LABELS = json.loads((Path(__file__).parent / "labels" / "paging.json").read_text())
NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)
SHARED = next((here for here in (ROOT.parent / "shared", Path("/work/shared")) if (here / "data").is_dir()), None)
BODIES = SHARED / "data" / "webhooks" if SHARED else None

pytestmark = pytest.mark.skipif(BODIES is None, reason="no shared data")

# What Zulip's tests say of a body and we do not, with the reason.
OTHERS = {
    "pagerduty/acknowledge_without_trigger_summary_data": "has no title: we name the incident, they say Incident 1",
    "newrelic/incident_default_fields_new": "has no condition: we say so, they say Unknown condition",
    "splunk/missing_search_name": "has no name: we say so, they say Missing search_name",
}
_OVER = re.compile(r"\*\*(?:resolved|closed)\*\*|\) resolved\b|: Close\b|as resolved", re.IGNORECASE)


def rows():
    return [json.loads(line) for line in (BODIES / "index.jsonl").read_text().splitlines()] if BODIES else []


def of_ours():
    return [pytest.param(row, id=row["file"][9:]) for row in rows() if row["sha1"] in LABELS]


def parsed(row, headers):
    module = importlib.import_module(f"incident_copilot.plugins.alert_sources.{row['source']}")
    env = PluginEnv(http=None, now=lambda: NOW, secret="s3cret", instance=row["source"])
    body = (BODIES.parent / row["file"]).read_bytes()
    assert hashlib.sha1(body, usedforsecurity=False).hexdigest() == row["sha1"]
    return module.create(env, module.Options()).parse(headers, body)


def github_event(row):
    """Return the header that GitHub sends with a body; the file is named after the event."""
    return {"x-github-event": re.split(r"__|\.", row["case"])[0]} if row["source"] == "github" else {}


def told(delivery, link):
    """Return what a delivery says, in the words of the labels; a body of the yardstick tells one thing.

    Of an alert's links it is `link`, where that is one of them, else the first.
    """
    if delivery.ignored or delivery.unknown:
        return {"kind": "ignored" if delivery.ignored else "unknown", "name": delivery.ignored or delivery.unknown}
    if delivery.changes:
        (change,) = delivery.changes
        return {
            "kind": "change",
            "change": change.kind,
            "status": change.status,
            "name": change.title,
            "service": change.service,
            "environment": change.environment,
            "link": change.link,
        }
    (alert,) = delivery.alerts
    links = [*alert.links.values()]
    return {
        "kind": "alert",
        "status": alert.status,
        "name": alert.name,
        "severity": alert.severity,
        "service": alert.service,
        "environment": alert.environment,
        "link": link if link in links else next(iter(links), None),
    }


def test_every_body_of_the_paging_sources_has_a_label():
    sources = {label["source"] for label in LABELS.values()}

    assert [row["file"] for row in rows() if row["source"] in sources and row["sha1"] not in LABELS] == []


@pytest.mark.parametrize("row", of_ours())
def test_body_becomes_what_its_label_says(row):
    label = {"environment": None} | LABELS[row["sha1"]]

    with_headers, without = (told(parsed(row, headers), label.get("link")) for headers in (github_event(row), {}))

    assert with_headers == without == {name: label[name] for name in without}


def expectations():
    """Return what Zulip's tests expect of bodies that are alerts or changes, unless we say otherwise."""
    by_file = {row["file"]: row for row in rows() if LABELS.get(row["sha1"], {}).get("kind") in {"alert", "change"}}
    lines = (BODIES / "expected_zulip.jsonl").read_text().splitlines() if BODIES else []
    for expected in map(json.loads, lines):
        name = expected["file"][9:].removesuffix(".json")
        if expected["file"] in by_file and expected["expected_message"] and name not in OTHERS:
            yield pytest.param(by_file[expected["file"]], expected, id=name)


@pytest.mark.parametrize(("row", "expected"), [*expectations()])
def test_what_zulip_expects_holds(row, expected):
    topic, message = expected["expected_topic"], expected["expected_message"]
    delivery = parsed(row, {})

    if delivery.changes:
        (change,) = delivery.changes
        assert change.service in topic
        said = (change.version, change.link, change.by, change.title.rpartition(": ")[2])
        assert any(text and text in message for text in said)
        return
    (alert,) = delivery.alerts
    assert any(text.rstrip("\u2026") in f"{topic} {message}" for text in (alert.name, alert.summary))
    is_over = _OVER.search(message) is not None
    assert is_over == (alert.status == "resolved")


def test_what_alerta_expects_holds():
    by_file = {row["file"]: row for row in rows()}
    grafana, pagerduty = "webhooks/grafana/alerta_grafana_alert", "webhooks/pagerduty/alerta_pagerduty_alert.json"

    (alerting,) = parsed(by_file[f"{grafana}_alerting.json"], {}).alerts
    (ok,) = parsed(by_file[f"{grafana}_ok.json"], {}).alerts
    (incident,) = parsed(by_file[pagerduty], {}).alerts

    assert alerting.labels["info.host_id"] == "i-0d0721c7f97545d43"
    assert (ok.status, incident.status) == ("resolved", "resolved")
    assert ok.fingerprint == alerting.fingerprint
