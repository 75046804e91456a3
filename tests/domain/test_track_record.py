"""What happened to an alert's latest incidents, in counts and as a likelihood that is careful where little is known."""

import pytest

from incident_copilot.domain.track_record import TrackRecord, TurnedOut

T, F, H = TurnedOut.TROUBLE, TurnedOut.FALSE_ALARM, TurnedOut.SELF_HEALED


@pytest.mark.parametrize(
    ("latest", "likely", "text"),
    [
        ((), 0.2, ""),
        ((F,), 0.47, ""),
        ((F, F, T, F, F), 0.63, "4 of the last 5 were false alarms"),
        ((H, T), 0.35, "1 of the last 2 went away by themselves"),
        ((H, F, T), 0.48, "1 of the last 3 were false alarms, 1 of the last 3 went away by themselves"),
        ((T,) * 10, 0.03, "0 of the last 10 were false alarms"),
        ((F,) * 10, 0.87, "10 of the last 10 were false alarms"),
    ],
)
def test_record_in_numbers_and_words(latest, likely, text):
    record = TrackRecord(latest=latest)

    assert (record.likely_false, record.text) == (likely, text)
