"""Advisers are trusted by what came of their suggestions: few move nothing, old ones fade, poor ones come last."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.analysis.trust import UNKNOWN, trust
from incident_copilot.domain.advice import Came, Trial

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def after(*came, days=0):
    return trust([Trial(came=one, at=NOW - timedelta(days=days)) for one in came], NOW)


def test_nothing_is_said_of_what_is_unknown():
    assert (UNKNOWN.factor, UNKNOWN.record, UNKNOWN.why, trust([], NOW)) == (1.0, "", "", UNKNOWN)


def test_two_suggestions_are_counted_and_move_nothing():
    known = after(Came.WORKED, Came.WORKED)

    assert (known.factor, known.record, known.why) == (1.0, "worked 2 of 2 times", "")


def test_what_works_counts_more_and_what_is_rejected_less():
    good, poor = after(*[Came.WORKED] * 5, Came.DID_NOT), after(*[Came.REJECTED] * 4, Came.TAKEN)

    assert good.why == "worked 5 of 6 times: it counts more than what is new"
    assert poor.why == "taken 1 of 5 times, rejected 4: it counts less than what is new"
    assert (good.factor, poor.factor) == (1.233, 0.583)
    assert good.estimate == "helps in 74%, likely between 56% and 90%"


def test_what_is_as_usual_counts_as_much():
    assert after(Came.TAKEN, Came.TAKEN, Came.TAKEN, Came.REJECTED, Came.TAKEN).why == (
        "taken 4 of 5 times, rejected 1: it counts as much as what is new"
    )


@pytest.mark.parametrize(
    ("came", "record"),
    [
        ([Came.WORKED], "worked 1 of 1 time"),
        ([Came.REJECTED], "rejected 1 of 1 time"),
        ([Came.EDITED, Came.TAKEN, Came.TAKEN], "taken 2 of 3 times, edited 1"),
        ([Came.DID_NOT, Came.WORKED, Came.REJECTED, Came.TAKEN], "worked 1 of 2 times, taken 1, rejected 1"),
    ],
)
def test_the_record_in_words(came, record):
    assert after(*came).record == record


def test_a_poor_one_comes_last_once_that_is_sure():
    assert [after(*[Came.DID_NOT] * number).is_demoted for number in (4, 5)] == [False, True]
    assert after(*[Came.REJECTED] * 8).why == "rejected 8 of 8 times: it comes last until it does better"


def test_old_suggestions_fade():
    lately, long_ago = after(*[Came.DID_NOT] * 6), after(*[Came.DID_NOT] * 6, days=360)

    assert (lately.factor, long_ago.factor) == (0.5, 0.915)
    assert (lately.is_demoted, long_ago.is_demoted) == (True, False)
