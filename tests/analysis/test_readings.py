"""What a series did, read without an onset."""

import numpy as np
import pytest

from incident_copilot.analysis.ranking import Series
from incident_copilot.analysis.readings import read_series

STEADY = [20, 21, 19, 20, 21, 20, 19, 20, 21, 20]


def read(values, name="CPUUtilization", unit="%"):
    return read_series(name, Series(np.arange(len(values)) * 60.0, np.array(values, float), "db", unit))


@pytest.mark.parametrize(
    ("values", "name", "unit", "text", "is_bad"),
    [
        (STEADY, "CPUUtilization", "%", "CPUUtilization stayed within its normal bounds (20 %)", False),
        ([20, 20, 40, 60, 90, 92, 93, 92], "CPUUtilization", "%", "CPUUtilization rose from 20 % to 92 %", True),
        ([92, 91, 93, 92, 91, 92], "cpu", "%", "cpu stayed near its limit (92 %)", True),
        ([50, 51, 49, 50, 70, 69, 70, 71], "cpu", "%", "cpu rose from 50 % to 70 %", True),
        (STEADY, "requests", "", "requests stayed within its normal bounds (20)", False),
        ([20, 20, 20, 90, 91, 90, 20, 20, 21], "errors", "", "errors went from 20 to 91 and recovered to 20", False),
        ([310, 311, 312, 0, 0, 308, 311, 310], "conns", "", "conns went from 310 to 0 and recovered to 310", False),
        ([100, 100, 80, 60, 40, 30, 20, 10], "disk_free", "", "disk_free fell from 100 to 20", True),
        ([100, 99, 98, 97, 80, 80, 79, 78], "disk_free", "", "disk_free stayed within its normal bounds (79)", False),
        ([100, 99, 90, 80, 70, 65, 62, 60], "disk_free", "", "disk_free fell from 100 to 62", False),
        ([9, 9, 8, 9, 8, 5, 1, 30, 60, 60, 60], "free", "", "free went from 9 to 1 and recovered to 60", False),
        ([0.5, 0.4, 0.3, 0.1, 0.1, 0.1], "disk_free", "ratio", "disk_free fell from 50 % to 10 %", True),
        ([100, 100, 100, 40, 30, 30], "availability", "%", "availability fell from 100 % to 30 %", True),
        ([100, 100, 100, 900, 900, 900], "requests_total", "", "requests_total rose from 100 to 900", False),
    ],
)  # fmt: skip
def test_series_tells_what_it_did_and_whether_that_is_trouble(values, name, unit, text, is_bad):
    reading = read(values, name, unit)

    assert (reading.text, reading.is_bad) == (text, is_bad)


def test_few_points_tell_nothing_and_gaps_are_no_points():
    assert read([1, 2, 3]) is None
    assert read([1, float("nan"), 2, 3]) is None


def test_series_that_did_the_same_a_week_before_is_no_trouble():
    night = [20, 20, 40, 60, 90, 92, 93, 92]
    times = np.arange(len(night)) * 60.0
    series, as_usual, calm = (
        Series(times, np.array(values, float), "db", "%") for values in (night, night, [20, 21] * 4)
    )

    usual, unusual = (read_series("CPUUtilization", series, before) for before in (as_usual, calm))

    assert (usual.is_bad, unusual.is_bad) == (False, True)
    assert usual.text == "CPUUtilization went from 20 % to 92 %, as it does at this time of the week"


def test_flat_series_and_one_with_too_little_of_last_week_are_read_by_themselves():
    times = np.arange(10) * 60.0
    steady, short = Series(times, np.array(STEADY, float), "db", "%"), Series(times[:2], times[:2], "db", "%")

    assert read_series("cpu", steady, steady) == read_series("cpu", steady)
    assert read_series("cpu", steady, short) == read_series("cpu", steady)
