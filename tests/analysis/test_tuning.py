"""A longer `for:` or another limit is proposed only where it would have missed nothing real."""

import pytest

from incident_copilot.analysis.tuning import Episode, Tuned, higher, longer


def lasted(*minutes, real=()):
    return [Episode(is_real=number in real, lasted_s=value * 60) for number, value in enumerate(minutes)]


def went(*values, real=()):
    return [Episode(is_real=number in real, worst=value) for number, value in enumerate(values)]


def test_the_shortest_addition_that_saves_most_and_misses_nothing_is_proposed():
    assert longer(lasted(1, 3, 4, 40, 4, real={3})) == Tuned(value=300, saved=4, idle=4, missed=0, real=1)


@pytest.mark.parametrize(
    "episodes",
    [
        lasted(1, 1, 1, 40, real={3}),
        lasted(20, 30, 40, 1, 50, real={3}),
        lasted(50, 60, 70, 80, 90, real={0}),
        lasted(1, 1, 1, 1, 1, real=range(5)),
        [Episode(is_real=False)] * 9,
    ],
)
def test_nothing_is_proposed_where_it_would_miss_or_save_too_little_or_is_seen_too_seldom(episodes):
    assert longer(episodes) is None


def test_another_limit_lies_between_what_it_saves_and_what_it_keeps():
    assert higher(went(6, 7, 6, 30, 8, real={3}), 5.0) == Tuned(value=19.0, saved=4, idle=4, missed=0, real=1)
    assert higher(went(94, 93, 94, 70, 92, real={3}), 95.0) == Tuned(value=81.0, saved=4, idle=4, missed=0, real=1)


def test_no_limit_is_proposed_where_none_would_help():
    assert higher(went(6, 7, 6, 5.5, 8, real={3}), 5.0) is None
    assert higher([Episode(is_real=False)], 5.0) is None
