"""Which series left their own normal range."""

import numpy as np

from incident_copilot.analysis.ranking import RankedSeries, Series, rank_series

from .story import ONSET, step


def test_series_that_moved_most_against_its_own_spread_comes_first_and_says_why():
    ranked = rank_series(
        {"busy": step(100, 130, noise=0.1), "errors": step(0.4, 20, service="payments"), "calm": step(5, 5)},
        onset=ONSET,
    )

    assert [one.name for one in ranked] == ["errors", "busy", "calm"]
    assert ranked[0].service == "payments"
    assert ranked[0].direction == "up"
    assert ranked[0].reason == "errors rose from 0.4 to 20"
    assert (ranked[2].direction, ranked[2].score) == ("flat", 0.0)
    assert ranked[2].reason == "calm stayed within what is normal for it (5)"


def test_fall_is_as_odd_as_a_rise():
    (ranked,) = rank_series({"orders": step(200, 20)}, onset=ONSET)

    assert ranked.direction == "down"
    assert ranked.reason.startswith("orders fell from 200 to 2")


def test_series_that_never_moved_before_gets_a_spread_in_proportion_to_its_size():
    (ranked,) = rank_series({"errors": step(0, 7, noise=0)}, onset=ONSET)

    assert ranked == RankedSeries(
        name="errors",
        service="checkout",
        score=10.0,
        standing=0.0,
        before=0.0,
        after=7.0,
        direction="up",
        pinned=True,
        reason="errors rose from 0 to 7",
        shift=7.0,
    )


def test_series_that_is_zero_throughout_is_flat():
    (ranked,) = rank_series({"errors": step(0, 0)}, onset=ONSET)

    assert (ranked.score, ranked.direction) == (0.0, "flat")


def test_standing_oddity_of_the_healthy_cohort_is_subtracted():
    series = {"errors": step(1, 3), "latency": step(1, 3)}
    healthy = {"latency": step(3.1, 3.1)}

    ranked = rank_series(series, onset=ONSET, healthy=healthy)

    assert [(one.name, one.direction) for one in ranked] == [("errors", "up"), ("latency", "flat")]
    assert ranked[1].standing > 10


def test_series_that_is_always_restless_says_so():
    (ranked,) = rank_series({"queue": step(10, 60)}, onset=ONSET, healthy={"queue": step(12, 12)})

    assert ranked.reason == "queue rose from 10 to 60 (it moves a lot at other times too)"


def test_values_are_told_in_the_unit_of_the_series():
    (ranked,) = rank_series({"CPU of checkout": step(0.26, 0.99, unit="ratio", noise=0)}, onset=ONSET)

    assert (ranked.unit, ranked.reason) == ("ratio", "CPU of checkout rose from 26 % to 99 %")


def test_healthy_series_without_values_subtracts_nothing():
    healthy = {"errors": Series(np.array([1.0]), np.array([np.nan]))}

    (ranked,) = rank_series({"errors": step(1, 3)}, onset=ONSET, healthy=healthy)

    assert (ranked.direction, ranked.standing < 0.5) == ("up", True)


def test_series_without_points_on_both_sides_are_not_judged():
    late = Series(np.array([ONSET, ONSET + 15]), np.array([1.0, 2.0]))
    early = Series(ONSET - np.arange(1, 20) * 15.0, np.ones(19))

    assert rank_series({"late": late, "early": early}, onset=ONSET) == []


def test_late_detection_does_not_hide_the_culprit():
    series = {"culprit": step(1, 4), "victim": step(1, 1.5), "noise": step(1, 1.02, noise=0.05)}

    ranked = rank_series(series, onset=ONSET + 60)

    assert [one.name for one in ranked] == ["culprit", "victim", "noise"]


def test_share_of_successes_is_as_odd_as_the_share_of_failures():
    (lost,) = rank_series({"availability": step(100, 97, noise=0)}, onset=ONSET)
    (failed,) = rank_series({"errors": step(0, 3, noise=0)}, onset=ONSET)

    assert (lost.score, lost.shift, lost.direction) == (failed.score, -failed.shift, "down")


def test_what_happens_in_many_stretches_of_the_normal_part_is_not_odd():
    times = ONSET - 1800 + np.arange(133) * 15.0
    restless = np.where(np.arange(133) % 20 < 4, 40.0, 1.0) + np.sin(np.arange(133)) / 10
    restless[-13:] = 40

    (ranked,) = rank_series({"latency": Series(times, restless)}, onset=ONSET)

    assert ranked.direction == "flat"
    assert ranked.standing > 2


def test_where_little_came_before_the_onset_the_healthy_day_says_what_is_normal():
    times = ONSET + np.array([-600.0, -300, 0, 300, 600])
    series = {"broken": Series(times, np.array([1.0, 1, 9, 9, 9])), "always": Series(times, np.full(5, 9.0))}
    healthy = dict.fromkeys(series, Series(np.arange(100.0), 1 + np.sin(np.arange(100)) / 10))

    ranked = rank_series(series, onset=ONSET, healthy=healthy)

    assert [(one.name, one.direction) for one in ranked] == [("broken", "up"), ("always", "flat")]
    assert ranked[1].standing > 10


def test_what_rises_at_the_same_hour_of_another_day_is_usual():
    (same,) = rank_series({"load": step(1, 4)}, onset=ONSET, healthy={"load": step(1.1, 4.2)})
    (other,) = rank_series({"load": step(1, 4)}, onset=ONSET, healthy={"load": step(4.2, 1.1)})

    assert (same.direction, other.direction) == ("flat", "up")


def test_series_without_a_point_is_not_judged_though_a_week_before_has_some():
    nothing, week_before = Series(np.empty(0), np.empty(0), "api"), step(1, 1)

    assert rank_series({"errors": nothing}, onset=ONSET, healthy={"errors": week_before}) == []
