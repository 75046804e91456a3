"""How AI systems did over a day, a week or a month: what people read in the channel, on the page and in a terminal.

What concerns fairness and security is for its own audience: here it is only counted.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from incident_copilot.analysis.monitoring.shares import Share, wilson
from incident_copilot.analysis.words import number
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.observation import Figure, Observed, pooled
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import evaluations, incidents, observations, verdicts

WITHHELD = frozenset({AiIncident.BIAS, AiIncident.SECURITY, AiIncident.INJECTION})
_MOST_INCIDENTS = 1_000
_POINTS = 56
"""Of a plot: three hours of a week, and twelve of a month."""


class Period(StrEnum):
    """How far a report looks back."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return {"daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(days=28)}[self.value]


class Plotted(NamedTuple):
    """A metric that is worth a plot: its title, its unit, and whether its values are added up."""

    metric: str
    title: str
    unit: str
    adds_up: bool = False


PLOTTED = (
    Plotted("quality.score", "Quality score", ""),
    Plotted("quality.accuracy", "Accuracy", "ratio"),
    Plotted("quality.answered", "Questions that were answered", "ratio"),
    Plotted("quality.satisfaction", "Satisfaction, 1 to 5", ""),
    Plotted("retrieval.hit_rate", "Retrieval: hits", "ratio"),
    Plotted("retrieval.groundedness", "Answers that stand in their sources", "ratio"),
    Plotted("judge.agreement", "Judge and heuristics agree", "ratio"),
    Plotted("performance.latency_p95_s", "Latency, 95th percentile", "s"),
    Plotted("performance.error_rate", "Errors", "ratio"),
    Plotted("performance.requests", "Requests", "", adds_up=True),
    Plotted("cost.usd", "Cost", "USD", adds_up=True),
)


class Plot(Frozen):
    """One metric over the period, with what it came to, and to what in the period before."""

    title: str
    unit: str
    points: tuple[tuple[float, float], ...]
    value: float
    before: float | None = None

    @property
    def said(self) -> str:
        """It in words."""
        was = "" if self.before is None else f" (before {number(self.before, self.unit)})"
        return f"{self.title} {number(self.value, self.unit)}{was}"


class SystemHealth(Frozen):
    """One system; `failing` are what fires now, `withheld` counts what is for its own audience."""

    system: str
    plots: tuple[Plot, ...] = ()
    failing: tuple[str, ...] = ()
    judged: int = 0
    withheld: int = 0
    evaluations: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """It in one line."""
        state = (
            f"{len(self.failing)} of {self.judged} metrics fire" if self.failing else f"all {self.judged} metrics fine"
        )
        told = "; ".join(plot.said for plot in self.plots[:4])
        more = f"; {self.withheld} told to their own audience" if self.withheld else ""
        return f"{self.system}: {state}{more}{f'. {told}' if told else ''}"


class Health(Frozen):
    """The report; `incidents` are those of AI systems that began in the period."""

    period: Period
    since: Utc
    until: Utc
    systems: tuple[SystemHealth, ...] = ()
    incidents: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether nothing fires."""
        return not any(one.failing or one.withheld for one in self.systems)

    @property
    def title(self) -> str:
        """What it is called."""
        return f"AI health, {self.period}: {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}"


async def report(deps: Deps, period: Period, system: str | None = None) -> Health:
    """Return how each system did, or one of them, until now."""
    until = deps.now()
    since = until - period.length
    async with deps.db.read() as view:
        known = await observations.systems(view, deps.workspace_id, since)
        said = await verdicts.of(view, deps.workspace_id, system)
        runs = await evaluations.since(view, deps.workspace_id, since, system)
        begun = await incidents.recent(view, deps.workspace_id, since, _MOST_INCIDENTS)
    wanted = [system] if system else sorted({*known, *(one.system for one in said)})
    tested: dict[str, list[str]] = {}
    for run in runs:
        low, high = wilson(Share(run.passed, len(run.results)))
        line = f"{run.at:%m-%d %H:%M} {run.suite} {run.version}: {run.share:.1%} ({low:.1%} to {high:.1%})"
        tested.setdefault(run.system, []).append(line)
    healths = [
        _system(
            name,
            await _plots(deps, name, since, until),
            [one for one in said if one.system == name],
            tested.get(name, []),
        )
        for name in wanted
    ]
    types = {one.value for one in AiIncident} - {one.value for one in WITHHELD}
    told = [one for one in begun if one.incident_type in types and not one.private and not one.test]
    return Health(
        period=period,
        since=since,
        until=until,
        systems=tuple(healths),
        incidents=tuple(f"{one.label} {one.title} ({one.severity}, {one.status})" for one in told),
    )


def lines(health: Health) -> list[str]:
    """Return the report for a terminal or a message."""
    said = [health.title, *(one.said for one in health.systems)]
    said += [f"  fires: {line}" for one in health.systems for line in one.failing]
    said += [f"  evaluation of {one.system}: {line}" for one in health.systems for line in one.evaluations[:5]]
    said += [f"  incident: {line}" for line in health.incidents]
    return said if health.systems else [*said, "No AI system has told anything yet."]


def _system(name: str, plots: Sequence[Plot], said: Sequence[Verdict], tested: Sequence[str]) -> SystemHealth:
    firing = [one for one in said if one.outcome is Outcome.FIRING]
    return SystemHealth(
        system=name,
        plots=tuple(plots),
        failing=tuple(
            f"{one.metric}{f' [{one.group}]' if one.group else ''}: {one.summary}"
            for one in firing
            if one.incident_type not in WITHHELD
        ),
        judged=sum(one.outcome is not Outcome.UNKNOWN for one in said),
        withheld=sum(one.incident_type in WITHHELD for one in firing),
        evaluations=tuple(tested),
    )


async def _plots(deps: Deps, system: str, since: datetime, until: datetime) -> list[Plot]:
    """Return the plots of what a system told, and what each came to in the period before."""
    length = until - since
    names = [one.metric for one in PLOTTED]
    async with deps.db.read() as view:
        now = await observations.between(view, deps.workspace_id, system, since, until, names)
        before = await observations.between(view, deps.workspace_id, system, since - length, since, names)
    found = [_plot(one, now, before, since, length / _POINTS) for one in PLOTTED]
    return [one for one in found if one]


def _plot(
    plotted: Plotted, now: Sequence[Observed], before: Sequence[Observed], since: datetime, width: timedelta
) -> Plot | None:
    parts: dict[int, list[Figure]] = {}
    for one in now:
        if one.figure.metric == plotted.metric and not one.figure.group:
            parts.setdefault(int((one.at - since) / width), []).append(one.figure)
    points = {at: value for at, part in sorted(parts.items()) if (value := _value(plotted, part)) is not None}
    whole = _value(plotted, [figure for part in parts.values() for figure in part])
    if whole is None:
        return None
    earlier = [one.figure for one in before if one.figure.metric == plotted.metric and not one.figure.group]
    start, step = since.timestamp(), width.total_seconds()
    return Plot(
        title=plotted.title,
        unit=plotted.unit,
        points=tuple((start + (at + 0.5) * step, value) for at, value in points.items()),
        value=whole,
        before=_value(plotted, earlier),
    )


def _value(plotted: Plotted, told: Sequence[Figure]) -> float | None:
    if plotted.adds_up:
        known = [one.value for one in told if one.value is not None]
        return sum(known) if known else None
    together = pooled(told)
    return together.share if together else None
