"""Time series computed from a description: what a metric's value is at any second, healed or not."""

import math
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from incident_copilot.sandbox.world.chance import normal, seed_of
from incident_copilot.sandbox.world.spec import Spec

SCRAPE_INTERVAL_S = 15


class Phase(Spec):
    """From `from_s` on the level moves to `to`, within `ramp_s`; `noise` replaces the series' own."""

    from_s: float
    to: float
    ramp_s: float = Field(default=0, ge=0)
    noise: float | None = Field(default=None, ge=0)


class Season(Spec):
    """A regular rise and fall by `amplitude` (0.2 is 20 % up and down)."""

    period_s: float = Field(default=86_400, gt=0)
    amplitude: float = Field(ge=0, lt=1)


class Flap(Spec):
    """A standing oddity: every `every_s` the level is `to` for `for_s`, incident or not."""

    every_s: float = Field(gt=0)
    for_s: float = Field(gt=0)
    to: float


class Healed(Spec):
    """Where the level goes once the world is healed; `to` None is the baseline."""

    to: float | None = None
    decay_s: float = Field(default=2, gt=0)


class Series(Spec):
    """One metric with its labels; `expressions` are further PromQL texts that it answers."""

    metric: str = Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")
    labels: dict[str, str]
    expressions: tuple[str, ...] = ()
    unit: str
    baseline: float
    noise: float = Field(default=0.03, ge=0)
    minimum: float = 0
    maximum: float = math.inf
    season: Season | None = None
    flap: Flap | None = None
    phases: tuple[Phase, ...] = ()
    healed: Healed | None = None

    @model_validator(mode="after")
    def _phases_are_in_order(self) -> Self:
        starts = [phase.from_s for phase in self.phases]
        if starts != sorted(starts):
            raise ValueError(f"phases of {self.metric} are not in order of from_s; sort them")
        return self

    @cached_property
    def seed(self) -> int:
        """Return what makes this series' noise its own."""
        return seed_of(self.metric, *sorted(self.labels.items()))

    def value(self, at_s: float, healed_at_s: float | None = None) -> float:
        """Return the value at a second relative to the alert; `healed_at_s` None means never healed."""
        healed = self.healed is not None and healed_at_s is not None and at_s >= healed_at_s
        level = self._healed_level(at_s, healed_at_s) if healed and healed_at_s is not None else self._level(at_s)
        if self.flap is not None and at_s % self.flap.every_s < self.flap.for_s:
            level = self.flap.to
        if self.season is not None:
            level *= 1 + self.season.amplitude * math.sin(2 * math.pi * at_s / self.season.period_s)
        spread = self.noise if healed else self._spread(at_s)
        noisy = level * (1 + spread * normal(self.seed, math.floor(at_s / SCRAPE_INTERVAL_S)))
        return max(self.minimum, min(self.maximum, noisy))

    def _level(self, at_s: float) -> float:
        level = self.baseline
        for phase in self.phases:
            if at_s >= phase.from_s:
                share = min(1.0, (at_s - phase.from_s) / phase.ramp_s) if phase.ramp_s else 1.0
                level += (phase.to - level) * share
        return level

    def _healed_level(self, at_s: float, healed_at_s: float) -> float:
        healed = self.healed or Healed()
        target = self.baseline if healed.to is None else healed.to
        return target + (self._level(healed_at_s) - target) * math.exp((healed_at_s - at_s) / healed.decay_s)

    def _spread(self, at_s: float) -> float:
        spread = self.noise
        for phase in self.phases:
            if at_s >= phase.from_s and phase.noise is not None:
                spread = phase.noise
        return spread
