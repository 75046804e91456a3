"""What was observed of an AI system around an incident, as evidence: its figures over time, and a look at its requests.

A request is bad where something about it was found wrong, or its user said so.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from incident_copilot.analysis.slices import Case, Slice, compared, slices
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.observation import Interaction, Observed, SignalKind
from incident_copilot.domain.verdict import Verdict
from incident_copilot.pipeline import monitor_inputs
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.audience import may_read_figure
from incident_copilot.pipeline.investigating.made import made
from incident_copilot.store import interactions, observations, verdicts
from incident_copilot.store.db import Tx

LOOK_BACK = timedelta(hours=24)
A_WEEK = timedelta(days=7)
MOST_REQUESTS = 10_000
MOST_SERIES = 24
SHOWN_SLICES, SHOWN_VALUES = 5, 10
BAD_REQUESTS = "requests.bad"
"""The share of requests that were answered badly, as a series of its own."""
FEWEST_A_POINT, POINTS = 10, 40
MOST_POINTS = 300
LOW = 0.5
"""A score below that makes a request a bad one."""


@dataclass(frozen=True)
class Watched:
    """What is stored of one system around an incident; `week_before` are the figures of the same time a week before.

    It is the same time by the clock of `zone`.
    """

    system: str
    figures: Sequence[Observed] = ()
    requests: Sequence[Interaction] = ()
    verdicts: Sequence[Verdict] = ()
    week_before: Sequence[Observed] = ()
    zone: str = "UTC"


def is_bad(one: Interaction) -> bool:
    """Whether a request was answered badly, as far as anybody or anything said; an attack that failed is only odd."""
    is_wrong = any(signal.kind is not SignalKind.ANOMALY for signal in one.signals)
    return is_wrong or (one.feedback or 0) < 0 or (one.score is not None and one.score < LOW)


async def watched(db: Tx, deps: Deps, incident: Incident, members: Sequence[Alert]) -> Watched | None:
    """Return what was observed of the system that an incident is about; None where nothing was."""
    first = min((alert.starts_at for alert in members), default=incident.started_at)
    for system in system_names(incident, members):
        said = await verdicts.of(db, deps.workspace_id, system)
        span = (first - LOOK_BACK, deps.now())
        figures = await observations.between(db, deps.workspace_id, system, *span)
        requests = await interactions.between(db, deps.workspace_id, system, *span, limit=MOST_REQUESTS)
        if said or figures or requests:
            zone = monitor_inputs.system_of(deps, system)[0].zone or "UTC"
            then = (_by_clock(span[0], zone, -A_WEEK), _by_clock(span[1], zone, -A_WEEK))
            week_before = await observations.between(db, deps.workspace_id, system, *then)
            return Watched(system, figures, requests, said, week_before, zone)
    return None


def is_of_bad_requests(item: Evidence) -> bool:
    """Whether evidence is the share of bad requests."""
    return item.kind is EvidenceKind.METRIC and (item.data.get("observed") or [""])[1:2] == [BAD_REQUESTS]


def system_names(incident: Incident, members: Sequence[Alert]) -> list[str]:
    """Return the names under which the system of an incident may be observed, the surest first."""
    named = [
        *(alert.labels.get("system") for alert in members),
        *(alert.service for alert in members),
        incident.service,
    ]
    return list(dict.fromkeys(name for name in named if name))


def cases_of(requests: Sequence[Interaction], onset: datetime) -> list[Case]:
    """Return requests as slices are made of them."""
    return [Case(one.labels, is_bad(one), one.at >= onset) for one in requests]


def series_evidence(deps: Deps, incident: Incident, seen: Watched) -> list[Evidence]:
    """Return the figures of each metric, group and version over time; those that a monitor finds wrong first."""
    points: dict[tuple[str, str, str], list[list[float]]] = defaultdict(list)
    shares: set[str] = set()
    for one in seen.figures:
        share = one.figure.share
        if share is not None and may_read_figure(deps.catalog, incident, one.figure.metric):
            version = one.labels.get("version", "")
            points[one.figure.metric, one.figure.group, version].append([one.at.timestamp(), share])
            shares |= {one.figure.metric} if one.figure.successes is not None else set()
    wrong = {(one.metric, one.group) for one in seen.verdicts if one.outcome in ("firing", "weak")}
    order = sorted(points, key=lambda key: (key[:2] not in wrong, -len(points[key]), key))
    usual = _of_the_week_before(seen)
    found = []
    for metric, group, version in order[:MOST_SERIES]:
        told = points[metric, group, version]
        title = " ".join(filter(None, (metric, f"of {seen.system}", group, version)))
        said = (title, f"{len(told)} figures that {seen.system} told of itself.")
        more: dict[str, object] = {"unit": "ratio" if metric in shares else ""}
        more["labels"] = {"version": version} if version else {}
        if then := usual.get((metric, group)):
            more["week_before"] = _thinned(then)
        found.append(_series(deps, incident, said, [seen.system, metric, group], _thinned(told), **more))
    return found


def _of_the_week_before(seen: Watched) -> dict[tuple[str, str], list[list[float]]]:
    """Return the points of each metric and group a week later than they were; versions are of another week."""
    points: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    for one in seen.week_before:
        if one.figure.share is not None:
            at = _by_clock(one.at, seen.zone, A_WEEK).timestamp()
            points[one.figure.metric, one.figure.group].append([at, one.figure.share])
    return points


def _by_clock(at: datetime, zone: str, span: timedelta) -> datetime:
    """Return what a clock shows a span later, whether it was changed meanwhile or not."""
    return (at.astimezone(ZoneInfo(zone)) + span).astimezone(UTC)


def _series(
    deps: Deps,
    incident: Incident,
    said: tuple[str, str],
    observed: list[str],
    points: list[list[float]],
    **more: object,
) -> Evidence:
    """Return a series of a system; `said` are title and summary, `observed` the system, the metric and the group."""
    data = {"points": points, "service": incident.service, "labels": {}, "observed": observed, **more}
    title, summary = said
    query = " ".join(observed[:2])
    return made(deps, incident, EvidenceKind.METRIC, "monitors", title=title, summary=summary, query=query, data=data)


def _thinned(points: list[list[float]]) -> list[list[float]]:
    """Return at most so many points, each the mean of as many: a day by the minute would fill the database."""
    size = -(-len(points) // MOST_POINTS)
    groups = [points[begin : begin + size] for begin in range(0, len(points), size)]
    return [[group[0][0], sum(value for _, value in group) / len(group)] for group in groups]


def bad_share_evidence(deps: Deps, incident: Incident, seen: Watched) -> list[Evidence]:
    """Return the share of bad requests over time, each point over as many; nothing of too few requests."""
    ordered = sorted(seen.requests, key=lambda one: one.at)
    size = max(FEWEST_A_POINT, len(ordered) // POINTS)
    groups = [ordered[begin : begin + size] for begin in range(0, len(ordered) - size + 1, size)]
    if len(groups) < 2:
        return []
    points = [[group[0].at.timestamp(), sum(map(is_bad, group)) / size] for group in groups]
    said = (f"bad requests of {seen.system}", f"Shares of {size} requests each.")
    return [_series(deps, incident, said, [seen.system, BAD_REQUESTS, ""], points, unit="ratio")]


def request_evidence(deps: Deps, incident: Incident, seen: Watched, onset: datetime) -> list[Evidence]:
    """Return what the requests of a system say: how many are bad since the onset, and which slice carries that."""
    if not seen.requests:
        return []
    since = [one for one in seen.requests if one.at >= onset]
    bad = sum(map(is_bad, since))
    cases = cases_of(seen.requests, onset)
    found = slices(cases)
    text = "\n".join(map(_told, found[:SHOWN_SLICES])) or "No slice is worse than chance would have it."
    return [
        made(
            deps,
            incident,
            EvidenceKind.SAMPLE,
            "monitors",
            title=f"Requests to {seen.system}",
            summary=f"{bad} of {len(since)} requests that are known since {onset:%H:%M} UTC were answered badly.",
            query=f"{seen.system} requests",
            data={
                "system": seen.system,
                "service": incident.service,
                "n": len(since),
                "bad": bad,
                "text": text,
                "slices": [one.text for one in found],
                "values": _values(cases, found),
            },
        )
    ]


def _values(cases: Sequence[Case], found: Sequence[Slice]) -> list[dict[str, object]]:
    """Return what is known of each value of each label, those that carry most first, whether or not it stands out."""
    explained = {one.name: one.explained_by for one in found}
    rows: dict[str, list[dict[str, object]]] = defaultdict(list)
    for one in compared(cases):
        told = {"label": one.label, "value": one.value, "rates": one.rates, "carries": round(one.part, 3)}
        rows[one.label].append({**told, "p": round(one.p, 4), "stands_out": explained.get(one.name) == ""})
    return [row for mine in rows.values() for row in mine[:SHOWN_VALUES]]


def _told(one: Slice) -> str:
    return f"{one.text} (explained by {one.explained_by})" if one.explained_by else one.text
