"""Read evidence as findings: series against their normal, messages that are new, changes by how well they fit."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from incident_copilot.analysis import findings as analysis
from incident_copilot.analysis.changes import Change, RankedChange, Symptoms, rank_changes
from incident_copilot.analysis.comparison import Arm, Contrast, contrast
from incident_copilot.analysis.findings import Event, Findings, Part, ProviderStatus
from incident_copilot.analysis.logs import LogLine, TemplateChange, compare_templates, without_standing
from incident_copilot.analysis.ranking import RankedSeries, Series, rank_series
from incident_copilot.analysis.readings import Reading, read_series
from incident_copilot.analysis.trust import Trust
from incident_copilot.domain import advice
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind
from incident_copilot.domain.verdict import SOURCE

TEMPLATES = 4  # of one service's logs; the fifth message says nothing that the first four do not
MOST_EVENTS = 200
MARK = "#"
RULE = advice.rule("")
MOST_OF_IT = 0.5
"""Of a loss: a slice that carries less is one of several."""
UNSURE_S = 60.0
"""How long before the onset that a metric shows its trouble may have begun: rates look back, and are read in steps."""


def findings_of(
    bundle: ContextBundle,
    *,
    service: str,
    started_at: datetime,
    opened_at: datetime,
    depends_on: Mapping[str, Sequence[str]],
    changes_known: bool,
    undone: Mapping[tuple[str, str], str],
    trust: Mapping[str, Trust],
) -> Findings:
    """Return what the evidence says about an incident of `service` that began at `started_at`.

    `undone` says of changes, by service and version, that taking them back did not help, `trust` of advisers how their
    suggestions turned out.
    """
    onset = started_at.timestamp()
    depends_on = _call_graph(bundle, depends_on)
    series = _ranked_series(bundle, onset)
    templates = changed_messages(of_kind(bundle, EvidenceKind.LOG), onset)
    events = _events(bundle, onset)
    symptoms = _symptoms(bundle, series, templates, events, service=service, onset=onset, depends_on=depends_on)
    changes = _ranked_changes(bundle, symptoms, opened_at)
    return Findings(
        alert=next((item.id for item in of_kind(bundle, EvidenceKind.ALERT)), ""),
        service=service,
        onset_at=onset,
        changes=changes,
        series=series,
        templates=templates,
        providers=_providers(bundle),
        gaps={f"gap:{gap.source}": f"{gap.source}: {gap.reason}" for gap in bundle.gaps},
        depends_on=depends_on,
        changes_known=changes_known,
        undone=_undone(changes, undone),
        contrasts=_contrasts(bundle, onset),
        carried=_carried(bundle),
        trust={name.removeprefix(RULE): known for name, known in trust.items() if name.startswith(RULE)},
        readings=_readings(bundle),
        events=events,
        parts=_parts(bundle),
        is_measured=any(item.source == SOURCE for item in of_kind(bundle, EvidenceKind.ALERT)),
    )


def _symptoms(
    bundle: ContextBundle,
    series: Mapping[str, RankedSeries],
    templates: Mapping[str, TemplateChange],
    events: Mapping[str, Event],
    *,
    service: str,
    onset: float,
    depends_on: Mapping[str, Sequence[str]],
) -> Symptoms:
    """Return what a change would have to explain."""
    return Symptoms(
        alerting_service=service,
        onset_at=onset,
        error_services=frozenset(one.service for one in templates.values() if one.severe and one.kind != "vanished"),
        log_texts=_texts(bundle, templates, events, onset),
        samples={one.headline: one.samples[0].text for one in templates.values() if one.samples},
        metric_names=tuple(ranked.name for ranked in series.values() if ranked.score > 0),
        depends_on=depends_on,
    )


def evidence_id(key: str) -> str:
    """Return the id of the evidence behind a finding's key; several messages share that of their log."""
    return key.partition(MARK)[0]


def series_of(item: Evidence) -> Series:
    """Return a METRIC's points as a series."""
    return _series(item, item.data["points"])


def week_before(item: Evidence) -> Series | None:
    """Return the same hours of the week before, from whichever source delivers them."""
    points = item.data.get("week_before")
    return _series(item, points) if points else None


def _series(item: Evidence, points: Sequence[Sequence[float]]) -> Series:
    values = np.array(points, dtype=np.float64).reshape(-1, 2)
    service, unit = (str(item.data.get(name) or "") for name in ("service", "unit"))
    return Series(times=values[:, 0], values=values[:, 1], service=service, unit=unit)


def of_kind(bundle: ContextBundle, kind: EvidenceKind) -> list[Evidence]:
    """Return the evidence of one kind, in the order it was found."""
    return [item for item in bundle.evidence if item.kind is kind]


def _call_graph(bundle: ContextBundle, depends_on: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return the catalogue's dependencies and those that traces show."""
    graph = dict(depends_on)
    for item in of_kind(bundle, EvidenceKind.TRACE):
        for call in item.data.get("calls", ()):
            caller, called = str(call["from"]), str(call["to"])
            if caller != called:
                graph[caller] = tuple(dict.fromkeys((*graph.get(caller, ()), called)))
    return graph


def _contrasts(bundle: ContextBundle, onset: float) -> list[Contrast]:
    """Return what sets apart the series of each query that came in several, the clearest first."""
    by_query: dict[tuple[str, str | None], dict[str, Arm]] = {}
    for item in of_kind(bundle, EvidenceKind.METRIC):
        arms = by_query.setdefault((item.source, item.query), {})
        arms[item.id] = Arm(item.data.get("labels") or {}, series_of(item))
    found = [one for arms in by_query.values() if (one := contrast(arms, onset=onset))]
    return sorted(found, key=lambda one: -abs(one.effect))


def _carried(bundle: ContextBundle) -> dict[str, analysis.Statement]:
    """Return the values of labels whose requests carry most of the loss, with the words for it."""
    return {
        str(one["value"]): analysis.Statement(
            f"{one['label']}={one['value']} carries {one['carries']:.0%} of the loss", (item.id,)
        )
        for item in of_kind(bundle, EvidenceKind.SAMPLE)
        for one in item.data.get("values", ())
        if one["stands_out"] and one["carries"] >= MOST_OF_IT
    }


def _ranked_series(bundle: ContextBundle, onset: float) -> dict[str, RankedSeries]:
    """Return the series by evidence."""
    by_name = _metrics(bundle)
    usual = {name: one for name, item in by_name.items() if (one := week_before(item))}
    ranked = rank_series({name: series_of(item) for name, item in by_name.items()}, onset=onset, healthy=usual)
    return {by_name[one.name].id: one for one in ranked}


def _metrics(bundle: ContextBundle) -> dict[str, Evidence]:
    """Return the metrics by name; of several that say the same the first counts, which is the alert's own."""
    by_name: dict[str, Evidence] = {}
    seen: set[str] = set()
    for item in of_kind(bundle, EvidenceKind.METRIC):
        same = f"{item.data.get('service')} {item.data['points']}"
        if same not in seen:
            by_name.setdefault(item.title, item)
        seen.add(same)
    return by_name


def _readings(bundle: ContextBundle) -> dict[str, Reading]:
    read = {item.id: read_series(name, series_of(item), week_before(item)) for name, item in _metrics(bundle).items()}
    return {key: reading for key, reading in read.items() if reading is not None}


def _parts(bundle: ContextBundle) -> dict[str, tuple[Part, ...]]:
    """Return what loads are made of, where a source knows it."""
    return {
        item.id: tuple(
            Part(by=part["by"], name=str(part["name"]), value=float(part["value"]), waits=part.get("waits") or {})
            for part in item.data["parts"]
        )
        for item in of_kind(bundle, EvidenceKind.METRIC)
        if item.data.get("parts")
    }


def _texts(
    bundle: ContextBundle, templates: Mapping[str, TemplateChange], events: Mapping[str, Event], onset: float
) -> tuple[str, ...]:
    """Return what was said since the onset; where neither logs nor events say anything, what the alerts say."""
    said = [one.headline for one in templates.values() if one.kind != "vanished"]
    said += [one.text for one in events.values() if one.at >= onset - UNSURE_S]
    return tuple(said or [item.summary for item in of_kind(bundle, EvidenceKind.ALERT)])


def _events(bundle: ContextBundle, onset: float) -> dict[str, Event]:
    """Return what platforms told, one by one: an event is rare, and the first of its kind matters."""
    found: dict[str, Event] = {}
    for item in of_kind(bundle, EvidenceKind.LOG):
        if item.data.get("events"):
            service = str(item.data.get("service") or "")
            lines = [LogLine(float(at), str(text), service) for at, text in item.data["lines"][-MOST_EVENTS:]]
            for place, line in enumerate(without_standing(lines, onset=onset)):
                found[f"{item.id}{MARK}{place}"] = Event(line.at, line.text, line.service)
    return found


def changed_messages(logs: Sequence[Evidence], onset: float) -> dict[str, TemplateChange]:
    """Return the messages of each log that are new, surging or gone since the onset, by the key of their finding."""
    found: dict[str, TemplateChange] = {}
    for item in logs:
        if item.data.get("events"):
            continue
        service = str(item.data.get("service") or "")
        lines = [LogLine(at=float(at), text=str(text), service=service) for at, text in item.data["lines"]]
        healthy_until = onset - UNSURE_S
        before = [line for line in lines if line.at < healthy_until]
        during = [line for line in lines if line.at >= onset]
        since, until = float(item.data["since"]), float(item.data["until"])
        changed = compare_templates(before, during, before_s=healthy_until - since, during_s=until - onset)
        for place, change in enumerate(changed[:TEMPLATES]):
            found[f"{item.id}{MARK}{place}"] = change
    return found


def _ranked_changes(bundle: ContextBundle, symptoms: Symptoms, opened_at: datetime) -> dict[str, RankedChange]:
    """Return the changes by evidence; what went out after the incident was opened is somebody's attempt to mend it."""
    changes = [
        Change(
            id=item.id,
            service=str(item.data["service"]),
            at=float(item.data["at"]),
            kind=str(item.data.get("kind", "deploy")),
            title=item.title,
            diff_text=str(item.data.get("diff") or ""),
            version=str(item.data.get("version") or ""),
            author=str(item.data.get("author") or ""),
        )
        for item in of_kind(bundle, EvidenceKind.CHANGE)
        if float(item.data["at"]) <= opened_at.timestamp()
    ]
    return {ranked.change.id: ranked for ranked in rank_changes(changes, symptoms)}


def _providers(bundle: ContextBundle) -> dict[str, ProviderStatus]:
    return {
        item.id: ProviderStatus(
            name=str(item.data["provider"]),
            status=item.data["state"],
            since=item.data.get("since"),
            detail=str(item.data.get("detail") or ""),
        )
        for item in of_kind(bundle, EvidenceKind.STATUS_PAGE)
    }


def _undone(
    changes: Mapping[str, RankedChange], undone: Mapping[tuple[str, str], str]
) -> dict[str, analysis.Statement]:
    return {
        key: analysis.Statement(undone[ranked.change.service, ranked.change.version], (key,))
        for key, ranked in changes.items()
        if (ranked.change.service, ranked.change.version) in undone
    }
