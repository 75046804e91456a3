"""The eval of confidence: its errors, and that it finds the map that was put in."""

import numpy as np
import pytest
from evals import calibration
from evals.calibration import Point

from incident_copilot.analysis import calibrating


def points(slope, offset, *, source="a", count=400):
    """Hypotheses of many weights, right as often as a map of these parameters says."""
    random = np.random.default_rng(5)
    weights = np.linspace(0.05, 0.95, count)
    return [
        Point(source, float(one), True, bool(random.random() < calibrating.mapped(float(one), slope, offset)))
        for one in weights
    ]


def test_error_is_the_distance_of_what_was_said_from_how_often_it_was_right():
    said, right = [0.9, 0.9, 0.4, 0.4], [True, True, True, False]

    assert calibration.expected_error(said, right) == pytest.approx((0.1 + 0.1) / 2)
    assert calibration.brier(said, right) == pytest.approx((0.01 + 0.01 + 0.36 + 0.16) / 4)


def test_map_that_was_put_in_is_found_within_a_step_or_two():
    slope, offset = calibration.fitted(points(2.0, 1.0))

    assert (abs(slope - 2.0) <= 0.75, abs(offset - 1.0) <= 0.5) == (True, True)


def test_each_data_is_judged_by_the_others_and_a_ceiling_stays():
    easy, hard = points(1.0, 3.0, source="easy"), points(1.0, -1.0, source="hard")
    capped = Point("easy", 0.9, is_first=True, is_right=True, is_fitted=False, ceiling=0.49)

    said = calibration.left_out([*easy, *hard, capped])

    assert said[300] < said[300 + len(easy)]
    assert said[-1] <= 0.49
