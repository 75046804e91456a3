"""When did it begin: known onsets in synthetic series."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_copilot.analysis.onset import Onset, find_onset

START = 1_700_000_000.0
STEP_S = 15.0


def times(count: int) -> np.ndarray:
    return START + np.arange(count) * STEP_S


def noise(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, count)


def samples_off(onset: Onset | None, truth: int) -> float:
    assert onset is not None
    return abs((onset.at - START) / STEP_S - truth)


def test_step_is_found_at_its_first_sample_with_its_levels():
    values = np.where(np.arange(120) >= 100, 20.0, 0.4)

    onset = find_onset(times(120), values, alert_at=START + 110 * STEP_S)

    assert onset is not None
    assert (onset.at, onset.before, onset.after, onset.direction) == (START + 100 * STEP_S, 0.4, 20.0, "up")
    assert onset.confidence > 0.9


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    truth=st.integers(60, 190),
    height=st.floats(7, 100),
    late=st.integers(4, 100),
    sign=st.sampled_from([1, -1]),
)
def test_noisy_step_is_found_within_two_samples_however_late_the_alert(seed, truth, height, late, sign):
    count = truth + late
    values = noise(count, seed) + sign * height * (np.arange(count) >= truth)

    onset = find_onset(times(count), values, alert_at=START + (count - 1) * STEP_S)

    assert samples_off(onset, truth) <= 2
    assert onset is not None
    assert onset.direction == ("up" if sign > 0 else "down")


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), truth=st.integers(60, 150), slope=st.floats(1.5, 20))
def test_ramp_begins_where_it_starts_to_rise_and_not_in_its_middle(seed, truth, slope):
    values = noise(200, seed) + slope * np.clip(np.arange(200) - truth, 0, 30)

    onset = find_onset(times(200), values, alert_at=START + 199 * STEP_S)

    assert samples_off(onset, truth) <= 2


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 200))
def test_noise_is_no_change(seed, count):
    onset = find_onset(times(count), noise(count, seed), alert_at=START + count * STEP_S)

    assert onset is None or onset.confidence < 0.6


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(st.one_of(st.floats(-1e12, 1e12), st.just(float("nan")), st.sampled_from([0.0, 1.0])), max_size=40),
    alert=st.integers(-5, 50),
)
def test_any_series_gives_one_of_its_own_times_or_none(values, alert):
    onset = find_onset(times(len(values)), np.array(values), alert_at=START + alert * STEP_S)

    assert onset is None or onset.at in times(len(values))
    assert onset is None or 0 <= onset.confidence <= 1


def test_constant_series_has_no_onset():
    assert find_onset(times(50), np.full(50, 3.0), alert_at=START + 600) is None


def test_series_too_short_has_no_onset():
    assert find_onset(times(5), np.array([0.0, 0, 0, 9, 9]), alert_at=START + 75) is None


def test_single_spike_is_not_a_change():
    values = noise(100)
    values[60] = 80

    assert find_onset(times(100), values, alert_at=START + 90 * STEP_S) is None


def test_short_blip_in_a_quiet_series_is_not_a_change():
    values = np.zeros(100)
    values[50:52] = 5

    assert find_onset(times(100), values, alert_at=START + 90 * STEP_S) is None


def test_gaps_and_nan_are_left_out_and_a_gap_at_the_onset_costs_confidence():
    values = noise(120) + 30.0 * (np.arange(120) >= 100)
    holed = values.copy()
    holed[[3, 40, 41, 70]] = np.nan
    gone = values.copy()
    gone[94:100] = np.nan
    alert_at = START + 115 * STEP_S

    whole, with_holes, with_gap = (find_onset(times(120), one, alert_at=alert_at) for one in (values, holed, gone))

    assert whole
    assert with_holes
    assert with_gap
    assert {whole.at, with_holes.at, with_gap.at} == {START + 100 * STEP_S}
    assert with_gap.confidence < 0.75 * whole.confidence


def test_order_of_the_samples_does_not_matter():
    values = noise(120) + 30.0 * (np.arange(120) >= 100)
    shuffled = np.random.default_rng(3).permutation(120)

    onset = find_onset(times(120)[shuffled], values[shuffled], alert_at=START + 119 * STEP_S)

    assert samples_off(onset, 100) == 0


def test_recovery_after_the_alert_is_not_taken_for_the_onset():
    here = np.arange(300)
    values = noise(300) + 10.0 * ((here >= 100) & (here < 125))

    onset = find_onset(times(300), values, alert_at=START + 115 * STEP_S)

    assert samples_off(onset, 100) <= 1


def test_two_bad_samples_at_the_end_are_enough_but_less_sure():
    values = noise(100) + 40.0 * (np.arange(100) >= 98)

    onset = find_onset(times(100), values, alert_at=START + 99 * STEP_S)

    assert samples_off(onset, 98) == 0
    assert onset is not None
    assert onset.confidence < 0.7


def test_rise_that_falls_back_within_the_window_begins_at_its_first_sample():
    here = np.arange(120)
    values = noise(120) + np.select([here < 100, here < 106], [0.0, 30.0], 12.0)

    onset = find_onset(times(120), values, alert_at=START + 119 * STEP_S)

    assert samples_off(onset, 100) == 0


@pytest.mark.parametrize("rise", [[6, 5, 4, 4, 30, 30, 30], [5, 4, 3.5, 20]])
def test_rise_that_hesitates_begins_at_its_first_sample_outside_normal(rise):
    values = np.concatenate((0.5 * noise(60), rise))

    onset = find_onset(times(len(values)), values, alert_at=START + len(values) * STEP_S)

    assert samples_off(onset, 60) <= 1
