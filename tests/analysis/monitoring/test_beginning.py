"""Trouble is dated by the figures: from the first that was beyond the bound, of those that count most together."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.analysis.monitoring.beginning import beginning
from incident_copilot.domain.observation import Figure, Observed

NOON, MINUTE = datetime(2026, 11, 21, 12, 0, tzinfo=UTC), timedelta(minutes=1)


def told(*values, n=100, step=MINUTE):
    return [
        Observed(at=NOON + place * step, figure=Figure(metric="quality.accuracy", value=value, n=n))
        for place, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "minute"),
    [
        ((0.9, 0.9, 0.7, 0.7), 1),
        ((0.9, 0.7, 0.9, 0.9, 0.7, 0.7, 0.7), 3),
        ((0.9, 0.88, 0.84, 0.78, 0.7), 2),
        ((0.7, 0.7), -1),
    ],
    ids=["a step", "a spike before it", "a slope", "from the first on"],
)
def test_trouble_began_with_the_first_figure_of_the_lasting_fall(values, minute):
    assert beginning(told(*values), 0.8, is_upper=False) == NOON + minute * MINUTE


def test_a_rise_is_a_fall_the_other_way_round_and_a_figure_alone_has_no_time_before_it():
    assert beginning(told(0.1, 0.3, 0.3), 0.2, is_upper=True) == NOON
    assert beginning(told(0.3), 0.2, is_upper=True) == NOON


def test_after_a_gap_trouble_began_as_long_ago_as_a_figure_usually_tells_of():
    late = Observed(at=NOON + timedelta(hours=5), figure=Figure(metric="quality.accuracy", value=0.7, n=100))

    assert beginning([*told(0.9, 0.9, 0.9), late], 0.8, is_upper=False) == late.at - MINUTE


def test_figures_without_a_value_date_nothing():
    assert beginning(told(None, None), 0.8, is_upper=False) is None
