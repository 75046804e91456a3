"""How odd each value of a metric is, by what came before."""

import numpy as np
import pytest

from incident_copilot.analysis.oddness import ODD, Oddness, oddest_since

NOISE = np.random.default_rng(7).normal(0, 0.1, 400)


def places(values, detector=None):
    """Where the detector finds something odd."""
    detector = detector or Oddness()
    return [place for place, value in enumerate(values) if detector.next(float(value)) >= ODD]


def test_calm_series_has_nothing_odd():
    assert places(10 + NOISE) == []


@pytest.mark.parametrize("height", [3.0, -3.0])
def test_spike_and_shift_are_odd_when_they_begin_and_told_once(height):
    spiked, shifted = 10 + NOISE, 10 + NOISE
    spiked[300] += height
    shifted[300:] += height

    assert places(spiked) == [300]
    assert places(shifted) == [300]


def test_second_spike_of_a_kind_is_familiar():
    values = 10 + NOISE
    values[[150, 300]] += 3

    assert places(values) == [150]


def test_shape_is_odd_though_each_value_was_seen():
    days = np.sin(np.arange(800) / 50 * 2 * np.pi) + np.tile(NOISE, 2) / 10
    days[750:770] = days[750]
    detector = Oddness()

    scores = [detector.next(float(value)) for value in days]

    assert max(scores[:750]) < 0.05 < max(scores[750:770])


def test_series_that_never_moves_is_familiar_until_it_does():
    assert places([5.0] * 120 + [6.0] * 20) == [120]


def test_first_values_are_never_odd():
    assert places([*NOISE[:20], 99.0]) == []


def test_what_was_forgotten_is_odd_again():
    values = 10 + NOISE
    values[[110, 399]] += 3

    assert places(values) == [110]
    assert places(values, Oddness(kept=100)) == [110, 399]


def test_oddest_value_since_a_time_is_told_with_its_time():
    points = [(float(place), value) for place, value in enumerate([*(10 + NOISE), 13.0, 10.0])]

    found = oddest_since(points, 390)

    assert (found.at, found.value, found.score > ODD) == (400.0, 13.0, True)
    assert oddest_since(points, 401).score < ODD
    assert oddest_since(points, 402) is None
