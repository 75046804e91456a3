"""When the next update was promised, in the zone that was meant, over every change of the clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from incident_copilot.domain.comms import CommsPolicy
from incident_copilot.domain.incident import Severity

BERLIN = CommsPolicy(timezone="Europe/Berlin")
NEW_YORK = CommsPolicy(timezone="America/New_York")
WINTER = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
SPRING_FORWARD = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)  # at 01:00 UTC on the 29th 02:00 CET becomes 03:00 CEST
FALL_BACK = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)  # at 01:00 UTC on the 25th 03:00 CEST becomes 02:00 CET


@pytest.mark.parametrize(
    ("policy", "now", "text", "due"),
    [
        (CommsPolicy(), WINTER, "Next update by 14:30 UTC.", "2026-11-21T14:30"),
        (CommsPolicy(), WINTER, "We look. next update for customers at 14.30", "2026-11-21T14:30"),
        (CommsPolicy(), WINTER, "Next update by 11:30 UTC.", "2026-11-22T11:30"),
        (CommsPolicy(), WINTER, "Next update in 45 minutes.", "2026-11-21T12:45"),
        (CommsPolicy(), WINTER, "The next notice follows in 2 h.", "2026-11-21T14:00"),
        (BERLIN, WINTER, "Next update by 14:30.", "2026-11-21T13:30"),
        (BERLIN, WINTER, "Next update by 14:30 CET.", "2026-11-21T13:30"),
        (BERLIN, SUMMER, "Next update by 14:30 CEST.", "2026-07-01T12:30"),
        (BERLIN, SUMMER, "Next update by 14:30 CET, we hope.", "2026-07-01T12:30"),
        (BERLIN, SUMMER, "Next update by 14:30 UTC.", "2026-07-01T14:30"),
        (BERLIN, WINTER, "Next update by 14:30 and not sooner.", "2026-11-21T13:30"),
        (BERLIN, SPRING_FORWARD, "Next update by 04:00.", "2026-03-29T02:00"),
        (BERLIN, SPRING_FORWARD, "Next update by 02:30.", "2026-03-29T01:30"),
        (BERLIN, FALL_BACK, "Next update by 02:30.", "2026-10-25T00:30"),
        (BERLIN, FALL_BACK + timedelta(hours=1, minutes=45), "Next update by 02:30.", "2026-10-25T01:30"),
        (BERLIN, FALL_BACK, "Next update by 04:00.", "2026-10-25T03:00"),
        (NEW_YORK, WINTER, "Next update by 2:30 pm ET.", "2026-11-21T19:30"),
        (NEW_YORK, WINTER, "Next update by 12 a.m.", "2026-11-22T05:00"),
    ],
)
def test_promise_is_the_next_such_time_in_the_zone_that_is_meant(policy, now, text, due):
    assert policy.promised(text, now) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Next update by 14:30 PST.",
        "Next update soon.",
        "Next update by 14.",
        "It began at 14:30 UTC.",
        "The update by 14:30 UTC was wrong.",
    ],
)
def test_what_promises_no_time_that_we_understand_is_no_promise(text):
    assert BERLIN.promised(text, WINTER) is None


def test_times_are_told_in_the_zone_of_the_policy():
    assert [BERLIN.clock(WINTER), BERLIN.clock(SUMMER), BERLIN.day(WINTER)] == [
        "13:00 CET",
        "14:00 CEST",
        "21 November 2026",
    ]


def test_cadence_is_that_of_the_severity_unless_the_catalogue_says_otherwise():
    policy = CommsPolicy(cadence_min={"P1": 45})

    assert [policy.cadence(one) for one in Severity] == [timedelta(minutes=n) for n in (30, 45, 120, 1440)]


@pytest.mark.parametrize("wrong", [{"timezone": "Mars/Olympus"}, {"cadence_min": {"P1": 0}}])
def test_policy_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError, match=r"there is no time zone Mars/Olympus|write whole minutes"):
        CommsPolicy.model_validate(wrong)
