"""A provider that answers less often than it did, or slower than usual."""

import pytest

from .watching import HOUR, NOW, Observed, figure, looked, told, watched

OPENAI = "provider=openai"


def test_a_provider_that_answers_less_often_fires():
    before = figure("provider.availability", OPENAI, successes=9990, n=10_000)
    now = figure("provider.availability", OPENAI, successes=900, n=1000)

    found = looked("provider", watched([before], [now]))["provider.availability", OPENAI]

    said = "availability (provider=openai) is 0.9, was 0.999 (n 1,000, baseline 10,000)"
    assert told(found) == ("firing", "critical", said)
    assert (found.incident_type, found.kind) == ("dependency", "unavailable")


@pytest.mark.parametrize(("seconds", "outcome"), [(0.9, "fine"), (4.0, "firing")])
def test_a_provider_that_is_slower_than_usual_fires(seconds, outcome):
    begun = NOW - 73 * HOUR
    before = [
        Observed(at=begun + hour * HOUR, figure=figure("provider.latency_p95_s", OPENAI, value=0.8 + 0.05 * (hour % 3)))
        for hour in range(72)
    ]
    last = Observed(at=NOW - HOUR / 2, figure=figure("provider.latency_p95_s", OPENAI, value=seconds))

    found = looked("provider", watched(before, [last]))["provider.latency_p95_s", OPENAI]

    assert told(found) == (
        outcome,
        "warning",
        f"latency p95 s (provider=openai) of the last hour: {seconds:.2f} s, usually 0.85 s by all hours",
    )


def test_a_provider_without_a_past_says_nothing():
    now = [figure("provider.availability", OPENAI, successes=1, n=2), figure("provider.latency_p95_s", value=1.0)]

    assert looked("provider", watched([], now)) == {}
