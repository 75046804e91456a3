"""Corrections against the example of Benjamini and Hochberg (1995): fifteen tests of which four hold."""

import numpy as np
import pytest

from incident_copilot.analysis.monitoring import multiplicity

P = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1]


def test_benjamini_and_hochberg_reject_their_four():
    assert (multiplicity.benjamini_hochberg(P) <= 0.05).sum() == 4


def test_holm_rejects_three_of_these():
    assert (multiplicity.holm(P) <= 0.05).sum() == 3


def test_corrected_values_keep_the_order_in_which_they_were_given():
    assert multiplicity.holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert multiplicity.benjamini_hochberg([0.04, 0.01, 0.03]) == pytest.approx([0.04, 0.03, 0.04])
    assert np.array_equal(multiplicity.holm([]), [])
