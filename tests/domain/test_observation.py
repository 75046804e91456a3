"""Figures of one metric are pooled over all their cases, and signals alert as seed 002 has it."""

import pytest

from incident_copilot.domain.observation import Figure, Interaction, Signal, SignalKind, pooled, should_alert

SAFETY, QUALITY, ODD = SignalKind.SAFETY_VIOLATION, SignalKind.LOW_QUALITY, SignalKind.ANOMALY


@pytest.mark.parametrize(("kinds", "wanted"), [((), False), ((QUALITY,), False), ((SAFETY,), True)])
def test_a_safety_violation_alerts_alone_and_no_other_signal_does(kinds, wanted):
    assert should_alert(kinds) is wanted


def test_two_signals_alert_together(clock):
    said = Interaction(system="bot", id="1", at=clock(), signals=(Signal(kind=QUALITY), Signal(kind=ODD)))

    assert said.alerts is True


def test_shares_are_pooled_by_their_cases():
    told = [
        Figure(metric="m", successes=9, n=10, value=0.9),
        Figure(metric="m", successes=10, n=90, value=1 / 9),
        Figure(metric="m", value=0.5),
    ]

    both = pooled(told)

    assert both is not None
    assert (both.successes, both.n, both.share) == (19, 100, 0.19)


def test_means_are_pooled_with_their_spread():
    values = [1.0, 2.0, 3.0, 4.0]
    whole = Figure(metric="m", value=2.5, n=4, squares=30.0)
    parts = [Figure(metric="m", value=value) for value in values]

    assert pooled(parts) == whole
    assert (
        pooled([Figure(metric="m", value=1.5, n=2, squares=5), Figure(metric="m", value=3.5, n=2, squares=25)]) == whole
    )
    assert whole.variance == pytest.approx(5 / 3)


def test_a_spread_that_was_not_told_is_not_known():
    told = [Figure(metric="m", value=1.5, n=2), Figure(metric="m", value=3.5, n=2, squares=25)]

    both = pooled(told)

    assert both is not None
    assert (both.value, both.n, both.squares, both.variance) == (2.5, 4, None, None)
    assert Figure(metric="m").share is None


def test_distributions_are_added_up_and_nothing_pools_to_none():
    told = [Figure(metric="m", counts={"a": 1}), Figure(metric="m", counts={"a": 2, "b": 3})]

    assert pooled(told) == Figure(metric="m", counts={"a": 3, "b": 3})
    assert pooled([]) is None
