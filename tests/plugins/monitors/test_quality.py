"""Quality falls, or is spread otherwise; what cannot be tested says how much is needed."""

import pytest

from .watching import figure, looked, told, watched


def test_an_accuracy_that_fell_fires_with_its_figures():
    before = figure("quality.accuracy", successes=9000, n=10_000)
    now = figure("quality.accuracy", successes=1700, n=2000)

    found = looked("quality", watched([before], [now]))["quality.accuracy"]

    said = "accuracy is 0.85, was 0.9 (n 2,000, baseline 10,000)"
    assert told(found) == ("firing", "warning", said)
    assert (found.low, found.high) == pytest.approx((-0.067, -0.034), abs=0.001)
    assert found.p is not None
    assert found.p < 0.001


def test_a_judge_that_thinks_fewer_answers_good_is_a_fall():
    before, now = figure("judge.good", successes=900, n=1000), figure("judge.good", successes=200, n=400)

    assert looked("quality", watched([before], [now]))["judge.good"].outcome == "firing"


def test_a_fall_too_small_to_matter_is_fine_however_sure():
    before = figure("quality.accuracy", successes=900_000, n=1_000_000)
    now = figure("quality.accuracy", successes=89_000, n=100_000)

    found = looked("quality", watched([before], [now]))["quality.accuracy"]

    assert (found.outcome, found.p < 0.01) == ("fine", True)
    assert looked("quality", watched([before], [now]), smallest_drop=0.01)["quality.accuracy"].outcome == "firing"


def test_a_steep_fall_of_a_score_is_critical():
    before = figure("quality.score", "language=de", value=0.8, n=1000, squares=1000 * 0.65)
    now = figure("quality.score", "language=de", value=0.6, n=100, squares=100 * 0.4)

    found = looked("quality", watched([before], [now]))["quality.score", "language=de"]

    said = "score (language=de) is 0.6, was 0.8 (n 100, baseline 1,000)"
    assert told(found) == ("firing", "critical", said)


def test_few_cases_are_no_test():
    before = figure("quality.accuracy", successes=90, n=100)
    now = figure("quality.accuracy", successes=10, n=20)

    found = looked("quality", watched([before], [now]))["quality.accuracy"]

    said = "accuracy is 0.5, was 0.9 (n 20, baseline 100); a test needs 200 cases of each"
    assert told(found) == ("unknown", "critical", said)
    assert found.p is None


def test_a_snapshot_is_held_against_what_its_sender_tells_of_before():
    history = tuple(0.9 + 0.001 * (number % 5) for number in range(40))
    now = figure("quality.accuracy", value=0.8, history=history, baseline=0.9)

    found = looked("quality", watched([], [now]))["quality.accuracy"]

    assert (found.outcome, found.baseline_n, found.n) == ("firing", 40, 1)


def test_a_baseline_of_the_sender_alone_makes_a_weak_signal():
    now = figure("quality.accuracy", value=0.8, baseline=0.9)

    found = looked("quality", watched([], [now]))["quality.accuracy"]

    assert (found.outcome, found.value, found.baseline, found.p) == ("weak", 0.8, 0.9, None)


def test_a_share_beside_a_baseline_of_the_sender_alone_says_how_many_cases_a_test_needs():
    now = figure("quality.accuracy", successes=930, n=1000, baseline=0.94)

    found = looked("quality", watched([], [now]))["quality.accuracy"]

    assert told(found)[::2] == (
        "unknown",
        "accuracy is 0.93, was 0.94 (n 1,000, baseline 0); a test needs 200 cases of each",
    )


def test_without_any_baseline_nothing_is_said():
    assert looked("quality", watched([], [figure("quality.accuracy", value=0.8), figure("quality.tone")])) == {}


def test_confidence_that_is_spread_otherwise_is_a_weak_signal():
    before = figure("quality.confidence", counts={"0.8-0.9": 500, "0.9-1.0": 500})
    now = figure("quality.confidence", counts={"0.5-0.6": 200, "0.8-0.9": 100, "0.9-1.0": 100})

    found = looked("quality", watched([before], [now]))["quality.confidence"]

    assert found.outcome == "weak"
    assert found.summary.startswith("confidence is spread otherwise than it was: PSI 3.")
    assert found.summary.endswith("most at 0.5-0.6")
    assert looked("quality", watched([before], [before]))["quality.confidence"].outcome == "fine"
    assert looked("quality", watched([], [now])) == {}


def test_where_no_request_came_again_it_is_said_that_consistency_cannot_be_told():
    sampled = figure("interactions.signals", successes=0, n=500)

    found = looked("quality", watched([], [sampled]))["quality.consistency"]
    asked_twice = looked("quality", watched([], [sampled, figure("quality.consistency", successes=9, n=10)]))

    said = "consistency: no request was asked twice; 200 pairs are needed to tell"
    assert (found.outcome, found.summary) == ("unknown", said)
    assert asked_twice == {}
