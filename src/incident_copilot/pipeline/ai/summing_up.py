"""The figures that sum up some interactions of one system, under the names that monitors know."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from incident_copilot.domain import languages
from incident_copilot.domain.observation import Figure, Interaction, SignalKind, Snapshot, should_alert
from incident_copilot.domain.sampled import MEASURED, Evaluation, Sampled
from incident_copilot.pipeline.ai import again
from incident_copilot.pipeline.ai.again import Recent

_LENGTHS = (0, 10, 30, 100, 300, 1_000)
_MOST_GROUPS = 50
_GOOD = 0.5
"""From which score on an answer counts as a good one, where no outcome is told."""


class Scored(NamedTuple):
    """One interaction with what the evaluators said of it, by their names."""

    sampled: Sampled
    interaction: Interaction
    said: Mapping[str, Evaluation]


def snapshot(system: str, key: str, scored: Sequence[Scored], recent: Recent) -> Snapshot:
    """Return the figures of at least one interaction, with pairs of those and `recent` ones; its labels are shared."""
    first, *others = (one.sampled.labels.items() for one in scored)
    shared = dict(first & set().union(first).intersection(*others)) if others else dict(first)
    return Snapshot(
        system=system,
        id=key,
        at=max(one.sampled.at for one in scored),
        figures=(*figures(scored), *again.figures(recent, [one.sampled for one in scored])),
        labels=dict(sorted(shared.items())),
    )


def figures(scored: Sequence[Scored]) -> Iterator[Figure]:
    """Yield what can be said of these interactions."""
    sampled = [one.sampled for one in scored]
    yield Figure(metric="performance.requests", value=len(scored))
    yield Figure(
        metric="interactions.signals", successes=sum(bool(one.interaction.signals) for one in scored), n=len(scored)
    )
    yield Figure(metric="interactions.together", successes=sum(map(_is_together, scored)), n=len(scored))
    yield from _mean("quality.score", [one.interaction.score for one in scored])
    yield from _mean("quality.satisfaction", [_stars(one.feedback) for one in sampled])
    yield from _facts([evaluation for one in scored for evaluation in one.said.values()])
    yield from _costs(sampled)
    yield from _shapes(sampled)
    yield from _fairness(scored)


def _facts(said: Sequence[Evaluation]) -> Iterator[Figure]:
    facts: dict[str, list[bool]] = {}
    measures: dict[str, list[float]] = {}
    for evaluation in said:
        for name, fact in evaluation.facts.items():
            facts.setdefault(name, []).append(fact)
        for name, measure in evaluation.measures.items():
            measures.setdefault(name, []).append(measure)
    for name, found in sorted(facts.items()):
        yield Figure(metric=name, successes=sum(found), n=len(found))
    for name, values in sorted(measures.items()):
        yield from _mean(name, values)


def _costs(sampled: Sequence[Sampled]) -> Iterator[Figure]:
    for name in MEASURED:
        yield from _mean(f"interactions.{name}", [getattr(one, name) for one in sampled])
    spent = [one.cost_usd for one in sampled if one.cost_usd is not None]
    if spent:
        yield Figure(metric="cost.usd", value=sum(spent))
        yield Figure(metric="cost.per_request_usd", value=sum(spent) / len(spent), n=len(spent))
    for name in ("input", "output"):
        tokens = [count for one in sampled if (count := getattr(one, f"{name}_tokens")) is not None]
        if tokens:
            yield Figure(metric=f"cost.tokens_{name}", value=sum(tokens))
    took = sorted(one.latency_ms for one in sampled if one.latency_ms is not None)
    if took:
        yield Figure(metric="performance.latency_p95_s", value=took[(len(took) - 1) * 95 // 100] / 1000, n=len(took))


def _shapes(sampled: Sequence[Sampled]) -> Iterator[Figure]:
    """Yield the distributions whose change is drift: of what comes in, and of what goes out."""
    yield _counted("feature.request_length", [_length(one.request) for one in sampled])
    yield _counted("output.response_length", [_length(one.response) for one in sampled])
    yield _counted("feature.language", [one.language or languages.guess(one.request) or "unknown" for one in sampled])
    sure = [min(9, int(one.confidence * 10)) for one in sampled if one.confidence is not None]
    if sure:
        yield _counted("quality.confidence", [f"{bucket / 10:.1f}-{(bucket + 1) / 10:.1f}" for bucket in sure])


def _fairness(scored: Sequence[Scored]) -> Iterator[Figure]:
    groups: dict[str, list[tuple[bool, bool | None]]] = {}
    for one in scored:
        for name, value in one.sampled.groups.items():
            groups.setdefault(f"{name}={value}"[:160], []).append((_outcome(one), one.sampled.truth))
    rates: tuple[tuple[str, Callable[[bool | None], bool]], ...] = (
        ("positive_rate", lambda truth: True),  # noqa: ARG005 -- everybody counts
        ("true_positive_rate", lambda truth: truth is True),
        ("false_positive_rate", lambda truth: truth is False),
    )
    for group, cases in sorted(groups.items())[:_MOST_GROUPS]:
        for rate, counts in rates:
            outcomes = [outcome for outcome, truth in cases if counts(truth)]
            if outcomes:
                yield Figure(metric=f"fairness.{rate}", group=group, successes=sum(outcomes), n=len(outcomes))


def _is_together(one: Scored) -> bool:
    """Whether signals alert together, none of which does alone."""
    kinds = [signal.kind for signal in one.interaction.signals]
    return SignalKind.SAFETY_VIOLATION not in kinds and should_alert(kinds)


def _outcome(one: Scored) -> bool:
    """What was decided; of a system that decides nothing, whether the answer was a good one."""
    if one.sampled.outcome is not None:
        return one.sampled.outcome
    return (one.interaction.score or 0.0) >= _GOOD


def _mean(metric: str, values: Sequence[float | None]) -> Iterator[Figure]:
    known = [value for value in values if value is not None]
    if known:
        squares = sum(value**2 for value in known)
        yield Figure(metric=metric, value=sum(known) / len(known), n=len(known), squares=squares)


def _counted(metric: str, buckets: Collection[str]) -> Figure:
    return Figure(metric=metric, counts=dict(sorted(Counter(buckets).items())), n=len(buckets))


def _length(text: str) -> str:
    words = len(text.split())
    return f"up to {next((limit for limit in _LENGTHS if words <= limit), 'any')} words"


def _stars(feedback: float | None) -> float | None:
    return None if feedback is None else 3 + 2 * feedback
