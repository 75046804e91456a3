"""The same hours of the week before: what was so then is of the season, what was not is no such thing."""

import numpy as np
import pytest

from incident_copilot.analysis.ranking import Series
from incident_copilot.analysis.same_hours import same_hours

TIMES = 60.0 * np.arange(60)


def of(values, times=TIMES):
    return Series(times=np.array(times, dtype=float), values=np.array(values, dtype=float), unit="ratio")


NOW = of([0.92] * 50 + [0.7] * 10)


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (of([0.92] * 60), "was 92 % at the same hours a week before and is 70 % now: it is not of the season"),
        (
            of([0.9] * 50 + [0.72] * 10),
            "was 72 % at the same hours a week before and is 70 % now: it may be of the season",
        ),
        # Older figures are kept by the hour: the nearest one counts.
        (of([0.91], [3600.0]), "was 91 % at the same hours a week before and is 70 % now: it is not of the season"),
    ],
)
def test_a_fall_is_held_against_the_same_hours(then, said):
    assert same_hours(NOW, then, 3000.0).text == said


def test_where_one_week_says_nothing_neither_does_the_comparison():
    assert same_hours(NOW, of([0.9], [-9000.0]), 3000.0) is None
    assert same_hours(NOW, NOW, -1.0) is None
    assert same_hours(NOW, NOW, 9999.0) is None
