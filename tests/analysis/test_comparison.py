"""Which label explains a change of one metric."""

import numpy as np
import pytest

from incident_copilot.analysis.comparison import Arm, Contrast, contrast
from incident_copilot.analysis.ranking import Series

from .story import ONSET, step


def arm(after, *, phase=0.0, before=1.0, **labels):
    series = step(before, after, unit="req/s")
    wave = 1 + np.sin(np.arange(len(series.times)) * 0.7 + phase) / 20
    return Arm(labels, Series(series.times, series.values * wave, unit="req/s"))


def test_canary_that_alone_fails_explains_the_change():
    arms = {"a": arm(1, version="v1"), "b": arm(9, version="v2", phase=1), "c": arm(1, version="v0", phase=2)}

    found = contrast(arms, onset=ONSET)

    assert (found.label, found.value, found.keys) == ("version", "v2", ("b",))
    assert (round(found.before), round(found.after)) == (1, 9)
    assert found.effect > 50
    assert found.by_chance < 0.05
    assert found.reason == "only version v2 changed: from 1 req/s to 8.84 req/s; the others stayed at 0.987 req/s"


def test_one_that_moved_most_is_told_with_the_others():
    arms = {
        "a": arm(2, region="us"),
        "b": arm(9, region="eu", phase=1),
    }

    assert contrast(arms, onset=ONSET).reason.startswith("mostly region eu changed: from 1")


def test_label_with_the_fewest_values_is_told():
    arms = {
        "a": arm(1, pod="p1", version="v1"),
        "b": arm(1, pod="p2", version="v1"),
        "c": arm(9, pod="p3", version="v2"),
    }

    assert contrast(arms, onset=ONSET).label == "version"


def test_version_is_told_where_several_pods_of_it_fail():
    arms = {f"{n}": arm(9 if n > 3 else 1, pod=f"p{n}", version="v2" if n > 3 else "v1", phase=n) for n in range(7)}

    found = contrast(arms, onset=ONSET)

    assert (found.value, found.keys) == ("v2", ("4", "5", "6"))


def test_fall_is_told_too():
    assert contrast({"a": arm(1, zone="a"), "b": arm(0.1, zone="b")}, onset=ONSET).value == "b"


@pytest.mark.parametrize(
    "arms",
    [
        {},
        {"a": arm(9, version="v1")},
        {"a": arm(9, version="v1"), "b": arm(9, version="v2")},
        {"a": arm(1, version="v1"), "b": arm(1, version="v2")},
        {"a": arm(9, version="v1"), "b": arm(1)},
        {"a": arm(9, quantile="0.99"), "b": arm(1, quantile="0.5")},
        {"a": arm(9, version="v1"), "b": Arm({"version": "v2"}, arm(9).series)},
    ],
)
def test_nothing_sets_them_apart(arms):
    assert contrast(arms, onset=ONSET) is None


def test_arm_that_drifts_as_far_at_other_times_is_no_explanation():
    calm, restless = arm(1, version="v1"), arm(1, version="v2")
    values = restless.series.values.copy()
    for place in (20, 60, 130):
        values[place : place + 3] = 1.6
    drifting = Arm(restless.labels, Series(restless.series.times, values))

    assert contrast({"a": calm, "b": drifting}, onset=restless.series.times[130]) is None


def test_series_without_values_counts_as_unmoved():
    empty = Series(step(1, 1).times, np.full(133, np.nan))

    found = contrast({"a": arm(9, version="v2"), "b": Arm({"version": "v1"}, empty)}, onset=ONSET)

    assert (found.value, found.others_after) == ("v2", 0.0)


def test_many_values_that_never_drift_can_be_looked_at():
    arms = {f"{n}": Arm({"pod": f"{n}"}, step(1, 9 if n == 30 else 1, noise=0)) for n in range(40)}

    assert contrast(arms, onset=ONSET).value == "30"


def test_onset_without_enough_before_it_says_nothing():
    arms = {"a": arm(1, version="v1"), "b": arm(9, version="v2")}

    assert contrast(arms, onset=ONSET - 1700) is None
    assert contrast(arms, onset=ONSET + 9000) is None


def test_contrast_is_a_value():
    assert Contrast("zone", "a", 1, 2, 1, 1, 3.0, 0.01, ("k",), "r") == Contrast(
        "zone", "a", 1, 2, 1, 1, 3.0, 0.01, ("k",), "r"
    )
