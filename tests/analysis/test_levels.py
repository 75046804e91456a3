"""Changes of level: each is found where it is, and noise and single spikes are none."""

import numpy as np
import pytest

from incident_copilot.analysis.levels import MOST, shifts
from incident_copilot.analysis.ranking import Series


def series(*stretches, seed=1):
    """A series of `(points, level)` with a little noise, a point a minute."""
    noise = np.random.default_rng(seed)
    values = np.concatenate([level + noise.normal(0, 0.1, n) for n, level in stretches])
    return Series(times=60.0 * np.arange(len(values)), values=values)


def test_each_change_of_level_is_found_in_the_order_of_time():
    found = shifts(series((30, 5.0), (30, 8.0), (30, 4.0)))

    assert [(one.at, round(one.before), round(one.after)) for one in found] == [(1800, 5, 8), (3600, 8, 4)]


def test_of_many_changes_the_clearest_are_kept():
    found = shifts(series(*((15, float(place % 2)) for place in range(10))))

    assert len(found) == MOST
    assert found == sorted(found)


@pytest.mark.parametrize(
    "quiet",
    [
        series((60, 5.0)),
        series((40, 5.0), (1, 50.0), (40, 5.0)),
        series((3, 5.0), (2, 9.0)),
        Series(times=np.arange(20.0), values=np.ones(20)),
        # So long that a small step is sure, and too small to matter.
        series((400, 5.0), (400, 5.1)),
    ],
)
def test_noise_a_spike_and_too_few_points_are_no_change(quiet):
    assert shifts(quiet) == []


def test_gaps_are_left_out():
    whole = series((30, 5.0), (30, 8.0))
    values = whole.values.copy()
    values[[3, 40]] = np.nan

    assert [one.at for one in shifts(Series(times=whole.times, values=values))] == [1800]
