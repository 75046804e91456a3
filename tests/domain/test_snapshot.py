"""The files of a snapshot are held against its manifest; what differs is named."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.base import new_id
from incident_copilot.domain.snapshot import MANIFEST, KeptFile, Manifest, digest, manifest_in, problems

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BODY = b'{"name": "HighErrorRate"}\n'
KEPT = KeptFile(name="alerts.jsonl", rows=1, size=len(BODY), sha256=digest(BODY))
TAKEN = Manifest(
    workspace="w",
    incident=new_id(NOON),
    label="INC-1",
    number=1,
    taken_at=NOON,
    taken_by="U0ANA",
    because="it was asked for",
    log_seq=3,
    log_hash="0" * 64,
    files=(KEPT,),
)
FILES = {"alerts.jsonl": BODY, MANIFEST: TAKEN.text.encode()}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({}, []),
        ({"alerts.jsonl": BODY.replace(b"High", b"high")}, ["alerts.jsonl was changed"]),
        ({"alerts.jsonl": None}, ["alerts.jsonl is missing"]),
        ({"more.txt": b""}, ["more.txt does not belong to it"]),
        ({MANIFEST: None}, ["manifest.json is not there, or cannot be read"]),
        ({MANIFEST: b"{}"}, ["manifest.json is not there, or cannot be read"]),
    ],
)
def test_what_differs_from_the_manifest_is_named(change, named):
    assert problems({name: body for name, body in (FILES | change).items() if body is not None}) == named


def test_manifest_is_read_as_it_was_written_by_a_newer_release_too():
    newer = FILES[MANIFEST].replace(b'"version"', b'"more": 1,\n "version"')

    assert manifest_in(FILES) == TAKEN
    assert TAKEN.size == len(BODY)
    assert manifest_in({MANIFEST: newer}).label == "INC-1"
