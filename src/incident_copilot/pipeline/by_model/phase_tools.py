"""What the specialists of the five phases may look at: each reads what is held of an AI system, and computes from it.

No word of a request or an answer is shown, only counts; what the labels of requests are called is shown where it reads
as a name.
"""

from collections.abc import Callable, Mapping
from typing import Any

from incident_copilot.analysis.levels import shifts
from incident_copilot.analysis.ranking import ODD, rank_series
from incident_copilot.analysis.same_hours import same_hours
from incident_copilot.analysis.together import moving_together
from incident_copilot.analysis.topology import upstream_of
from incident_copilot.analysis.words import number
from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.llm.labels import as_label
from incident_copilot.llm.log_lines import as_template
from incident_copilot.pipeline.by_model.material import Material, Row, Seen, in_rows, title_of
from incident_copilot.pipeline.by_model.parameters import (
    OfChanges,
    OfData,
    OfDataset,
    OfEvaluation,
    OfLabel,
    OfMetric,
    OfProvider,
    OfService,
    OfUsage,
    OfVersions,
)
from incident_copilot.pipeline.by_model.showing import (
    MOST_ROWS,
    before_and_since,
    change,
    clock,
    listed,
    message,
    nothing,
)
from incident_copilot.pipeline.investigating.findings import series_of, week_before
from incident_copilot.ports import Tool

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "data": ("data.",),
    "features": ("feature.", "output.", "importance."),
    "retrieval": ("retrieval.",),
    "cost": ("cost.",),
    "tokens": ("cost.tokens",),
    "performance": ("performance.",),
    "provider": ("provider.",),
}
"""How the figures of an AI system begin, by what a tool calls them."""
EVALUATIONS = "evaluation."
MOST_RUNS = 6


def change_points(asked: OfMetric, material: Material) -> Seen:
    """Return when a metric changed its level, each time."""
    item = material.of_kind(EvidenceKind.METRIC).get(asked.metric)
    if item is None:
        return nothing(f"no metric {asked.metric}", material.of_kind(EvidenceKind.METRIC))
    unit = str(item.data.get("unit") or "")
    found = shifts(series_of(item))
    rows = [f"{clock(one.at)}: from {number(one.before, unit)} to {number(one.after, unit)}" for one in found]
    return Seen("\n".join([title_of(item), *(rows or ["It never changed its level."])]), (asked.metric,))


def correlated_metrics(asked: OfMetric, material: Material) -> Seen:
    """Return which metrics that left their normal when the trouble began move with one."""
    metrics = material.of_kind(EvidenceKind.METRIC)
    if asked.metric not in metrics:
        return nothing(f"no metric {asked.metric}", metrics)
    series = {label: series_of(item) for label, item in metrics.items()}
    own = series.pop(asked.metric)
    ranked = rank_series(series, onset=material.incident.started_at.timestamp())
    odd = {one.name: series[one.name] for one in ranked if one.score >= ODD}
    found = moving_together(own, odd)[:MOST_ROWS]
    both: list[Row] = [
        ((asked.metric, one.name), f"{one.name}: {title_of(metrics[one.name])}, {one.text}") for one in found
    ]
    title = f"Moves with {title_of(metrics[asked.metric])}:"
    return in_rows([((), title), *(both or [((), "nothing")])], (asked.metric,))


def seasonality(asked: OfMetric, material: Material) -> Seen:
    """Return whether a metric is as it was at the same hours a week before."""
    metrics = material.of_kind(EvidenceKind.METRIC)
    item = metrics.get(asked.metric)
    if item is None:
        return nothing(f"no metric {asked.metric}", metrics)
    then = week_before(item)
    found = same_hours(series_of(item), then, material.incident.started_at.timestamp()) if then else None
    if found is None:
        return Seen(f"Nothing is known of {title_of(item)} a week before.", is_there=False)
    return Seen(f"{title_of(item)} {found.text}.", (asked.metric,))


def component_health(asked: OfService, material: Material) -> Seen:
    """Return what is out of its normal at a service, and how much is at what it rests on."""
    if asked.service not in material.services:
        return Seen(f"There is no service {asked.service}.", is_there=False)
    cited, rows = _health(asked.service, material)
    below = upstream_of(material.depends_on, asked.service)
    for name, hops in list(below.items())[:MOST_ROWS]:
        theirs, wrong = _health(name, material)
        cited += theirs
        told = f"{len(wrong)} findings" if theirs else "nothing is measured"
        rows.append((tuple(theirs), f"{name}, {hops} below: {told}"))
    if not cited:
        return Seen(f"Nothing is measured of {asked.service} and what it rests on.", is_there=False)
    return in_rows(rows or [((), f"{asked.service} is as usual.")], cited)


def _health(service: str, material: Material) -> tuple[list[str], list[Row]]:
    """Return the labels of what is measured of a service, and what of it is out of its normal."""
    mine = {label: item for label, item in material.evidence.items() if item.data.get("service") == service}
    metrics = {label: item for label, item in mine.items() if item.kind is EvidenceKind.METRIC}
    onset = material.incident.started_at.timestamp()
    named = {title_of(item): label for label, item in metrics.items()}
    ranked = rank_series({name: series_of(metrics[label]) for name, label in named.items()}, onset=onset)
    odd = [(named[one.name], one.reason) for one in ranked if one.score >= ODD]
    logs = {label: item for label, item in mine.items() if item.kind is EvidenceKind.LOG}
    odd += [(label, message(one)) for label, item in logs.items() for one in item.data.get("messages") or ()]
    return [*metrics, *logs], [((label,), f"{label}: {told}") for label, told in odd]


def provider_status(asked: OfProvider, material: Material) -> Seen:
    """Return what a provider's status page says."""
    pages = {
        label: item
        for label, item in material.of_kind(EvidenceKind.STATUS_PAGE).items()
        if item.data.get("provider") == asked.provider
    }
    if not pages:
        return nothing(f"no status page of {asked.provider}", material.of_kind(EvidenceKind.STATUS_PAGE))
    return in_rows([((label,), _page(label, item)) for label, item in pages.items()])


def _page(label: str, item: Evidence) -> str:
    since = item.data.get("since")
    told = as_template(str(item.data.get("detail") or ""))
    when = f" since {clock(float(since))}" if since else ""
    return f"{label}: {item.data['provider']} reports {item.data['state']}{when}{f': {told}' if told else ''}"


def lineage(asked: OfDataset, material: Material) -> Seen:
    """Return what a dataset is made of, what uses it, and what ran over it; what only the catalogue says is noted."""
    if asked.dataset not in material.kinds:
        return Seen(f"There is no dataset {asked.dataset}; there are {listed(material.kinds)}.", is_there=False)
    above = [name for name in upstream_of(material.depends_on, asked.dataset) if name in material.kinds]
    used_by = [name for name, needs in material.depends_on.items() if asked.dataset in needs]
    text = (
        f"{asked.dataset} ({material.kinds[asked.dataset]}) is made of {listed(above)} and used by {listed(used_by)},"
        " by the catalogue."
    )
    touched = {asked.dataset, *above}
    runs = {name: one for name, one in _changes(material).items() if one.data["service"] in touched}
    if runs:
        rows = [((label,), change(label, item)) for label, item in list(runs.items())[:MOST_ROWS]]
        return in_rows([((), text), *rows])
    note = _note(material, f"Lineage of {asked.dataset}", text)
    return Seen(f"{text}\nNo run over it was told of.", found=(note,))


def _note(material: Material, title: str, text: str) -> Evidence:
    at = material.as_of or material.incident.opened_at
    return Evidence(
        id=new_id(at),
        incident_id=material.incident.id,
        source="catalogue",
        kind=EvidenceKind.NOTE,
        title=title,
        summary=text,
        taken_at=at,
        data={"text": text},
    )


def figures_of(asked: OfData | OfUsage, material: Material) -> Seen:
    """Return figures of data, or of cost, load and providers, and what monitors say of them."""
    return of_family(asked.about, material)


def of_family(about: str, material: Material) -> Seen:
    """Return what is known of one family of figures."""
    rows = _found_of(FAMILIES[about], material)
    series = material.observed(*FAMILIES[about])
    rows += [((label,), before_and_since(label, item, material)) for label, item in list(series.items())[:MOST_ROWS]]
    return in_rows(rows) if rows else Seen(f"Nothing is known of {about}.", is_there=False)


def _found_of(families: tuple[str, ...], material: Material) -> list[Row]:
    """Return what monitors say of figures whose names begin so."""
    return [
        ((label,), _finding(label, one))
        for label, item in material.sampled("findings").items()
        for one in item.data["findings"]
        if str(one["metric"]).startswith(families)
    ]


def _finding(label: str, one: Mapping[str, str]) -> str:
    group = f" of {as_label(one['group'])}" if one["group"] else ""
    # What monitors say names the group too.
    may_be_told = one["summary"] and as_label(one["group"] or "all") == (one["group"] or "all")
    return f"{label}: {one['metric']}{group} is {one['outcome']}{': ' + one['summary'] if may_be_told else ''}"


def slices_by(asked: OfLabel, material: Material) -> Seen:
    """Return each value of a label of requests with its shares of bad answers, those that carry most first."""
    samples = material.sampled("values")
    rows: list[Row] = []
    for label, item in samples.items():
        mine = [one for one in item.data["values"] if one["label"] == asked.label]
        rows += [((label,), _value(label, one)) for one in mine[:MOST_ROWS]]
    if not rows:
        return nothing(f"nothing to tell apart by {asked.label}", samples)
    told = [(about, samples[about[0]].summary) for about in dict.fromkeys(about for about, _ in rows)]
    return in_rows([*told, *rows])


def _value(label: str, one: Mapping[str, Any]) -> str:
    stands = "it stands out" if one["stands_out"] else "it does not stand out from the others"
    told = f"bad answers {one['rates']}, carries {one['carries']:.0%} of the loss"
    return f"{label}: {as_label(one['label'])} {as_label(one['value'])}: {told}; {stands}"


def evaluations(asked: OfEvaluation, material: Material) -> Seen:
    """Return the results of an evaluation set by version, and what monitors say of it."""
    mine = {
        label: item
        for label, item in material.observed(EVALUATIONS).items()
        if item.data["observed"][1] == asked.evaluation
    }
    rows = _found_of((asked.evaluation,), material)
    if not mine:
        return nothing(f"no evaluation {asked.evaluation}", material.observed(EVALUATIONS))
    for label, item in mine.items():
        version = as_label(str((item.data.get("labels") or {}).get("version") or "")) or "unnamed"
        runs = [f"{clock(at)} {number(value, item.data['unit'])}" for at, value in item.data["points"][-MOST_RUNS:]]
        rows.append(((label,), f"{label}: {asked.evaluation}, version {version}: {', '.join(runs)}"))
    return in_rows(rows)


def changes_of(asked: OfVersions | OfChanges, material: Material) -> Seen:
    """Return the changes of one kind, newest first."""
    known = _changes(material)
    mine = {label: item for label, item in known.items() if item.data.get("kind") == asked.kind}
    if not mine:
        return nothing(f"no change of a {asked.kind}", known)
    return in_rows([((label,), change(label, item)) for label, item in list(mine.items())[:MOST_ROWS]])


def _changes(material: Material) -> dict[str, Evidence]:
    known = material.of_kind(EvidenceKind.CHANGE)
    return dict(sorted(known.items(), key=lambda one: -float(one[1].data["at"])))


Show = Callable[[Any, Material], Seen]
PHASE_TOOLS: Mapping[str, tuple[Tool, Show]] = {
    tool.name: (tool, show)
    for tool, show in (
        (Tool("change_points", "Find each time a metric changed its level.", OfMetric), change_points),
        (
            Tool("correlated_metrics", "Find what moves with a metric, before it or after it.", OfMetric),
            correlated_metrics,
        ),
        (Tool("seasonality", "Hold a metric against the same hours of the week before.", OfMetric), seasonality),
        (Tool("component_health", "See how a service does and what it rests on.", OfService), component_health),
        (Tool("provider_status", "Read a provider's status page.", OfProvider), provider_status),
        (Tool("lineage", "See what a dataset is made of, what uses it and what ran over it.", OfDataset), lineage),
        (Tool("data_findings", "Read freshness, volume, schema and shift of data.", OfData), figures_of),
        (Tool("slices_by", "See which value of a label of requests carries the loss.", OfLabel), slices_by),
        (Tool("evaluations", "Read the results of an evaluation set by version.", OfEvaluation), evaluations),
        (Tool("versions", "List changes of models, prompts, datasets, flags or settings.", OfVersions), changes_of),
        (Tool("other_changes", "List changes of one kind around the service.", OfChanges), changes_of),
        (Tool("usage", "Read cost, tokens, load and latency, and what the provider does.", OfUsage), figures_of),
    )
}
