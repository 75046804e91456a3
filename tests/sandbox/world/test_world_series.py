"""Time series: what the value is at any second, healed or not."""

import pytest
from pydantic import ValidationError

from incident_copilot.sandbox.world.chance import normal, uniform
from incident_copilot.sandbox.world.series import Flap, Healed, Phase, Season, Series


def series(**fields: object) -> Series:
    return Series.model_validate(
        {"metric": "errors", "labels": {}, "unit": "ratio", "baseline": 10.0, "noise": 0} | fields
    )


def test_level_follows_its_phases() -> None:
    climbing = series(phases=[Phase(from_s=-100, to=20, ramp_s=50), Phase(from_s=0, to=5)])

    assert [climbing.value(at_s) for at_s in (-101, -100, -75, -50, -1, 0, 60)] == [10, 10, 15, 20, 20, 5, 5]


def test_healing_decays_from_the_level_reached_to_the_baseline() -> None:
    broken = series(phases=[Phase(from_s=-100, to=20)], healed=Healed(decay_s=2))

    assert broken.value(9.9, healed_at_s=10) == 20
    assert broken.value(10, healed_at_s=10) == 20
    assert broken.value(12, healed_at_s=10) == pytest.approx(13.679, abs=0.001)
    assert broken.value(60, healed_at_s=10) == pytest.approx(10)


def test_healing_may_lead_to_another_level_than_the_baseline() -> None:
    replicas = series(healed=Healed(to=18, decay_s=0.1))

    assert replicas.value(60, healed_at_s=10) == pytest.approx(18)


def test_series_that_does_not_react_ignores_the_healing() -> None:
    assert series(phases=[Phase(from_s=0, to=20)]).value(60, healed_at_s=10) == 20


def test_noise_is_the_same_every_time_and_constant_within_a_scrape() -> None:
    noisy = series(noise=0.1)
    scrapes = [noisy.value(15 * scrape) for scrape in range(400)]

    assert scrapes == [series(noise=0.1).value(15 * scrape + 14) for scrape in range(400)]
    assert len(set(scrapes)) == 400
    assert sum(scrapes) / 400 == pytest.approx(10, rel=0.02)
    assert max(abs(value - 10) for value in scrapes) <= 3.0


def test_series_with_other_labels_has_other_noise() -> None:
    assert series(noise=0.1, labels={"service": "a"}).value(0) != series(noise=0.1, labels={"service": "b"}).value(0)


def test_phase_may_bring_its_own_noise() -> None:
    calm = series(noise=0.5, phases=[Phase(from_s=0, to=20, noise=0), Phase(from_s=100, to=30)])

    assert calm.value(50) == 20
    assert calm.value(-30) != 10


def test_value_stays_between_minimum_and_maximum() -> None:
    assert series(maximum=7).value(0) == 7
    assert series(baseline=-3).value(0) == 0


def test_standing_oddity_comes_back_before_and_after() -> None:
    flapping = series(flap=Flap(every_s=400, for_s=100, to=90))

    assert [flapping.value(at_s) for at_s in (-400, -350, -300, 0, 99, 100)] == [90, 90, 10, 90, 90, 10]


def test_season_rises_and_falls() -> None:
    daily = series(season=Season(amplitude=0.2))

    assert daily.value(21_600) == pytest.approx(12)
    assert daily.value(-21_600) == pytest.approx(8)


def test_phases_out_of_order_are_refused_with_the_fix() -> None:
    with pytest.raises(ValidationError, match="phases of errors are not in order of from_s; sort them"):
        series(phases=[Phase(from_s=0, to=1), Phase(from_s=-5, to=2)])


def test_chance_covers_its_range() -> None:
    drawn = [uniform(7, index) for index in range(2000)]

    assert min(drawn) >= 0
    assert max(drawn) < 1
    assert sum(drawn) / 2000 == pytest.approx(0.5, abs=0.03)
    assert all(-3 <= normal(7, index) <= 3 for index in range(2000))
