"""Tails against printed tables and closed forms."""

import math

import pytest

from incident_copilot.analysis.monitoring import tails


@pytest.mark.parametrize(("z", "wanted"), [(0.0, 0.5), (1.96, 0.0249979), (3.09, 0.0010008), (-1.0, 0.8413447)])
def test_normal_tail_is_that_of_the_tables(z, wanted):
    assert float(tails.above(z)) == pytest.approx(wanted, abs=5e-8)


@pytest.mark.parametrize(("level", "wanted"), [(0.975, 1.959964), (0.99, 2.326348), (0.5, 0.0)])
def test_normal_quantile_is_that_of_the_tables(level, wanted):
    assert tails.quantile(level) == pytest.approx(wanted, abs=5e-7)


@pytest.mark.parametrize(
    ("value", "freedom", "wanted"),
    [(3.841459, 1, 0.05), (5.991465, 2, 0.05), (16.918978, 9, 0.05), (23.209251, 10, 0.01), (6.634897, 1, 0.01)],
)
def test_chi_square_tail_is_that_of_the_tables(value, freedom, wanted):
    assert tails.chi_square(value, freedom) == pytest.approx(wanted, abs=5e-8)


@pytest.mark.parametrize(("value", "freedom"), [(0.0, 5), (-1.0, 2), (3.0, 0)])
def test_no_distance_or_no_freedom_says_nothing(value, freedom):
    assert tails.chi_square(value, freedom) == 1.0


@pytest.mark.parametrize(("value", "wanted"), [(1.3581, 0.05), (1.6276, 0.01), (1.9495, 0.001), (0.1, 1.0)])
def test_kolmogorov_tail_is_that_of_smirnovs_table(value, wanted):
    assert tails.kolmogorov(value) == pytest.approx(wanted, abs=5e-6)


@pytest.mark.parametrize(
    ("successes", "n", "rate", "wanted"),
    [
        (8, 10, 0.5, 56 / 1024),
        (1, 3, 0.5, 7 / 8),
        (2, 5, 0.1, 1 - 0.9**5 - 5 * 0.1 * 0.9**4),
        (0, 5, 0.1, 1.0),
        (6, 5, 0.1, 0.0),
        (1, 5, 0.0, 0.0),
        (5, 5, 1.0, 1.0),
    ],
)
def test_binomial_tail_is_exact(successes, n, rate, wanted):
    assert tails.binomial(successes, n, rate) == pytest.approx(wanted, rel=1e-12)


def test_binomial_tail_of_many_cases_is_finite():
    assert math.isclose(tails.binomial(1100, 100_000, 0.01), 0.000914, rel_tol=0.01)
