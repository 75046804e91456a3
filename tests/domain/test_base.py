"""Values are frozen and strict, times are aware UTC, ids sort by time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from incident_copilot.domain.base import Frozen, Utc, new_id

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Sample(Frozen):
    """A value with a time."""

    at: Utc


def test_value_is_not_changed_in_place_and_takes_no_other_fields():
    sample = Sample(at=NOON)

    with pytest.raises(ValidationError):
        sample.at = NOON
    with pytest.raises(ValidationError):
        Sample.model_validate({"at": NOON, "more": 1})


def test_time_is_kept_in_utc_and_a_naive_one_is_refused():
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))

    assert Sample(at=berlin).at.isoformat() == "2026-11-21T12:00:00+00:00"
    with pytest.raises(ValidationError, match="a time needs a time zone"):
        Sample(at=datetime(2026, 11, 21))  # noqa: DTZ001 -- this is what is refused


def test_ids_are_different_and_sort_by_time():
    ids = [new_id(NOON + timedelta(milliseconds=number)) for number in range(5)]

    assert sorted(ids) == ids
    assert new_id(NOON) != new_id(NOON)


def test_id_is_a_uuid_of_version_7():
    made = new_id(NOON)

    assert (len(made), made[12], made[16] in "89ab") == (32, "7", True)
    assert int(made[:12], 16) == int(NOON.timestamp() * 1000)
