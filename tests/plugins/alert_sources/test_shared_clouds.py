"""The real bodies of clouds and probes in the shared data become what people read in them before they were parsed."""

import hashlib
import importlib
import json
from pathlib import Path

import pytest

from .sending import parse

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / ".." / "shared" / "data" / "webhooks"
LABELS = json.loads((HERE / "labels" / "clouds.json").read_text())
FIELDS = ("status", "name", "severity", "service")
# How an operator would describe the senders that have no plugin of their own.
GENERIC = {
    "librenms": {
        "name": "name",
        "status": "state",
        "firing": ["1", "2", "3", "4"],
        "key": "alert_id",
        "severity": "severity",
        "service": "sysName",
        "summary": "title",
        "starts_at": "timestamp",
    },
    "prometheus_rule_mock": {"name": "summary", "labels": "labels"},
}
# Alerta takes the name of a policy for a service, has a word for a severity that the source does not name, and reads
# JSON out of a policy's documentation.
NOT_OURS = {
    ("gcp_monitoring", "service"),
    ("gcp_monitoring", "severity"),
    ("gcp_monitoring", "resource"),
    ("pingdom", "severity"),
    ("pingdom", "event"),
}

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data")


def bodies():
    """Return the bodies that are labelled, by their hash, with source and place."""
    rows = map(json.loads, (SHARED / "index.jsonl").read_text().splitlines()) if SHARED.is_dir() else ()
    return {row["sha1"]: row for row in rows if row["sha1"] in LABELS}


BODIES = bodies()


def sent(row):
    """Return what becomes of a body."""
    body = (SHARED.parent / row["file"]).read_bytes()
    module = importlib.import_module(f"incident_copilot.plugins.alert_sources.{LABELS[row['sha1']]['plugin']}")
    return parse(module, body, **GENERIC.get(row["source"], {}))


def expectations(name):
    """Return what another project expects of the bodies that are labelled."""
    files = {row["file"]: row for row in BODIES.values()}
    lines = (SHARED / name).read_text().splitlines() if SHARED.is_dir() else ()
    return [(files[one["file"]], one) for one in map(json.loads, lines) if one["file"] in files]


def test_every_label_is_of_a_body():
    assert {hashlib.sha1((SHARED.parent / row["file"]).read_bytes()).hexdigest() for row in BODIES.values()} == {
        *LABELS
    }


@pytest.mark.parametrize("row", BODIES.values(), ids=lambda row: row["file"])
def test_body_becomes_what_its_label_says(row):
    label = LABELS[row["sha1"]]
    expected = label.get("alerts") or [{name: label[name] for name in (*FIELDS, "link")}]

    found = sent(row)

    told = [
        {name: getattr(alert, name) for name in FIELDS} | {"link": next(iter(alert.links.values()), None)}
        for alert in found.alerts
    ]
    assert (told, found.changes, found.ignored, found.unknown) == (expected, (), None, None)


@pytest.mark.parametrize(("row", "expected"), expectations("expected_zulip.jsonl"))
def test_zulips_topic_holds_our_name(row, expected):
    (alert,) = sent(row).alerts

    assert alert.name in expected["expected_topic"]


@pytest.mark.parametrize(("row", "expected"), expectations("expected_alerta.jsonl"))
def test_alertas_fields_are_among_ours(row, expected):
    (alert,) = sent(row).alerts
    ours = " ".join([alert.name, alert.summary, alert.description, alert.severity or "", alert.service or ""])

    wanted = {place.removeprefix("['alert']['").removesuffix("']"): text for place, text in expected["asserts"].items()}

    texts = {name: text for name, text in wanted.items() if (row["source"], name) not in NOT_OURS}
    # Alerta puts Pingdom's importance before the text.
    assert [name for name, text in texts.items() if str(text).removeprefix("HIGH: ") not in ours] == []
