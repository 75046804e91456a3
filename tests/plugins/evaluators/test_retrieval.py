"""What was retrieved: found or missed, cited or made up, fresh or stale."""

import pytest

from incident_copilot.domain.sampled import NOTHING
from incident_copilot.plugins.evaluators import retrieval

from .judging import look, names

FRESH = {"id": "refunds", "text": "A refund takes 14 days, however long it is.", "updated_at": "2026-11-20T09:00:00Z"}


def test_the_right_passage_was_missed(fixture):
    said = look(retrieval, fixture("retrieval"))

    assert (said.score, names(said)) == (0.0, ["retrieval.miss"])
    assert said.facts == {"retrieval.hit_rate": False, "retrieval.citations": False}
    assert said.measures == {"retrieval.relevance": 0.0, "retrieval.age_s": 86_400.0}


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"retrieved": [FRESH], "cited": ["refunds"], "relevant": ["refunds", "x"]}, []),
        ({"retrieved": []}, ["retrieval.empty"]),
        ({"retrieved": [FRESH], "cited": ["made-up"]}, ["retrieval.citation"]),
        ({"retrieved": [FRESH | {"updated_at": "2025-11-20T09:00:00Z"}]}, ["retrieval.stale"]),
        ({"retrieved": [{"id": "a", "text": ""}]}, []),
    ],
)
def test_faults_of_retrieval(fields, faults):
    assert names(look(retrieval, request="How long takes a refund?", **fields)) == faults


def test_relevance_is_the_share_of_what_was_asked():
    said = look(retrieval, request="How long takes a refund?", retrieved=[FRESH])
    of_nothing = look(retrieval, request="?", retrieved=[FRESH])

    assert (said.measures["retrieval.relevance"], of_nothing.measures["retrieval.relevance"]) == (1.0, 1.0)


def test_a_system_that_retrieves_nothing_has_no_retrieval():
    assert look(retrieval, request="Hi") == NOTHING
