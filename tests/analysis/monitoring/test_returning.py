"""Whether a figure is well again after something was done: surely back, surely not, or not known yet."""

from datetime import UTC, datetime

import pytest

from incident_copilot.analysis.monitoring.returning import Return, interval_of, returned
from incident_copilot.domain.observation import Figure, SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict

LEVEL = 0.01


def verdict(outcome=Outcome.FINE, **fields):
    about = {"system": "bot", "monitor": "quality", "metric": "quality.accuracy", "kind": SignalKind.QUALITY_DROP}
    at = datetime(2026, 11, 28, tzinfo=UTC)
    return Verdict(**{**about, "incident_type": AiIncident.QUALITY, "at": at, **fields}, outcome=outcome)


def share(good, n=100, times=1):
    return [Figure(metric="quality.accuracy", successes=good, n=n)] * times


def scores(value, times, spread=0.2, n=10):
    squares = n * value**2 + (n - 1) * spread**2
    return [Figure(metric="quality.score", value=value, n=n, squares=squares)] * times


FELL = verdict(Outcome.FIRING, value=0.89, baseline=0.98, p=0.0001)
ROSE = verdict(Outcome.FIRING, value=0.02, baseline=0.0)
GAP = verdict(Outcome.FIRING, value=0.3, baseline=0.1, p=0.001)
RULE = verdict(Outcome.FIRING, monitor="thresholds", value=0.1, baseline=0.05, details={"bound": 0.05})


@pytest.mark.parametrize(
    ("before", "now", "since", "found"),
    [
        pytest.param(FELL, None, [], Return(None, 0), id="nothing was told"),
        pytest.param(FELL, verdict(Outcome.UNKNOWN), share(98), Return(None, 100, 328), id="too few for the monitor"),
        pytest.param(FELL, verdict(Outcome.FIRING, p=0.001), share(89, times=3), Return(False, 300), id="not back"),
        pytest.param(
            FELL, verdict(Outcome.FIRING, p=0.2), share(94, times=3), Return(None, 300, 328), id="perhaps by chance"
        ),
        pytest.param(FELL, verdict(p=0.9), share(97, times=2), Return(None, 200, 328), id="not surely back"),
        pytest.param(FELL, verdict(p=0.9), share(98, times=10), Return(True, 1000, 328), id="a share is back"),
        pytest.param(ROSE, verdict(), share(0), Return(None, 100, 657), id="no finding yet, of few"),
        pytest.param(ROSE, verdict(), share(0, times=20), Return(True, 2000, 657), id="no finding any more"),
        pytest.param(
            verdict(Outcome.FIRING, value=0.6, baseline=0.8, p=0.0),
            verdict(p=0.5),
            scores(0.8, times=6),
            Return(True, 60, 55),
            id="a mean is back",
        ),
        pytest.param(
            verdict(Outcome.FIRING, value=0.9, baseline=0.5, p=0.0),
            verdict(p=0.5),
            scores(0.5, times=4, spread=0.0),
            Return(True, 40, 30),
            id="a mean without spread that had risen",
        ),
        pytest.param(
            verdict(Outcome.FIRING, value=9000.0, baseline=3600.0),
            verdict(value=60.0),
            [Figure(metric="data.age_s", value=60.0)],
            Return(True, 1, None),
            id="a figure without cases, held against a limit",
        ),
        pytest.param(
            verdict(Outcome.FIRING, value=0.3, p=0.0), verdict(p=0.9, n=900), [], Return(True, 900), id="a distribution"
        ),
        pytest.param(verdict(), verdict(p=0.9), share(98), Return(True, 100), id="was not wrong before"),
        pytest.param(GAP, verdict(p=1.0, low=-0.1, high=0.15, n=200), [], Return(True, 200), id="the gap is closed"),
        pytest.param(GAP, verdict(p=1.0, low=-0.1, high=0.25, n=200), [], Return(None, 200), id="the gap may be there"),
        pytest.param(
            GAP,
            verdict(p=1.0, n=700, value=0.05),
            [],
            Return(True, 700),
            id="without interval the monitor's word counts",
        ),
        pytest.param(
            RULE,
            verdict(monitor="thresholds", value=0.06, n=1000),
            share(6, times=10),
            Return(None, 1000, 1468),
            id="beyond the bound, though not surely",
        ),
        pytest.param(
            RULE,
            verdict(monitor="thresholds", value=0.04, n=3000),
            share(4, times=30),
            Return(True, 3000, 1468),
            id="inside the bound",
        ),
    ],
)
def test_it_is_back_where_both_tests_say_so_and_open_where_too_little_was_told(before, now, since, found):
    assert returned(now, before, since, LEVEL) == found


@pytest.mark.parametrize(
    ("figure", "found"),
    [
        (None, None),
        (Figure(metric="m", value=3.0), None),
        (share(98)[0], (0.93, 0.994)),
        (scores(0.8, times=1, n=100)[0], (0.761, 0.839)),
    ],
)
def test_shares_and_means_have_an_interval(figure, found):
    interval = interval_of(figure)

    assert (interval and tuple(round(one, 3) for one in interval)) == found
