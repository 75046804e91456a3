"""Tokens, numbers and durations."""

import pytest

from incident_copilot.analysis.words import duration, figure, number, telling, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("QueuePool limit of size 4", ["queue", "pool", "limit", "of", "size", "4"]),
        ("DB_POOL-size: 20", ["db", "pool", "size", "20"]),
        ("HTTPServer retries policies status", ["http", "server", "retry", "policy", "status"]),
        ("bus glass gas", ["bus", "glass", "gas"]),
    ],
)
def test_identifiers_are_split_and_plurals_cut(text, expected):
    assert tokens(text) == expected


def test_telling_words_leave_out_stop_words_and_single_letters():
    assert telling("the error of a pool x 4") == {"pool", "4"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1240.4, "1,240"), (0.4, "0.4"), (20.0, "20"), (0.0040312, "0.00403"), (-3.14159, "-3.14")],
)
def test_figures_have_three_digits(value, text):
    assert figure(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.199, "ratio", "19.9 %"),
        (0.2, "ratio", "20 %"),
        (0.35, "s", "350 ms"),
        (28.04, "s", "28 s"),
        (3.1, "s", "3.1 s"),
        (1240.2, "req/s", "1,240 req/s"),
        (8.2e9, "B", "8.2 GB"),
        (12, "B", "12 B"),
        (62, "", "62"),
    ],
)
def test_values_are_said_in_the_unit_people_use(value, unit, text):
    assert number(value, unit) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(30, "30 s"), (80, "80 s"), (720, "12 min"), (10_800, "3 h"), (345_600, "4 d")]
)
def test_durations_use_the_largest_fitting_unit(seconds, text):
    assert duration(seconds) == text
