"""The five phases in which the cause of trouble with an AI system is looked for (seed 001), from the evidence alone.

Each says what it found, citing what is held, and what it could not look at: that it says neither means that all is as
usual.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from incident_copilot.analysis.monitoring.distributions import MODERATE, shift
from incident_copilot.analysis.ranking import ODD
from incident_copilot.domain import incident_type
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Phase, PhaseFound, Statement
from incident_copilot.pipeline.investigating.audience import may_read
from incident_copilot.pipeline.investigating.findings import evidence_id, of_kind
from incident_copilot.pipeline.investigating.looked import Looked, Said, data_below
from incident_copilot.pipeline.investigating.statistical import statistical

OF_MODELS = frozenset({"model", "prompt", "flag", "configuration"})
MOST = 3
MOVED = 0.1
"""By how much of all the part of a feature has moved that is worth a line."""


def phases_of(looked: Looked) -> tuple[PhaseFound, ...]:
    """Return the five phases for an incident of an AI system; none for any other."""
    if looked.seen is None and not incident_type.of(looked.incident.incident_type).of_ai:
        return ()
    return tuple(_told(phase, look(looked)) for phase, look in _PHASES.items())


def _told(phase: Phase, said: Said) -> PhaseFound:
    all_said = list(said)
    return PhaseFound(
        phase=phase,
        found=tuple(one for one in all_said if isinstance(one, Statement)),
        missing=tuple(one for one in all_said if isinstance(one, str)),
    )


def _components(looked: Looked) -> Said:
    """How each service that it rests on does, nearest first."""
    data = data_below(looked.catalog, looked.upstream)
    below = [name for name in looked.upstream if name not in data]
    if not below:
        yield f"the catalogue names nothing that {looked.findings.service} calls"
    unknown = []
    for name in [looked.findings.service, *below]:
        found = [*_component(looked, name)]
        yield from found[:2]
        if not found and not _is_measured(looked, name):
            unknown.append(name)
    if unknown:
        yield f"nothing is measured of {', '.join(unknown[:MOST])}"


def _component(looked: Looked, name: str) -> Iterator[Statement]:
    for key, one in looked.findings.templates.items():
        if one.service == name and one.severe and one.kind != "vanished":
            text = f"{name} says since then: {one.headline}"
            yield Statement(text=text, evidence_ids=(evidence_id(key),))
    for key, ranked in looked.findings.series.items():
        if ranked.service == name and ranked.score >= ODD and not _is_observed(looked, key):
            yield Statement(text=f"{name}: {ranked.reason}", evidence_ids=(key,))


def _is_measured(looked: Looked, name: str) -> bool:
    return any(item.data.get("service") == name for item in looked.bundle.evidence)


def _is_observed(looked: Looked, key: str) -> bool:
    return any(item.id == key and "observed" in item.data for item in looked.bundle.evidence)


def _lineage(looked: Looked) -> Said:
    """What datasets, features and indexes it rests on, what ran over them, and what monitors say of the data."""
    above = [*data_below(looked.catalog, looked.upstream)]
    if not above:
        yield f"the catalogue names no dataset, feature or index that {looked.findings.service} uses"
    runs = [item for item in _changes(looked) if item.data["service"] in above or item.data.get("kind") == "dataset"]
    yield from (Statement(text=item.summary, evidence_ids=(item.id,)) for item in runs[:MOST])
    if above and not runs:
        yield f"no run over {', '.join(above[:MOST])} was told of"
    yield from _monitors(looked, ("data.", "feature.", "retrieval."))


def _model(looked: Looked) -> Said:
    """Which slice carries the loss, which model, prompt or flag changed, and how outputs and importances moved."""
    samples = [item for item in of_kind(looked.bundle, EvidenceKind.SAMPLE) if "slices" in item.data]
    for item in samples:
        told = [str(text) for text in item.data["slices"]]
        yield from (Statement(text=text, evidence_ids=(item.id,)) for text in told[:2])
        if not told:
            yield Statement(text=f"No slice stands out: {item.summary}", evidence_ids=(item.id,))
    if not samples:
        yield "no requests are stored, so no slice can be looked at"
    changed = [item for item in _changes(looked) if item.data.get("kind") in OF_MODELS]
    yield from (Statement(text=item.summary, evidence_ids=(item.id,)) for item in changed[:MOST])
    yield from _shifts(looked)
    yield from _monitors(looked, ("quality.", "evaluation.", "fairness.", "safety."))


def _shifts(looked: Looked) -> Iterator[Statement]:
    """How the distributions of outputs and confidences moved at the onset, and how much features count."""
    alerts = tuple(item.id for item in of_kind(looked.bundle, EvidenceKind.ALERT))[:1]
    for metric in sorted({one.figure.metric for one in looked.seen.figures} if looked.seen else ()):
        before, now = (_counts(looked, metric, since=since) for since in (False, True))
        if metric.startswith("importance."):
            yield from (Statement(text=text, evidence_ids=alerts) for text in _importance(metric, before, now))
        elif metric.startswith(("output.", "quality.confidence")):
            moved = shift(before, now)
            if moved and moved.psi.value >= MODERATE and moved.psi.p < 0.01:
                what = metric.replace(".", " ", 1)
                text = f"The distribution of {what} shifted, most at {moved.largest} (PSI {moved.psi.value:.2f})"
                yield Statement(text=text, evidence_ids=alerts)


def _importance(metric: str, before: Mapping[str, int], now: Mapping[str, int]) -> Iterator[str]:
    """Yield the feature whose part in what a model decides moved most; how sure that is, its figures do not tell."""
    then, since = sum(before.values()), sum(now.values())
    if not then or not since:
        return
    parts = {name: (before.get(name, 0) / then, now.get(name, 0) / since) for name in {**before, **now}}
    name, (was, counts) = max(parts.items(), key=lambda item: (abs(item[1][1] - item[1][0]), item[0]))
    if abs(counts - was) >= MOVED:
        yield f"{name} counts for {counts:.0%} of what {metric.partition('.')[2]} decides, {was:.0%} before"


def _counts(looked: Looked, metric: str, *, since: bool) -> Mapping[str, int]:
    figures = looked.seen.figures if looked.seen else ()
    told = (one.figure.counts for one in figures if one.figure.metric == metric and (one.at >= looked.began) is since)
    return sum((Counter(counts) for counts in told), Counter())


def _environment(looked: Looked) -> Said:
    """Providers, load, and what changed around the service that is neither model nor data."""
    providers = looked.findings.providers
    troubled = {key: one for key, one in providers.items() if one.status in ("degraded", "outage")}
    for key, one in troubled.items():
        yield Statement(text=f"{one.name} reports {one.status}: {one.detail}", evidence_ids=(key,))
    if not providers:
        yield "no provider's status page is set up"
    other = [
        item
        for item in _changes(looked)
        if item.data.get("kind") not in OF_MODELS | {"dataset"} and item.data["service"] != looked.findings.service
    ]
    yield from (Statement(text=item.summary, evidence_ids=(item.id,)) for item in other[:MOST])
    yield from _monitors(looked, ("provider.", "performance.", "cost."))
    yield from (f"{gap.source}: {gap.reason}" for gap in looked.bundle.gaps)


def _changes(looked: Looked) -> list[Evidence]:
    """Return the changes of the service and of what it rests on, those nearest to the onset first."""
    onset, near = looked.findings.onset_at, {looked.findings.service, *looked.upstream}
    found = [item for item in of_kind(looked.bundle, EvidenceKind.CHANGE) if item.data["service"] in near]
    return sorted(found, key=lambda item: abs(float(item.data["at"]) - onset))


def _monitors(looked: Looked, families: tuple[str, ...]) -> Iterator[Statement]:
    """What monitors find wrong with metrics of these families."""
    by_metric = {
        (item.data["observed"][1], item.data["observed"][2]): item.id
        for item in looked.bundle.evidence
        if "observed" in item.data
    }
    told = [item.id for item in of_kind(looked.bundle, EvidenceKind.SAMPLE) if "findings" in item.data]
    wrong = [
        one
        for one in (looked.seen.verdicts if looked.seen else ())
        if one.metric.startswith(families) and one.outcome in ("firing", "weak") and one.summary
    ]
    for one in [one for one in wrong if may_read(looked.catalog, looked.incident, one.incident_type)][:MOST]:
        held = by_metric.get((one.metric, one.group))
        yield Statement(text=one.summary.rstrip("."), evidence_ids=(held,) if held else tuple(told))


_PHASES: Mapping[Phase, Callable[[Looked], Said]] = {
    Phase.STATISTICAL: statistical,
    Phase.COMPONENTS: _components,
    Phase.LINEAGE: _lineage,
    Phase.MODEL: _model,
    Phase.ENVIRONMENT: _environment,
}
