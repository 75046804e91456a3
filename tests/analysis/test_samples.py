"""Few incidents say little, and the numbers say so."""

import pytest

from incident_copilot.analysis.samples import by_chance, spread


def test_an_empty_sample_says_nothing():
    assert spread([]) is None


def test_median_p90_and_mean_of_few_have_no_interval():
    found = spread([60, 600, 120])

    assert (found.number, found.median, found.p90, found.mean) == (3, 120, 600, 260)
    assert (found.low, found.high, found.before, found.chance) == (None, None, None, None)


def test_the_interval_holds_the_median_in_nine_of_ten_cases():
    found = spread(range(1, 12), [5.0])

    # Of 11 values the third lowest and highest: outside of them with twice 0.033, which the fourth would make 0.23.
    assert (found.low, found.median, found.high) == (3, 6, 9)
    assert (found.before, found.before_number) == (5.0, 1)


@pytest.mark.parametrize(
    ("here", "there", "chance"),
    [
        ([1, 2, 3], [4, 5, 6, 7, 8], None),
        ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 0.0122),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 1.0),
        ([7] * 5, [7] * 6, 1.0),
    ],
)
def test_how_often_such_a_difference_comes_by_chance(here, there, chance):
    assert by_chance(here, there) == chance
