"""Priority is severity first, then what is urgent; each part is said, and the parts are the sum."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.priority import Circumstances, priority_of
from incident_copilot.domain.support_hours import SupportHours

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)  # a Friday
NIGHT = NOON + timedelta(hours=14)


def incident(severity=Severity.P2, status=Status.OPEN):
    return Incident(
        id="1",
        workspace_id="w",
        number=1,
        title="t",
        severity=severity,
        status=status,
        correlation_key="k",
        started_at=NOON,
        opened_at=NOON,
    )


TAKEN = incident(status=Status.ACKNOWLEDGED)


@pytest.mark.parametrize(
    ("told", "around", "text"),
    [
        (incident(), {}, "23: P2 20, nobody has acknowledged +3"),
        (incident(Severity.P0, Status.ACKNOWLEDGED), {}, "40: P0 40"),
        (incident(), {"now": NOON + timedelta(hours=3)}, "26: P2 20, nobody has acknowledged in time +6"),
        (incident(), {"on_call": False}, "26: P2 20, nobody has acknowledged +3, nobody is on call +3"),
        (TAKEN, {"on_call": False}, "20: P2 20"),
        (incident(status=Status.MITIGATED), {"on_call": True}, "14: P2 20, it is mitigated -6"),
        (
            TAKEN,
            {"begun": 3, "begun_before": 2},
            "23: P2 20, 3 alerts began in the last 10 min +3",
        ),
        (TAKEN, {"begun": 3, "begun_before": 3}, "20: P2 20"),
        (TAKEN, {"begun": 2}, "20: P2 20"),
        (TAKEN, {"hours": SupportHours()}, "20: P2 20"),
        (
            TAKEN,
            {"hours": SupportHours(), "now": NIGHT},
            "14: P2 20, outside support hours -6",
        ),
        (TAKEN, {"likely_false": 0.63}, "16: P2 20, its alert was mostly nothing -4"),
        (TAKEN, {"likely_false": 0.2}, "20: P2 20"),
    ],
)
def test_each_part_is_said(told, around, text):
    assert priority_of(told, Circumstances(**{"now": NOON, **around})).text == text


def test_support_hours_are_local_and_by_day():
    hours = SupportHours(days=("fri", "sat"), begin="09:00", end="17:30", zone="Europe/Berlin")

    at = {
        hour: hours.cover(datetime(2026, 11, 27, *hour, tzinfo=UTC)) for hour in ((7, 59), (8, 0), (16, 29), (16, 30))
    }
    assert list(at.values()) == [False, True, True, False]
    assert [hours.cover(NOON + timedelta(days=days)) for days in (1, 2)] == [True, False]
    assert SupportHours(days=("fri",), begin="20:00", end="24:00").cover(NOON.replace(hour=23, minute=59))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"zone": "Mars/Olympus"}, "there is no time zone Mars/Olympus"),
        ({"zone": "../etc"}, "there is no time zone"),
        ({"begin": "18:00", "end": "08:00"}, "end must be later than begin"),
        ({"end": 1080}, "valid string"),
        ({"begin": "8:00"}, "should match pattern"),
    ],
)
def test_support_hours_that_make_no_sense_are_refused(fields, problem):
    with pytest.raises(ValidationError, match=problem):
        SupportHours.model_validate(fields)
