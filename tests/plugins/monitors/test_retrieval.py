"""Retrieval finds less, or in an index that is old."""

import pytest

from .watching import figure, looked, told, watched


def test_hits_that_fell_fire():
    before = figure("retrieval.hit_rate", successes=9500, n=10_000)
    now = figure("retrieval.hit_rate", successes=700, n=1000)

    found = looked("retrieval", watched([before], [now]))["retrieval.hit_rate"]

    assert told(found) == ("firing", "critical", "hit rate is 0.7, was 0.95 (n 1,000, baseline 10,000)")
    assert (found.incident_type, found.kind) == ("context_retrieval", "bad_context")


@pytest.mark.parametrize(("hours", "outcome"), [(1, "fine"), (50, "firing")])
def test_an_old_index_fires(hours, outcome):
    found = looked("retrieval", watched([], [figure("retrieval.age_s", value=hours * 3600.0)]))["retrieval.age_s"]

    assert told(found) == (outcome, "warning", f"the index is {hours}.0 h old, 24 h are allowed")


def test_what_has_no_baseline_or_no_value_says_nothing():
    now = [figure("retrieval.relevance", value=0.5), figure("retrieval.age_s")]

    assert looked("retrieval", watched([], now)) == {}
