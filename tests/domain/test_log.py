"""The hash of a log row covers every field and the row before it."""

import pytest

from incident_copilot.domain.log import GENESIS, LogKind, hash_of

ROW = {
    "seq": 1,
    "chain": "incident:1",
    "at": "2026-11-21T12:00:00+00:00",
    "actor": "U1",
    "kind": LogKind.ACKNOWLEDGED,
    "payload": {"b": 1, "a": ["ü"]},
    "prev_hash": GENESIS,
}


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 2},
        {"chain": "incident:2"},
        {"at": "2026-11-21T12:00:01+00:00"},
        {"actor": "U2"},
        {"kind": LogKind.ASSIGNED},
        {"payload": {}},
        {"prev_hash": "1" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_hash_changes_with_every_field(change):
    assert hash_of(**(ROW | change)) != hash_of(**ROW)


def test_hash_does_not_depend_on_the_order_of_keys():
    assert hash_of(**(ROW | {"payload": {"a": ["ü"], "b": 1}})) == hash_of(**ROW)


def test_hash_is_the_same_in_every_release():
    assert hash_of(**ROW) == "761a21a20e483e9d62affdb97c504e278f8ce3e8bdc4b9d319a12d81200beb52"


def test_number_that_json_cannot_say_is_refused():
    with pytest.raises(ValueError, match="Out of range float"):
        hash_of(**(ROW | {"payload": {"a": float("nan")}}))


def test_kinds_are_a_subject_and_what_happened():
    assert all(len(kind.split(":")) == 2 for kind in LogKind)
