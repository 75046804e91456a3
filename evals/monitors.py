"""How often monitors of AI systems are wrong, and how often they see what is there: `python -m evals.monitors`.

Everything is synthetic and drawn from fixed seeds, so the tables are the same each time. `--streams 2000` is quicker.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from incident_copilot.analysis.monitoring import (
    distributions,
    fairness,
    means,
    multiplicity,
    returning,
    seasonal,
    sequential,
    shares,
    tails,
)
from incident_copilot.domain.observation import Figure, SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict

Floats = NDArray[np.float64]

STREAMS, BASELINE, WINDOW, LOOKS = 20_000, 10_000, 1_000, 20
LEVEL = 0.01
RATE, DROPPED = 0.90, 0.85


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=STREAMS)
    streams: int = parser.parse_args(arguments).streams
    _print_accuracy(streams)
    _print_rates(streams)
    _print_families(max(200, streams // 20))
    _print_many(max(200, streams // 20))
    _print_seasons(streams)
    _print_returns(max(200, streams // 20))
    return 0


class Streams:
    """Streams of an accuracy: the baseline's successes, and those of each part of the window."""

    def __init__(self, count: int, before: float, now: float, *, from_part: int = 0, seed: int = 1) -> None:
        random = np.random.default_rng(seed)
        self.before = random.binomial(BASELINE, before, count).astype(float)
        rates = np.where(np.arange(LOOKS) < from_part, before, now)
        self.parts = random.binomial(WINDOW // LOOKS, rates, (count, LOOKS)).astype(float)
        self.counts = np.full(LOOKS, WINDOW / LOOKS)

    def z(self) -> Floats:
        """Return how far down each stream is at each look, in standard errors."""
        n = np.cumsum(self.counts)
        return shares.z_of_drop(self.before[:, None], BASELINE, np.cumsum(self.parts, axis=1), n)

    def always_valid(self, upto: int = LOOKS) -> Floats:
        """Return the p-value of the monitors, looked at after each part."""
        parts, counts = self.parts[:, :upto], self.counts[:upto]
        return sequential.share_drop_p(parts, counts, before=self.before, before_n=BASELINE, whole_n=WINDOW)


Test = Callable[[Streams], NDArray[np.bool_]]


def once(streams: Streams) -> NDArray[np.bool_]:
    """Look once, at the end."""
    return streams.z()[:, -1] >= tails.quantile(1 - LEVEL)


def each_time(streams: Streams) -> NDArray[np.bool_]:
    """Look twenty times, as if each were the only one."""
    return (streams.z() >= tails.quantile(1 - LEVEL)).any(axis=1)


def obrien_fleming(streams: Streams) -> NDArray[np.bool_]:
    """Spend the level late: the looks are planned, and there may be no others."""
    share = np.arange(1, LOOKS + 1) / LOOKS
    return (streams.z() * np.sqrt(share) >= _bound(lambda z: z * np.sqrt(share))).any(axis=1)


def pocock(streams: Streams) -> NDArray[np.bool_]:
    """Spend the level evenly over planned looks."""
    return (streams.z() >= _bound(lambda z: z)).any(axis=1)


def cusum(streams: Streams) -> NDArray[np.bool_]:
    """Add up what is below the middle of .90 and .85, and start anew at zero; the limit is fitted to the level."""
    return _cusum(streams) >= np.quantile(_cusum(Streams(20_000, RATE, RATE, seed=77)), 1 - LEVEL)


def always_valid(streams: Streams) -> NDArray[np.bool_]:
    """The monitors' own test."""
    return streams.always_valid() <= LEVEL


TESTS: dict[str, Test] = {
    "one look at the end (z, pooled)": once,
    "20 looks, each at 1 %": each_time,
    "20 planned looks, O'Brien-Fleming": obrien_fleming,
    "20 planned looks, Pocock": pocock,
    "20 looks, CUSUM": cusum,
    "any looks, bets and the full window (used)": always_valid,
}


def _bound(scaled: Callable[[Floats], Floats]) -> float:
    """Fit the bound of planned looks on Brownian motion, drawn apart from the streams that are measured."""
    random = np.random.default_rng(99)
    steps = random.standard_normal((40_000, LOOKS)).cumsum(axis=1)
    z = steps / np.sqrt(np.arange(1, LOOKS + 1))
    return float(np.quantile(scaled(z).max(axis=1), 1 - LEVEL))


def _cusum(streams: Streams) -> Floats:
    middle = streams.before / BASELINE - (RATE - DROPPED) / 2
    sums, most = np.zeros(len(middle)), np.zeros(len(middle))
    for part, n in zip(streams.parts.T, streams.counts, strict=True):
        sums = np.maximum(0.0, sums + middle * n - part)
        most = np.maximum(most, sums)
    return most


def _print_accuracy(count: int) -> None:
    fine = Streams(count, RATE, RATE)
    fallen = Streams(count, RATE, DROPPED, seed=2)
    midway = Streams(count, RATE, DROPPED, from_part=LOOKS // 2, seed=3)
    print(
        f"Accuracy from {RATE:.2f}: baseline {BASELINE:,}, window {WINDOW:,}, one-sided, {count:,} streams, level 1 %\n"
    )
    print("| test | false alarms | sees .85 | sees .85 from the middle on |")
    print("|---|---|---|---|")
    for name, test in TESTS.items():
        print(f"| {name} | {_percent(test(fine))} | {_percent(test(fallen))} | {_percent(test(midway))} |")
    alarmed = [(fallen.always_valid(upto) <= LEVEL).mean() for upto in range(1, LOOKS + 1)]
    half = next(at for at, share in enumerate(alarmed, 1) if share >= 0.5) * WINDOW // LOOKS
    print(f"\nHalf of the drops are seen after {half} cases, {alarmed[LOOKS // 2 - 1]:.1%} after {WINDOW // 2}.\n")


def _print_rates(count: int) -> None:
    print("The same test where failures are rare or common\n")
    print("| accuracy | false alarms | a drop of | is seen |")
    print("|---|---|---|---|")
    for rate, drop in ((0.5, 0.08), (0.7, 0.07), (0.95, 0.04), (0.98, 0.03), (0.995, 0.015)):
        fine, fallen = Streams(count, rate, rate, seed=5), Streams(count, rate, rate - drop, seed=6)
        print(f"| {rate:g} | {_percent(always_valid(fine))} | {drop:g} | {_percent(always_valid(fallen))} |")
    print()


def _print_families(count: int) -> None:
    print(f"Each family, {count:,} streams each, level 1 %\n")
    print("| monitor | test | false alarms | sees | change |")
    print("|---|---|---|---|---|")
    for name, test, change, row in FAMILIES:
        random = np.random.default_rng(11)
        false = np.mean([row(random, False) for _ in range(count)])
        seen = np.mean([row(random, True) for _ in range(count)])
        print(f"| {name} | {test} | {false:.2%} | {seen:.1%} | {change} |")
    print()


Row = Callable[[np.random.Generator, bool], bool]


def _drift(measure: str) -> Row:
    def row(random: np.random.Generator, changed: bool) -> bool:
        edges = np.linspace(-2, 2, 9).tolist()
        before = distributions.counts_of(random.standard_normal(5000).tolist(), edges)
        now = distributions.counts_of((random.standard_normal(1000) + 0.25 * changed).tolist(), edges)
        found = distributions.shift(before, now)
        return found is not None and getattr(found, measure).p <= LEVEL

    return row


def _ks_values(random: np.random.Generator, changed: bool) -> bool:
    return distributions.ks(random.standard_normal(2000), random.standard_normal(500) + 0.25 * changed).p <= LEVEL


def _score(random: np.random.Generator, changed: bool) -> bool:
    before, now = (_mean(random.beta(8, 2 + worse, n)) for worse, n in ((0.0, 5000), (0.4 * changed, 500)))
    return means.drop_p(before, now) <= LEVEL


def _suite_scores(random: np.random.Generator, changed: bool) -> bool:
    before = random.beta(8, 2, 200)
    return means.drawn_drop_p(before + random.normal(-0.03 * changed, 0.1, 200), before) <= LEVEL


def _regression(random: np.random.Generator, changed: bool) -> bool:
    differ = random.binomial(400, 0.08)
    return shares.worse_pairs_p(only := random.binomial(differ, 0.8 if changed else 0.5), differ - only) <= LEVEL


def _parity(random: np.random.Generator, changed: bool) -> bool:
    rates = {"a": 0.6, "b": 0.5 if not changed else 0.42, "c": 0.6}
    groups = {name: shares.Share(random.binomial(1000, rate), 1000) for name, rate in rates.items()}
    found = fairness.parity(groups, allowed=0.1)
    return found is not None and found.p <= LEVEL


def _safety(random: np.random.Generator, changed: bool) -> bool:
    return tails.binomial(random.binomial(5000, 0.003 if changed else 0.001), 5000, 0.001) <= LEVEL


def _cost(random: np.random.Generator, changed: bool) -> bool:
    hours = np.arange(24 * 28 + 1)
    usual = 10 + 6 * np.sin(2 * np.pi * hours / 24) + 3 * (hours // 24 % 7 < 5)
    spent = usual * random.lognormal(0, 0.1, len(hours))
    last = spent[-1] * (1.5 if changed else 1)
    found = seasonal.unusual(list(zip(hours[:-1] * 3600.0, spent[:-1], strict=True)), hours[-1] * 3600.0, float(last))
    return found is not None and found.z >= 3


def _drift_in_looks(random: np.random.Generator, changed: bool) -> bool:
    """A window that is looked at sixty times, as the monitor does: sure, and far enough to matter."""
    p = np.full(10, 0.1) + 0.03 * changed * np.repeat([1, -1], 5)
    before = random.multinomial(10_000, np.full(10, 0.1)).astype(float)
    seen = random.multinomial(50, p, 60).cumsum(axis=0).astype(float)[9:]  # from 500 cases on
    found = ((distributions.psi(before, now).value, distributions.jensen_shannon(before, now).p) for now in seen)
    return any(value >= distributions.MODERATE and p <= LEVEL for value, p in found)


FAMILIES: tuple[tuple[str, str, str, Row], ...] = (
    ("quality: mean score", "Welch, 5,000 and 500", "beta(8,2) to (8,2.4)", _score),
    ("drift: PSI", "chi-square, 5,000 and 1,000, 10 buckets", "mean + 0.25 s.d.", _drift("psi")),
    ("drift: Jensen-Shannon", "chi-square, the same", "mean + 0.25 s.d.", _drift("jensen_shannon")),
    ("drift: KS of buckets", "Kolmogorov, the same", "mean + 0.25 s.d.", _drift("ks")),
    (
        "drift: 60 looks",
        "PSI 0.1 and Jensen-Shannon, 10,000 and up to 3,000",
        "5 of 10 buckets + 30 %",
        _drift_in_looks,
    ),
    ("drift: KS of values", "Kolmogorov, 2,000 and 500", "mean + 0.25 s.d.", _ks_values),
    ("regression: right or wrong", "McNemar exact, 400 cases", "26 cases worse, 6 better", _regression),
    ("regression: scores", "bootstrap of pairs, 200 cases", "mean - 0.03", _suite_scores),
    ("fairness: parity", "z of the gap over 0.1, 3 groups of 1,000", "gap .10 to .18", _parity),
    ("safety: rate", "binomial exact over .001, 5,000", ".001 to .003", _safety),
    ("cost: one hour", "3 deviations over the hours of 4 weeks", "+ 50 %", _cost),
)


def _print_many(count: int) -> None:
    print(f"Twenty metrics of one system looked at once, {count:,} systems, level 1 %\n")
    print("| correction | false alarms, all fine | one of 20 fell by 5 points: seen | other 19: false alarms |")
    print("|---|---|---|---|")
    fine = _many(count, changed=False)
    fallen = _many(count, changed=True)
    corrections: dict[str, Any] = {
        "none": np.asarray,
        "Holm": multiplicity.holm,
        "Benjamini-Hochberg (used)": multiplicity.benjamini_hochberg,
    }
    for name, corrected in corrections.items():
        false = np.array([(corrected(row) <= LEVEL).any() for row in fine])
        seen = np.array([corrected(row)[0] <= LEVEL for row in fallen])
        others = np.array([(corrected(row)[1:] <= LEVEL).any() for row in fallen])
        print(f"| {name} | {_percent(false)} | {_percent(seen)} | {_percent(others)} |")
    print()


def _many(systems: int, *, changed: bool) -> Floats:
    fine = Streams(systems * 20, RATE, RATE, seed=21).always_valid().reshape(systems, 20)
    if changed:
        fine[:, 0] = Streams(systems, RATE, DROPPED, seed=22).always_valid()
    return fine


def _print_seasons(count: int) -> None:
    print(f"A window that is a Monday, {WEEKS} weeks before it, looked at each hour, {count:,} streams, level 1 %\n")
    print("| stream | held against all hours | against the same hours of the week |")
    print("|---|---|---|")
    hours = np.arange(24)
    busy = 20 + 44 * (hours // 8 > 0)
    flat, waves = np.full(24, 0.93), 0.91 - 0.03 * (hours < 8) - 0.04 + 0.01 * np.sin(2 * np.pi * hours / 24)
    for name, usual, drop in (
        ("a pattern by hour and a Monday dip, nothing changed", waves, 0.0),
        ("the same, and 5 points less", waves, 0.05),
        ("no pattern, nothing changed", flat, 0.0),
        ("no pattern, 5 points less", flat, 0.05),
    ):
        pooled, seasonal_ = _mondays(count, busy, usual, drop)
        print(f"| {name} | {_percent(pooled <= LEVEL)} | {_percent(seasonal_ <= LEVEL)} |")
    print()


WEEKS = 4


def _mondays(count: int, busy: NDArray[np.int64], usual: Floats, drop: float) -> tuple[Floats, Floats]:
    """Return p by both tests: the other days of a week are at .93 around the clock, and as busy."""
    random = np.random.default_rng(41)
    counts, known = busy.astype(float), WEEKS * busy.astype(float)
    others = random.binomial(int(6 * known.sum()), 0.93, count)
    before = random.binomial(WEEKS * busy, usual, (count, 24)).astype(float)
    now = random.binomial(busy, usual - drop, (count, 24)).astype(float)
    all_n, whole = 7 * known.sum(), counts.sum()
    pooled = sequential.share_drop_p(now, counts, before=others + before.sum(axis=1), before_n=all_n, whole_n=whole)
    hours = sequential.Usual(level=before / known, n=known, twice=counts)
    return pooled, sequential.seasonal_drop_p(now, counts, hours, whole_n=whole)


def _print_returns(count: int) -> None:
    print(f"After an action: accuracy was .98, .89 when it alerted, {RETURNS * 50:,} cases since, {count:,} streams\n")
    print("| since then | said to be back at any look | at the half of these streams after |")
    print("|---|---|---|")
    for name, rate in (
        ("nothing changed, .89", 0.89),
        ("half is regained, .935", 0.935),
        ("all is regained, .98", 0.98),
    ):
        random = np.random.default_rng(31)
        after = [_returned_after(random.binomial(50, rate, RETURNS)) for _ in range(count)]
        seen = [cases for cases in after if cases]
        print(f"| {name} | {len(seen) / count:.2%} | {f'{np.median(seen):.0f} cases' if seen else ''} |")
    print()


RETURNS = 40


def _returned_after(right: NDArray[np.int64]) -> int:
    """Return after how many cases a figure is said to be back, looked at after each 50; 0 where it never is."""
    told = [Figure(metric="quality.accuracy", successes=int(one), n=50) for one in right]
    before = _verdict(0.89, 1000, Outcome.FIRING)
    for looks in range(4, RETURNS + 1):
        since = told[:looks]
        total = shares.Share(sum(one.successes or 0 for one in since), looks * 50)
        fell = sequential.share_drop_p(
            np.array([float(one.successes or 0) for one in since]),
            np.full(looks, 50.0),
            before=9800,
            before_n=BASELINE,
            whole_n=WINDOW,
        )
        beyond = Outcome.FIRING if 0.98 - total.rate >= 0.02 * 0.98 else Outcome.FINE
        now = _verdict(total.rate, total.n, beyond, p=float(fell))
        if returning.returned(now, before, since, LEVEL).is_back:
            return total.n
    return 0


def _verdict(value: float, n: int, outcome: Outcome, p: float = 0.0) -> Verdict:
    return Verdict(
        system="bot",
        monitor="quality",
        metric="quality.accuracy",
        outcome=outcome,
        kind=SignalKind.QUALITY_DROP,
        incident_type=AiIncident.QUALITY,
        value=value,
        baseline=0.98,
        n=n,
        p=p,
        at=datetime(2026, 11, 28, tzinfo=UTC),
    )


def _mean(values: Floats) -> means.Mean:
    return means.Mean(float(values.mean()), len(values), float(values.var(ddof=1)))


def _percent(alarmed: NDArray[np.bool_]) -> str:
    return f"{alarmed.mean():.2%}"


if __name__ == "__main__":
    raise SystemExit(main())
