"""Features and outputs drift: a little is a weak signal, much alerts."""

import pytest

from .watching import figure, looked, watched

BEFORE = figure("feature.age", counts={"<18": 500, "18-30": 3000, "30+": 1500})


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [
        ({"<18": 50, "18-30": 300, "30+": 150}, "fine"),
        ({"<18": 110, "18-30": 240, "30+": 150}, "weak"),
        ({"<18": 250, "18-30": 150, "30+": 100}, "firing"),
        ({"<18": 100}, "unknown"),
    ],
)
def test_a_feature_is_held_against_how_it_was_spread(counts, outcome):
    found = looked("drift", watched([BEFORE], [figure("feature.age", counts=counts)]))["feature.age"]

    assert found.outcome == outcome


def test_all_three_measures_are_told():
    now = figure("output.label", counts={"yes": 400, "no": 100})
    before = figure("output.label", counts={"yes": 500, "no": 500})

    found = looked("drift", watched([before], [now]))["output.label"]

    assert sorted(found.details) == ["jensen_shannon", "ks", "psi"]
    said = "output label is spread otherwise than it was: PSI 0.41, Jensen-Shannon 0.050, KS 0.30, most at yes"
    assert found.summary == said
    assert found.p is not None
    assert found.p < 1e-9


def test_too_few_cases_say_how_many_are_needed():
    found = looked("drift", watched([BEFORE], [figure("feature.age", counts={"<18": 9})]))["feature.age"]

    assert found.summary == "age: 9 cases and 5,000 before; 500 are needed"


def test_a_feature_that_was_never_counted_before_is_no_drift():
    assert looked("drift", watched([], [BEFORE])) == {}
