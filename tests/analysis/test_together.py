"""What moves together: how closely, and which is first."""

import numpy as np

from incident_copilot.analysis.ranking import Series
from incident_copilot.analysis.together import moving_together


def stepped(at, *, low=1.0, high=4.0, n=60, seed=1, step_s=60.0):
    noise = np.random.default_rng(seed).normal(0, 0.1, n)
    return Series(times=step_s * np.arange(n), values=np.where(np.arange(n) < at, low, high) + noise)


def test_what_moves_with_a_series_or_against_it_is_named_with_when():
    others = {
        "same": stepped(40, seed=2),
        "earlier": stepped(38, seed=3),
        "later": stepped(42, seed=4),
        "against": stepped(40, low=4.0, high=1.0, seed=5),
        "noise": stepped(60, seed=6),
        "still": Series(times=60.0 * np.arange(60), values=np.ones(60)),
        "short": stepped(4, n=8),
        "another day": Series(times=1e6 + 60.0 * np.arange(60), values=stepped(40).values),
    }

    found = {one.name: one for one in moving_together(stepped(40), others)}

    assert {name: one.lead_s for name, one in found.items()} == {"same": 0, "earlier": 120, "later": -120, "against": 0}
    assert found["against"].r < -0.9
    assert found["earlier"].text.endswith(" points, 2 min earlier")
    assert found["later"].text.endswith(" points, 2 min later")
    assert found["same"].text == f"correlation {found['same'].r:.2f} over 60 points"


def test_nothing_is_named_where_nothing_can_be_compared():
    assert moving_together(stepped(4, n=8), {"other": stepped(40)}) == []
    assert moving_together(stepped(40), {}) == []
