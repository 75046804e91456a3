"""Who is on call by a calendar: single events, daily and weekly ones, on the wall of their time zone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.schedules.ical import Options, create

URL = "https://cal.example.net/team.ics"
SHOP = Options(calendars={"shop": URL})


def event(*lines):
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:Ana", *lines, "END:VEVENT", "END:VCALENDAR"])


@pytest.fixture
def on_duty(env, respx_mock):
    """Whose events are going on at a time, by a calendar's text: names with ends."""

    async def read(text, now):
        respx_mock.get(URL).respond(text=text)
        then = replace(env, now=lambda: datetime.fromisoformat(now).replace(tzinfo=UTC))
        return [(one.name, one.email, f"{one.until:%m-%d %H:%M}") for one in await create(then, SHOP).on_duty("shop")]

    return read


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2026-10-05T06:59", []),
        ("2026-10-05T07:00", [("Ana", "ana@acme.test", "10-12 07:00")]),
        ("2026-10-12T07:00", [("Ben from the other team", None, "10-19 07:00")]),
        ("2026-10-25T12:00", [("Ana", "ana@acme.test", "10-26 08:00")]),  # clocks were set back at 01:00 UTC
        ("2026-10-26T07:59", [("Ana", "ana@acme.test", "10-26 08:00")]),
        ("2026-10-26T08:00", [("Ben from the other team", None, "11-02 08:00")]),
    ],
)
async def test_weekly_turns_change_on_the_wall(on_duty, fixture, now, found):
    assert await on_duty(fixture("ical_calendar")["text"], now) == found


@pytest.mark.parametrize(
    ("lines", "now", "until"),
    [
        (["DTSTART:20261121T080000Z", "DTEND:20261121T200000Z"], "2026-11-21T12:00", "11-21 20:00"),
        (["DTSTART;VALUE=DATE:20261121"], "2026-11-21T23:59", "11-22 00:00"),
        (["DTSTART:20261101T080000Z", "DTEND:20261101T200000Z", "RRULE:FREQ=DAILY"], "2026-11-21T12:00", "11-21 20:00"),
        (["DTSTART:20261101T080000Z", "DTEND:20261101T200000Z", "RRULE:FREQ=DAILY"], "2026-11-21T21:00", None),
        (["DTSTART:20261101T080000Z", "RRULE:FREQ=DAILY;COUNT=3"], "2026-11-04T07:00", "11-04 08:00"),
        (["DTSTART:20261101T080000Z", "RRULE:FREQ=DAILY;COUNT=3"], "2026-11-04T08:00", None),
        (["DTSTART:20261101T080000Z", "RRULE:FREQ=DAILY;UNTIL=20261102T080000Z"], "2026-11-03T09:00", None),
        (["DTSTART:20261121T080000Z", "STATUS:CANCELLED"], "2026-11-21T12:00", None),
        (["DTEND:20261121T200000Z"], "2026-11-21T12:00", None),
    ],
)
async def test_events_are_read_as_they_are_written(on_duty, lines, now, until):
    assert await on_duty(event(*lines), now) == ([("Ana", None, until)] if until else [])


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["DTSTART:20261101T080000Z", "RRULE:FREQ=MONTHLY"], "the rule FREQ=MONTHLY"),
        (["DTSTART:20261102T080000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU"], "the rule FREQ=WEEKLY;BYDAY=MO,TU"),
        (["DTSTART;TZID=Berlin:20261101T080000"], "the time zone Berlin"),
        (["DTSTART:soon"], "an event is not understood"),
    ],
)
async def test_what_is_not_understood_is_said_over_a_wrong_name(on_duty, lines, problem):
    with pytest.raises(VendorRefused, match=problem):
        await on_duty(event(*lines), "2026-11-21T12:00")


async def test_secret_address_is_the_secret_and_an_unknown_calendar_is_refused(env, respx_mock):
    respx_mock.get(URL).respond(text="no calendar at all\nEND:VEVENT")
    private = create(replace(env, secret=URL), Options(calendars={"shop": "secret"}))

    assert await private.on_duty("shop") == []
    with pytest.raises(VendorRefused, match="has no calendar search"):
        await private.on_duty("search")


async def test_calendar_that_never_ends_is_not_read_to_its_end(on_duty):
    many = event(*["DTSTART:20200101T080000Z", "END:VEVENT", "BEGIN:VEVENT"] * 5_001)

    assert await on_duty(many, "2026-11-21T12:00") == []
