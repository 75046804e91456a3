"""The suspect of a brief, and its one line for a phone."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.hypothesis import NOT_ENOUGH_DATA, Brief, Hypothesis, Statement, Verdict

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def cause(text, verdict):
    return Hypothesis(cause=text, kind="change", verdict=verdict, confidence=0.5)


def brief(*hypotheses, **fields):
    return Brief(incident_id="1", as_of=NOON, headline="Errors.", lines=(), hypotheses=hypotheses, **fields)


@pytest.mark.parametrize(
    ("verdicts", "suspect"),
    [
        ((), None),
        ((Verdict.UNLIKELY, Verdict.RULED_OUT), None),
        ((Verdict.RULED_OUT, Verdict.POSSIBLE), "1"),
        ((Verdict.LIKELY, Verdict.POSSIBLE), "0"),
    ],
)
def test_suspect_is_the_first_cause_that_may_be_it(verdicts, suspect):
    found = brief(*(cause(str(place), verdict) for place, verdict in enumerate(verdicts))).suspect

    assert (found.cause if found else None) == suspect


def test_that_the_data_does_not_suffice_is_no_cause():
    lacking = cause("not enough data to name a cause", Verdict.LIKELY).model_copy(update={"kind": NOT_ENOUGH_DATA})

    assert (brief(lacking, cause("v2", Verdict.POSSIBLE)).suspect, brief(lacking).lacks_data) == (None, True)
    assert (brief(cause("v2", Verdict.LIKELY), lacking).lacks_data, brief().lacks_data) == (False, False)


def test_cause_is_named_with_how_sure_it_is_and_not_at_all_where_nothing_stands_out():
    assert brief(cause("v2", Verdict.LIKELY)).cause == "Likely cause: v2"
    assert brief(cause("v2", Verdict.POSSIBLE)).cause == "Possible cause: v2"
    assert brief(cause("v2", Verdict.RULED_OUT)).cause is None


def test_notification_says_what_suspect_and_first_step():
    whole = brief(cause("v2", Verdict.LIKELY), first_step=Statement(text="Roll back."))

    assert whole.notification == "Errors. Suspect: v2. First: Roll back"
    assert brief().notification == "Errors"
