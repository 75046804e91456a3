"""Sentences whose words and numbers stand in the passages are grounded."""

import pytest

from incident_copilot.domain.observation import Signal, SignalKind
from incident_copilot.domain.sampled import NOTHING
from incident_copilot.plugins.evaluators import groundedness

from .judging import look

PASSAGES = [{"id": "refunds", "text": "Refunds are paid within 14 days after the return has arrived at our warehouse."}]


def test_half_of_the_answer_stands_in_the_passages(fixture):
    said = look(groundedness, fixture("groundedness"))

    assert (said.score, said.facts, said.signals) == (0.5, {"retrieval.groundedness": True}, ())


@pytest.mark.parametrize(
    ("response", "score"),
    [
        ("Refunds are paid within 14 days after arrival of the return.", 1.0),
        ("Refunds are paid within 3 days after arrival of the return.", 0.0),
        ("You get a voucher for the zoo instead.", 0.0),
    ],
)
def test_numbers_have_to_stand_there_too(response, score):
    said = look(groundedness, request="How long?", response=response, retrieved=PASSAGES)
    weak = (Signal(kind=SignalKind.BAD_CONTEXT, name="ungrounded", score=0.0),)

    assert (said.score, said.signals) == (score, () if score else weak)


@pytest.mark.parametrize(
    "fields", [{"response": "A claim without any passages"}, {"response": "Hello!", "retrieved": PASSAGES}]
)
def test_without_passages_or_claims_nothing_is_said(fields):
    assert look(groundedness, **fields) == NOTHING
