"""Answers beside the expected ones."""

import pytest

from incident_copilot.domain.sampled import NOTHING
from incident_copilot.plugins.evaluators import match

from .judging import look, names


def test_the_answer_has_the_expected_one(fixture):
    said = look(match, fixture("match"))

    assert (said.score, names(said), said.facts) == (1.0, [], {"quality.accuracy": True})


@pytest.mark.parametrize(
    ("mode", "response", "expected", "score"),
    [
        ("contains", "The total is 14.5 %.", "14.5 %", 1.0),
        ("contains", "The total is 114.5", "14.5", 0.0),
        ("exact", "It is Paris", "Paris", 0.0),
        ("exact", "PARIS.", "paris", 1.0),
    ],
)
def test_modes(mode, response, expected, score):
    assert look(match, options={"mode": mode}, response=response, expected=expected).score == score


def test_without_an_expected_answer_nothing_is_said():
    assert look(match, response="Paris") == NOTHING
