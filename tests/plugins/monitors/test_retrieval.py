"""Retrieval finds less, or in an index that is old."""

import pytest

from .watching import figure, looked, told, watched


def test_hits_that_fell_fire():
    before = figure("retrieval.hit_rate", successes=9500, n=10_000)
    now = figure("retrieval.hit_rate", successes=700, n=1000)

    found = looked("retrieval", watched([before], [now]))["retrieval.hit_rate"]

    assert told(found) == ("firing", "critical", "hit rate is 0.7, was 0.95 (n 1,000, baseline 10,000)")
    assert (found.incident_type, found.kind) == ("context_retrieval", "bad_context")


@pytest.mark.parametrize(
    ("before_h", "options", "age_h", "outcome", "said"),
    [
        (100, {}, 110, "fine", "what is found is 110.0 h old, 124.0 h are the limit"),
        (100, {}, 130, "firing", "what is found is 130.0 h old, 124.0 h are the limit"),
        (100, {"max_age_h": 48}, 50, "firing", "what is found is 50.0 h old, 48.0 h are the limit"),
        (None, {"max_age_h": 48}, 40, "fine", "what is found is 40.0 h old, 48.0 h are the limit"),
        (
            None,
            {},
            900,
            "unknown",
            "what is found is 900.0 h old; nothing is known of before, and no max_age_h is set",
        ),
    ],
)
def test_texts_that_become_older_than_they_were_fire(before_h, options, age_h, outcome, said):
    before = [figure("retrieval.age_s", value=before_h * 3600.0)] if before_h else []

    found = looked("retrieval", watched(before, [figure("retrieval.age_s", value=age_h * 3600.0)]), **options)

    assert told(found["retrieval.age_s"]) == (outcome, "warning", said)


def test_what_has_no_baseline_or_no_value_says_nothing():
    now = [figure("retrieval.relevance", value=0.5), figure("retrieval.age_s")]

    assert looked("retrieval", watched([], now)) == {}
