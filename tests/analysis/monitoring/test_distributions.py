"""Distances of distributions against closed forms, and their p-values against the distributions they follow."""

import math

import numpy as np
import pytest

from incident_copilot.analysis.monitoring import distributions, tails
from incident_copilot.analysis.monitoring.distributions import Distance

EVEN, TILTED = np.array([5000.0, 5000.0]), np.array([600.0, 400.0])


def test_psi_is_that_of_its_definition_with_a_half_in_each_bucket():
    p, q = np.array([0.5, 0.5]), np.array([600.5, 400.5]) / 1001
    value = float(((q - p) * np.log(q / p)).sum())

    found = distributions.psi(EVEN, TILTED)

    assert found == pytest.approx((value, tails.chi_square(value / 0.0011, 1)))
    assert round(found.value, 3) == 0.040


def test_jensen_shannon_is_an_eighth_of_psi_for_small_changes():
    near = np.array([510.0, 490.0])

    assert distributions.jensen_shannon(EVEN, near).value == pytest.approx(
        distributions.psi(EVEN, near).value / 8, rel=0.001
    )
    assert distributions.jensen_shannon(EVEN, near).p == pytest.approx(distributions.psi(EVEN, near).p, rel=0.001)


def test_jensen_shannon_of_what_has_nothing_in_common_is_ln_2():
    apart = distributions.jensen_shannon(np.array([1e6, 0.0]), np.array([0.0, 1e6]))

    assert apart == pytest.approx((math.log(2), 0.0), abs=1e-4)


def test_ks_is_the_largest_distance_of_the_cumulated():
    assert distributions.ks([1, 2, 3, 4], [3, 4, 5, 6]).value == 0.5
    assert distributions.ks_of_counts(np.array([2.0, 2.0, 0.0]), np.array([0.0, 2.0, 2.0])).value == 0.5
    assert distributions.ks([1, 2], [1, 2]) == Distance(0.0, 1.0)


def test_ks_p_value_is_that_of_stephens():
    found = distributions.ks(np.arange(100), np.arange(100) + 23)

    size = math.sqrt(50)
    assert found == pytest.approx((0.23, tails.kolmogorov((size + 0.12 + 0.11 / size) * 0.23)))


def test_a_shift_names_the_bucket_that_changed_most():
    found = distributions.shift({"<18": 100, "18-30": 500, "30+": 400}, {"18-30": 200, "30+": 300, "none": 1})

    assert found is not None
    assert (found.largest, found.n, found.before_n) == ("30+", 501, 1000)
    assert found.psi.value > distributions.MODERATE


def test_an_empty_histogram_is_no_shift():
    assert distributions.shift({}, {"a": 1}) is None
    assert distributions.shift({"a": 1}, {"a": 0}) is None


def test_values_are_counted_by_edges():
    assert distributions.counts_of([-1, 0, 0.5, 1, 9], [0, 1, 2]) == {"<0": 1, "0-1": 2, "1-2": 1, ">=2": 1}
