"""What every tracker is asked to keep."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.ticket import TicketText


@pytest.fixture
def wanted():
    """`wanted(ref={"key": "7"})`: the ticket of the first action item of INC-42."""

    def told(**fields):
        values = {
            "key": "inc-42-1-0192abcd",
            "title": "INC-42: Alert on pool waits",
            "text": "Alert on pool waits\n\nFollows from INC-42.",
            "since": datetime(2026, 11, 21, 9, tzinfo=UTC),
            "labels": ("detect",),
        }
        return TicketText.model_validate(values | fields)

    return told
