"""Fairness: groups that are treated differently by more than is allowed, and like cases that are treated unlike.

Reference: https://arxiv.org/abs/1610.02413
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pydantic import Field

from incident_copilot.analysis.monitoring import fairness, saying, shares, tails, windows
from incident_copilot.analysis.monitoring.beginning import beginning
from incident_copilot.analysis.monitoring.shares import Share
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

VOICE = saying.Voice("fairness", SignalKind.UNFAIRNESS, AiIncident.BIAS)
RATES = {
    "fairness.positive_rate": "demographic parity",
    "fairness.true_positive_rate": "equalised odds, true positives",
    "fairness.false_positive_rate": "equalised odds, false positives",
}
INDIVIDUAL, WITHIN = "fairness.individual", "fairness.individual_within"
SAMPLED = "interactions.signals"


class Options(Frozen):
    """Gaps between rates that are allowed, how many of like cases may be treated unlike, and a group's least size."""

    allowed_gap: float = Field(default=0.1, gt=0, lt=1)
    allowed_unlike: float = Field(default=0.1, gt=0, lt=1)
    fewest: int = Field(default=fairness.FEWEST, ge=30)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return Fairness(options)


class Fairness:
    """Looks at fairness.* of a system; groups are told apart by attribute, as in gender=f."""

    name = "fairness"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each rate and attribute, and one for like cases."""
        rates: dict[tuple[str, str], dict[str, Share]] = defaultdict(dict)
        told: dict[windows.Key, windows.Some] = {}
        alike: dict[str, dict[str, Share]] = {INDIVIDUAL: {}, WITHIN: {}}
        for (metric, group), seen in windows.by_key(watched.current, lambda name: name.startswith("fairness.")).items():
            share = windows.share_of(windows.together(seen))
            if share and metric in RATES and "=" in group:
                rates[metric, group.split("=")[0]][group] = share
                told[metric, group] = seen
            elif share and metric in alike:
                alike[metric][group] = share
        if windows.by_key(watched.current, SAMPLED.__eq__):
            # Who sends interactions with groups learns as well why nothing is said of like ones.
            alike[INDIVIDUAL] = {name: Share(0, 0) for _, name in rates} | alike[INDIVIDUAL]
        return [
            *(self._gap(watched, key, groups, told) for key, groups in rates.items()),
            *(self._individual(watched, name, one, alike[WITHIN].get(name)) for name, one in alike[INDIVIDUAL].items()),
        ]

    def _gap(
        self,
        watched: Watched,
        key: windows.Key,
        groups: Mapping[str, Share],
        told: Mapping[windows.Key, windows.Some],
    ) -> Verdict:
        allowed, fewest = self._options.allowed_gap, self._options.fewest
        gap = fairness.parity(groups, allowed=allowed, fewest=fewest)
        small = fairness.too_small(groups, fewest)
        if gap is None:
            left = f"too few of {', '.join(small)}" if small else "there is one"
            said = f"{RATES[key[0]]} by {key[1]}: two groups of {fewest:,} are needed, {left}"
            return VOICE.says(watched, key, Outcome.UNKNOWN, said)
        left_out = f"; too few of {', '.join(small)}" if small else ""
        middle = (groups[gap.other].rate + groups[gap.favoured].rate) / 2
        return VOICE.says(
            watched,
            key,
            Outcome.FIRING if gap.gap > allowed else Outcome.FINE,
            f"{RATES[key[0]]}: {groups[gap.other].rate:.1%} for {gap.other}, {groups[gap.favoured].rate:.1%} for "
            f"{gap.favoured}; a gap of {gap.gap:.1%}, {allowed:.0%} are allowed (n {gap.n:,} at least){left_out}",
            severity="critical",
            value=gap.gap,
            baseline=allowed,
            low=gap.interval.low,
            high=gap.interval.high,
            n=gap.n,
            p=gap.p,
            began=beginning(told[key[0], gap.other], middle, is_upper=False),
            details={"ratio": gap.ratio},
        )

    def _individual(self, watched: Watched, name: str, unlike: Share, within: Share | None) -> Verdict:
        allowed, fewest = self._options.allowed_unlike, self._options.fewest
        of = f" ({name})" if name else ""
        if unlike.n < fewest:
            said = f"like requests of two groups{of}: {unlike.n:,} pairs, {fewest:,} are needed to tell"
            return VOICE.says(watched, (INDIVIDUAL, name), Outcome.UNKNOWN, said, n=unlike.n)
        within = within if within and within.n >= fewest else None
        usual = within.rate if within else 0.0
        interval = shares.wilson(unlike)
        said = f"{unlike.rate:.1%} of {unlike.n:,} pairs of like requests of two groups{of} are decided otherwise"
        beside = f"{usual:.1%} within a group, " if within else ""
        return VOICE.says(
            watched,
            (INDIVIDUAL, name),
            Outcome.FIRING if unlike.rate > allowed + usual else Outcome.FINE,
            f"{said} (95 % {interval.low:.1%} to {interval.high:.1%}), {beside}{allowed:.0%} are allowed",
            value=unlike.rate,
            baseline=allowed + usual,
            low=interval.low,
            high=interval.high,
            n=unlike.n,
            baseline_n=within.n if within else None,
            p=shares.gap_p(unlike, within, allowed) if within else tails.binomial(unlike.successes, unlike.n, allowed),
        )
