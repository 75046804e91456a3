"""An hour that costs more than its hour usually does."""

import pytest

from .watching import HOUR, NOW, Observed, figure, looked, watched


def hours(count, value=10.0):
    begun = NOW - (count + 1) * HOUR
    return [
        Observed(at=begun + hour * HOUR, figure=figure("cost.usd", value=value + 0.1 * (hour % 5)))
        for hour in range(count)
    ]


@pytest.mark.parametrize(("value", "outcome"), [(10.2, "fine"), (15.0, "weak"), (40.0, "firing")])
def test_an_hour_is_held_against_those_before(value, outcome):
    last = Observed(at=NOW - HOUR / 2, figure=figure("cost.usd", value=value))

    found = looked("cost", watched(hours(72), [last]))["cost.usd"]

    assert found.outcome == outcome
    assert found.summary.startswith(f"usd of the last hour: {value:.3g}, usually 10.2 by all hours")


def test_too_short_a_history_says_nothing():
    assert looked("cost", watched(hours(20), [figure("cost.usd", value=99.0)])) == {}
