"""Whose turn it is, by the time on the wall, also where clocks are changed."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from incident_copilot.domain.catalog import OnCall
from incident_copilot.domain.rotation import Override, Rotation


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WEEKLY = Rotation(people=("ANA", "BEN", "CARA"), starts="2026-03-16T09:00", zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "first", "second"),
    [
        ("2026-03-16T07:59", "CARA", "ANA"),  # before it begins the turn before is counted back
        ("2026-03-16T08:00", "ANA", "BEN"),  # 09:00 in Berlin in winter
        ("2026-03-23T07:59", "ANA", "BEN"),
        ("2026-03-23T08:00", "BEN", "CARA"),
        ("2026-03-30T06:59", "BEN", "CARA"),  # clocks went forward on the 29th: 09:00 is 07:00 UTC now
        ("2026-03-30T07:00", "CARA", "ANA"),
        ("2026-10-26T07:59", "BEN", "CARA"),  # and back on 25 October
        ("2026-10-26T08:00", "CARA", "ANA"),
    ],
)
def test_turn_changes_hands_at_the_same_time_on_the_wall(now, first, second):
    assert WEEKLY.at(at(now)) == (first, second)


@pytest.mark.parametrize(
    ("now", "until"), [("2026-03-24T00:00", "2026-03-30T07:00"), ("2026-10-20T00:00", "2026-10-26T08:00")]
)
def test_turn_ends_when_the_next_begins(now, until):
    assert WEEKLY.until(at(now)) == at(until)


def test_turn_of_hours_takes_as_long_as_hours_take():
    shifts = Rotation(people=("ANA", "BEN"), starts="2026-03-28T20:00", zone="Europe/Berlin", every="12h")

    assert shifts.at(at("2026-03-29T06:59")) == ("ANA", "BEN")
    assert shifts.at(at("2026-03-29T07:00")) == ("BEN", "ANA")  # 09:00 on the wall, as an hour was left out
    assert shifts.until(at("2026-03-29T07:00")) == at("2026-03-29T19:00")


def test_who_stands_in_is_called_first_and_who_is_replaced_second_at_most():
    override = Override(who="BEN", begins=at("2026-03-17T00:00"), ends=at("2026-03-18T00:00"))
    covered = WEEKLY.model_copy(update={"overrides": (override,)})

    assert covered.at(at("2026-03-17T12:00")) == ("BEN", "ANA")
    assert covered.at(at("2026-03-18T00:00")) == ("ANA", "BEN")
    assert covered.until(at("2026-03-16T12:00")) == at("2026-03-17T00:00")
    assert covered.until(at("2026-03-17T12:00")) == at("2026-03-18T00:00")


def test_one_person_has_nobody_behind():
    alone = Rotation(people=("ANA",), starts="2026-03-16T09:00", every="1d")

    assert alone.at(at("2026-05-01T00:00")) == ("ANA", None)


def test_every_turn_of_two_years_is_exactly_one_persons_turn():
    daily = WEEKLY.model_copy(update={"every": "1d"})
    now, seen = at("2026-01-01T00:00"), []
    for _ in range(730):
        seen.append(daily.at(now)[0])
        ends = daily.until(now)
        assert daily.at(ends - timedelta(seconds=1))[0] == seen[-1] != daily.at(ends)[0]
        now = ends
    assert {seen.count(who) for who in WEEKLY.people} <= {243, 244}


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ({"zone": "Berlin"}, "there is no time zone Berlin"),
        ({"starts": "2026-02-30T09:00"}, "day is out of range"),
        ({"every": "0d"}, "every"),
        ({"people": []}, "people"),
        (
            {"overrides": [{"who": "A", "begins": "2026-01-02T00:00Z", "ends": "2026-01-01T00:00Z"}]},
            "ends must be later",
        ),
    ],
)
def test_rotation_that_cannot_be_is_refused(field, problem):
    with pytest.raises(ValidationError, match=problem):
        Rotation.model_validate({"people": ["A"], "starts": "2026-01-05T09:00"} | field)


def test_schedule_is_named_with_its_source():
    with pytest.raises(ValidationError, match="write source and schedule, both"):
        OnCall(source="pagerduty")
