"""Who is from outside."""

import pytest

from incident_copilot.domain.person import Person


@pytest.mark.parametrize(
    ("fields", "is_outsider"),
    [
        ({}, False),
        ({"is_bot": True}, True),
        ({"is_guest": True}, True),
        ({"is_stranger": True}, True),
        ({"is_deactivated": True}, True),
    ],
)
def test_guests_bots_strangers_and_deactivated_people_are_outsiders(fields, is_outsider):
    assert Person(id="U1", name="x", **fields).is_outsider is is_outsider
