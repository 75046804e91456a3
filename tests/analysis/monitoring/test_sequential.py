"""What is looked at again and again: closed forms of the bet, and what it says of plain windows."""

import math

import numpy as np
import pytest

from incident_copilot.analysis.monitoring import sequential, tails

FULL = {"before": 9000, "before_n": 10_000, "whole_n": 1000}
TEN = np.full(10, 100.0)


def test_the_bet_is_robbins_mixture():
    # Half-normal weight with variance 9 / whole: at full information the spread is (1 + 9) / 9 of the information.
    wanted = math.sqrt(0.1) * math.exp(0.9 * 16 / 2) * 2 * float(tails.above(-4 * math.sqrt(0.9)))

    assert float(sequential.evidence(4.0, 900.0, 900.0)) == pytest.approx(wanted, rel=1e-12)
    assert float(sequential.evidence(0.0, 0.0, 900.0)) == 1.0
    assert float(sequential.evidence(99.0, 900.0, 900.0)) < math.inf


def test_a_window_as_the_baseline_is_no_news():
    assert float(sequential.share_drop_p(np.full(10, 90.0), TEN, **FULL)) == 1.0


def test_a_full_window_is_weighed_as_a_single_look_at_half_the_level():
    found = float(sequential.share_drop_p(np.full(10, 87.0), TEN, **FULL))

    # Twice the tail of the signed root of the deviance of 9000 of 10000 and 870 of 1000.
    both = (9000 + 870) / 11_000
    fit = 0.87 * math.log(0.87 / both) + 0.13 * math.log(0.13 / (1 - both))
    base = 0.9 * math.log(0.9 / both) + 0.1 * math.log(0.1 / (1 - both))
    assert found == pytest.approx(2 * float(tails.above(math.sqrt(2 * (1000 * fit + 10_000 * base)))), rel=1e-9)


def test_a_steep_fall_is_seen_long_before_the_window_is_full():
    assert float(sequential.share_drop_p(np.full(2, 70.0), TEN[:2], **FULL)) < 0.001
    assert float(sequential.share_drop_p(np.full(2, 89.0), TEN[:2], **FULL)) == 1.0


def test_what_was_seen_stays_seen_when_more_comes():
    fallen = np.array([90.0] * 5 + [70.0] * 3 + [90.0] * 2)

    looks = [float(sequential.share_drop_p(fallen[:upto], TEN[:upto], **FULL)) for upto in range(1, 11)]

    assert looks == sorted(looks, reverse=True)
    assert looks[4] == 1.0
    assert looks[7] < 0.01


def test_parts_without_cases_say_nothing():
    counts, right = np.array([0.0, 100.0, 0.0]), np.array([0.0, 70.0, 0.0])

    alone = sequential.share_drop_p(right[1:2], counts[1:2], **FULL)

    assert float(sequential.share_drop_p(right, counts, **FULL)) == pytest.approx(float(alone))
    assert float(sequential.share_drop_p(np.zeros(2), np.zeros(2), **FULL)) == 1.0


def test_means_fall_as_shares_do():
    asked = {"before": 0.8, "variance": 0.04, "before_n": 10_000, "whole_n": 1000}

    assert float(sequential.mean_drop_p(TEN * 0.8, TEN, **asked)) == 1.0
    fallen = float(sequential.mean_drop_p(TEN * 0.78, TEN, **asked))
    assert fallen == pytest.approx(2 * float(tails.above(0.02 / math.sqrt(0.04 * 0.0011))), rel=1e-9)


def test_many_streams_are_weighed_at_once():
    streams = np.array([np.full(10, 90.0), np.full(10, 85.0)])

    found = sequential.share_drop_p(streams, TEN, before=np.array([9000.0, 9000.0]), before_n=10_000, whole_n=1000)

    assert found.tolist() == [1.0, float(sequential.share_drop_p(streams[1], TEN, **FULL))]


def test_a_hundred_of_a_hundred_is_no_trouble():
    assert float(sequential.share_drop_p(TEN, TEN, before=10_000, before_n=10_000, whole_n=1000)) == 1.0
