"""Tells which label explains a change: one version, region or cohort of a metric moved, and the others did not."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from incident_copilot.analysis.ranking import ODD, Series, normal_range
from incident_copilot.analysis.words import number

Floats = NDArray[np.float64]

_FEWEST_BEFORE = 20
_BY_CHANCE = 0.05
_STATISTICS = frozenset({"le", "quantile"})  # labels that tell parts of one measurement apart, not who is measured
_STILL = 0.1  # spreads; a gap that never was is taken to have been as wide as that


@dataclass(frozen=True, eq=False)
class Arm:
    """One series of a metric that is measured apart by labels, such as `{"version": "v2", "region": "eu"}`."""

    labels: Mapping[str, str]
    series: Series


@dataclass(frozen=True)
class Contrast:
    """The value of a label that explains a change, and by how much: medians before and since the onset.

    `effect` is how much further it moved than the others, in spreads from normal. `by_chance` is how often it drifted
    as far from them in stretches before the onset that are as long, times the number of values looked at.
    """

    label: str
    value: str
    before: float
    after: float
    others_before: float
    others_after: float
    effect: float
    by_chance: float
    keys: tuple[str, ...]
    reason: str


def contrast(arms: Mapping[str, Arm], *, onset: float) -> Contrast | None:
    """Return what sets those apart that changed at `onset`; None where all moved alike or none did.

    `arms` are series of one metric by the caller's keys. Where several labels say the same, the one with the fewest
    values counts: a version rather than a pod of it.
    """
    times = np.unique(np.concatenate([arm.series.times for arm in arms.values()])) if len(arms) > 1 else np.empty(0)
    split = int(np.searchsorted(times, onset, "left"))
    if split < _FEWEST_BEFORE or split == len(times):
        return None
    moved = {key: _in_spreads(_on(times, arm.series), split) for key, arm in arms.items()}
    sides = list(_sides(arms))
    found = [one for side in sides if (one := _contrast(side, arms, moved, times, split, len(sides))) is not None]
    return max(found, key=lambda one: round(abs(one.effect), 3), default=None)


@dataclass(frozen=True)
class _Side:
    """A label's value, the series that have it, and those that have another."""

    label: str
    value: str
    mine: tuple[str, ...]
    others: tuple[str, ...]


def _sides(arms: Mapping[str, Arm]) -> Iterator[_Side]:
    """Yield the values that some series have and others do not, those of labels with the fewest values first."""
    values: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key, arm in arms.items():
        for label, value in arm.labels.items():
            values[label][value].append(key)
    cohorts = [(label, by_value) for label, by_value in values.items() if label not in _STATISTICS]
    for label, by_value in sorted(cohorts, key=lambda item: (len(item[1]), item[0])):
        for value, mine in by_value.items():
            others = tuple(key for key, arm in arms.items() if arm.labels.get(label, value) != value)
            if others:
                yield _Side(label, value, tuple(mine), others)


def _on(times: Floats, series: Series) -> Floats:
    """Return a series at given times; gaps are bridged."""
    finite = np.isfinite(series.values)
    return np.interp(times, series.times[finite], series.values[finite]) if finite.any() else np.zeros(len(times))


def _in_spreads(values: Floats, split: int) -> Floats:
    """Return how far the values are from what is normal before the onset, in spreads."""
    centre, spread = normal_range(values[:split], values[split:])
    return (values - centre) / spread


def _contrast(
    side: _Side, arms: Mapping[str, Arm], moved: Mapping[str, Floats], times: Floats, split: int, looked_at: int
) -> Contrast | None:
    """Return the contrast of one side with the others; None where it did not move, or chance does as much."""
    mine, others = (np.mean([moved[key] for key in keys], axis=0) for keys in (side.mine, side.others))
    change, rest = float(np.median(mine[split:])), float(np.median(others[split:]))
    if abs(change) < ODD or abs(rest) > abs(change) / 2:
        return None
    by_chance = min(1.0, looked_at * _chance_of(mine - others, split))
    if by_chance > _BY_CHANCE:
        return None
    (before, after), (others_before, others_after) = (
        _levels(times, [arms[key].series for key in keys], split) for keys in (side.mine, side.others)
    )
    unit = arms[side.mine[0]].series.unit
    told = [number(value, unit) for value in (before, after, others_before, others_after)]
    alone = "only" if abs(rest) < ODD else "mostly"
    stayed = f"stayed at {told[3]}" if abs(rest) < ODD else f"went from {told[2]} to {told[3]}"
    return Contrast(
        label=side.label,
        value=side.value,
        before=before,
        after=after,
        others_before=others_before,
        others_after=others_after,
        effect=round(change - rest, 3),
        by_chance=round(by_chance, 4),
        keys=side.mine,
        reason=f"{alone} {side.label} {side.value} changed: from {told[0]} to {told[1]}; the others {stayed}",
    )


def _chance_of(gap: Floats, split: int) -> float:
    """Return how often stretches before the onset show as wide a gap; neighbouring values may depend on one another.

    A gap wider than any of them is rarer the wider it is; it is taken to thin out slowly, by the square.
    """
    length = min(len(gap) - split, split // 4)
    stretches = np.abs(np.median(sliding_window_view(gap[:split], length), axis=1))
    now = abs(float(np.median(gap[split:])))
    wider = now / max(float(stretches.max()), _STILL)
    return float(1 + (stretches >= now).sum()) / (1 + len(stretches)) / max(1.0, wider) ** 2


def _levels(times: Floats, series: Sequence[Series], split: int) -> tuple[float, float]:
    """Return the mean of the medians before and since the onset."""
    values = [_on(times, one) for one in series]
    return tuple(
        float(np.mean([np.median(one[part]) for one in values])) for part in (slice(split), slice(split, None))
    )  # type: ignore[return-value]
