"""What fires says since when: not since it was noticed, but since the figures of the window turned."""

from datetime import timedelta

import pytest

from .watching import NOW, Observed, figure, looked, watched

MINUTE = timedelta(minutes=1)
RATE = "fairness.positive_rate"


def share(metric, successes, group=""):
    return [figure(metric, group, successes=successes, n=400)]


def spread(young):
    return [figure("feature.age", counts={"<30": young, "30+": 600 - young})]


def age(hours):
    return [figure("retrieval.age_s", value=hours * 3600.0)]


@pytest.mark.parametrize(
    ("monitor", "well", "ill"),
    [
        ("quality", share("quality.accuracy", 380), share("quality.accuracy", 300)),
        ("interactions", share("interactions.together", 0), share("interactions.together", 3)),
        ("interactions", share("interactions.signals", 8), share("interactions.signals", 90)),
        ("safety", share("safety.pii", 0), share("safety.pii", 2)),
        (
            "fairness",
            share(RATE, 200, "sex=m") + share(RATE, 200, "sex=f"),
            share(RATE, 200, "sex=m") + share(RATE, 40, "sex=f"),
        ),
        ("drift", spread(100), spread(390)),
        ("retrieval", age(2), age(80)),
        ("provider", share("provider.availability", 399), share("provider.availability", 200)),
        ("thresholds", share("performance.error_rate", 1), share("performance.error_rate", 90)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_trouble_is_dated_by_the_figures_of_the_window(monitor, well, ill):
    told = [
        Observed(at=NOW - place * MINUTE, figure=one)
        for place in (6, 5, 4, 3, 2, 1)
        for one in (well if place > 3 else ill)
    ]

    found = looked(monitor, watched([] if monitor == "fairness" else well, told))

    assert {one.began for one in found.values() if one.outcome == "firing"} == {NOW - 4 * MINUTE}


def test_a_regression_began_with_the_first_run_of_the_version():
    runs = [
        Observed(at=NOW - ago * MINUTE, figure=one, labels={"version": version})
        for ago, version, successes in ((90, "6", 380), (60, "7", 300), (30, "7", 300))
        for one in share("evaluation.support", successes)
    ]

    assert looked("regression", watched([], runs))["evaluation.support"].began == NOW - 60 * MINUTE
