"""Answers that have to be JSON."""

import pytest

from incident_copilot.domain.sampled import NOTHING
from incident_copilot.plugins.evaluators import form

from .judging import look, names


def test_json_in_a_fence_is_none(fixture):
    said = look(form, fixture("form"))

    assert (said.score, names(said), said.facts) == (0.0, ["form.json"], {"quality.format": False})


@pytest.mark.parametrize(("response", "score"), [('["red"]', 1.0), ("red", 0.0), ("[" * 100_000, 0.0)])
def test_json_is_read(response, score):
    assert look(form, response=response, format="json").score == score


def test_other_answers_have_no_form():
    assert look(form, response="red") == NOTHING
