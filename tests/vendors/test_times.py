"""Times as vendors write them."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.vendors import times

AT = datetime(2026, 11, 21, 8, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21T08:40:00Z",
        "2026-11-21T09:40:00+01:00",
        "2026-11-21T08:40:00",
        "2026-11-21 08:40:00 UTC",
        " 2026-11-21 08:40:00 ",
        "Sat, 21 Nov 2026 08:40:00 GMT",
        "Sat, 21 Nov 2026 09:40:00 +0100",
        1795250400,
        1795250400.0,
        1795250400000,
        1795250400000000,
        1795250400000000000,
        "1795250400",
        "1795250400000",
    ],
)
def test_time_is_read(written):
    assert times.read(written) == AT


@pytest.mark.parametrize(
    "written",
    [None, True, "", "yesterday", "0001-01-01T00:00:00Z", -5, 0, 1e30, 10**400, "nan", [], {}, "9" * 5000, "Sat, 99"],
)
def test_what_is_no_time_is_none(written):
    assert times.read(written) is None


def test_vendors_own_format_is_tried_first():
    assert times.read("2026.11.21 08:40", "%d/%m/%Y", "%Y.%m.%d %H:%M") == AT
    assert times.read("21/11/2026 10:40 +0200", "%d/%m/%Y %H:%M %z") == AT


@pytest.mark.parametrize(
    ("at", "is_usable"),
    [
        (AT, True),
        (AT + timedelta(hours=23), True),
        (AT + timedelta(hours=25), False),
        (AT.replace(year=1999), False),
        (None, False),
    ],
)
def test_nothing_began_before_2000_or_after_tomorrow(at, is_usable):
    assert times.usable(at, AT) == (at if is_usable else None)
