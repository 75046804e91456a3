"""Charts of a postmortem: the alerting metrics with what was done marked on them, the alerts, and the timeline."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from statistics import median

from incident_copilot.charts import svg
from incident_copilot.charts import timeline as lanes
from incident_copilot.charts.chart import Chart, Mark, shortened
from incident_copilot.charts.timeline import Moment, Story
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.domain.postmortem import Picture
from incident_copilot.domain.proposal import Proposal, ProposalKind
from incident_copilot.pipeline import picture
from incident_copilot.pipeline.reviewing import story, times, words
from incident_copilot.pipeline.reviewing.record import Record
from incident_copilot.pipeline.reviewing.times import exactly
from incident_copilot.vendors.promql import condition

MOST_CHARTS = 2
MOST_DEPLOYS = 3
MOST_ACTIONS = 3
FEWEST_ALERTS, MOST_BARS = 8, 60
VOLUME_STEPS_S = (60, 300, 900, 3600, 4 * 3600, 86_400, 7 * 86_400, 365 * 86_400)
BEFORE_S, AFTER_S = 600.0, 300.0
"""How much of the time around the incident a chart shows."""
LANES = ("Impact", "Changes", "Alerts", "Copilot", "People", "Actions", "Status")
DECISIONS = {LogKind.APPROVED: "approved", LogKind.REJECTED: "rejected", LogKind.EDITED: "edited", LogKind.DONE: "did"}


def pictures(record: Record) -> dict[str, Picture]:
    """Return the charts by name: each alerting metric that was read, at most two; the alerts; the timeline."""
    charts: dict[str, Chart] = {}
    for alert in record.alerts:
        chart = _metric_chart(record, alert)
        if chart:
            charts.setdefault(chart.title, chart)
    drawn = {
        f"metric-{number}": _drawn(chart) for number, chart in enumerate(list(charts.values())[:MOST_CHARTS], start=1)
    }
    volume = _volume(record)
    alerts = {"alerts": _drawn(volume)} if volume else {}
    return {**drawn, **alerts, "timeline": _timeline(record)}


def merged(readings: list[Evidence]) -> tuple[tuple[float, float], ...]:
    """Return the points of several readings of one metric, in order of time, with a hole where nobody looked."""
    values = {float(at): float(value) for item in readings for at, value in item.data["points"]}
    points = sorted(values.items())
    if len(points) < 3:
        return tuple(points)
    usual = median(later[0] - now[0] for now, later in pairwise(points))
    filled = [points[0]]
    for now, later in pairwise(points):
        if later[0] - now[0] > max(4 * usual, 60.0):
            filled.append((now[0] + usual, math.nan))
        filled.append(later)
    return tuple(filled)


def _metric_chart(record: Record, alert: Alert) -> Chart | None:
    readings = record.metrics_of(alert)
    if not readings:
        return None
    same = [item for item in readings if item.title == readings[0].title]
    since = record.incident.started_at.timestamp() - BEFORE_S
    until = (record.incident.ended_at or record.written_at).timestamp() + AFTER_S
    points = tuple(point for point in merged(same) if since <= point[0] <= until)
    if sum(math.isfinite(value) for _, value in points) < 2:
        return None
    return Chart(
        title=same[0].title,
        unit=str(same[0].data.get("unit", "")),
        points=points,
        marks=tuple(mark for mark in _marks(record, alert) if points[0][0] <= mark.at <= points[-1][0]),
        limit=condition(str(alert.expression)).threshold,
    )


def _volume(record: Record) -> Chart | None:
    """Return how many alerts came when, in steps of a minute or longer; None where a list tells it better."""
    came = sorted(entry.at.timestamp() for entry in record.moments(TimelineKind.ALERT))
    if len(came) < FEWEST_ALERTS:
        return None
    step = next(step for step in VOLUME_STEPS_S if (came[-1] - came[0]) / step <= MOST_BARS)
    since = came[0] // step * step
    counts = Counter(int((at - since) // step) for at in came)
    points = tuple((since + number * step, float(counts[number])) for number in range(max(counts) + 2))
    marks = tuple(mark for mark in _marks(record) if points[0][0] <= mark.at <= points[-1][0])
    return Chart(
        title=f"Alerts in each {exactly(timedelta(seconds=step))}", unit="", points=points, marks=marks, bars=True
    )


def _marks(record: Record, alert: Alert | None = None) -> Iterator[Mark]:
    """The moments that a chart marks; when `alert` began too, and the onset before it."""
    incident = record.incident
    if alert:
        yield Mark(at=alert.starts_at.timestamp(), label="alert", kind="alert")
    if alert and incident.started_at < alert.starts_at:
        yield Mark(at=incident.started_at.timestamp(), label="onset", kind="onset")
    for item in story.changes_nearby(record)[-MOST_DEPLOYS:]:
        yield Mark(at=float(item.data["at"]), label=f"{item.data['service']} {item.data['version']}", kind="change")
    actions = {one.id: one for one in record.proposals if one.kind is ProposalKind.ACTION}
    for row in record.rows(LogKind.APPROVED)[:MOST_ACTIONS]:
        action = actions.get(str(row.payload["proposal"]))
        if action:
            yield Mark(at=row.at.timestamp(), label=f"approved: {shortened(action.title, 28)}", kind="decision")
    if incident.mitigated_at:
        yield Mark(at=incident.mitigated_at.timestamp(), label="mitigated", kind="end")
    if incident.ended_at:
        yield Mark(at=incident.ended_at.timestamp(), label=_ending(record), kind="end")


def _drawn(chart: Chart) -> Picture:
    finite = chart.model_copy(update={"points": tuple(point for point in chart.points if math.isfinite(point[1]))})
    alt = picture.alt_text(finite)
    # As JSON, where a hole is null: a number that is none cannot be stored.
    drawn_from = json.loads(chart.model_dump_json())
    return Picture(title=chart.title, svg=svg.draw(chart, alt), alt=alt, chart=drawn_from)


def _timeline(record: Record) -> Picture:
    moments = tuple(_moments(record))
    alt = "Timeline: " + "; ".join(f"{one.lane}: {one.label}" for one in moments[:40]) + "."
    drawn = lanes.draw(Story(title="What happened when (UTC)", lanes=LANES, moments=moments), alt)
    return Picture(title="What happened when", svg=drawn, alt=alt)


def _moments(record: Record) -> Iterator[Moment]:
    yield from _impact(record)
    for item in story.changes_nearby(record)[-MOST_DEPLOYS:]:
        label = f"{item.data['service']} {item.data['version']}"
        yield Moment(at=float(item.data["at"]), label=label, lane="Changes", kind="change")
    for alert in record.alerts:
        yield Moment(at=alert.starts_at.timestamp(), label=alert.name, lane="Alerts", kind="alert")
    yield from _copilot(record)
    yield from _people(record)
    yield from _actions(record)
    yield from _status(record)


def _impact(record: Record) -> Iterator[Moment]:
    span = times.mitigate(record) or times.resolve(record)
    if span:
        since, until = span.since.timestamp(), span.until.timestamp()
        yield Moment(at=since, until=until, label=exactly(span.length), lane="Impact", kind="alert")


def _copilot(record: Record) -> Iterator[Moment]:
    for entry in record.moments(TimelineKind.BRIEF)[:1]:
        yield Moment(at=entry.at.timestamp(), label="brief", lane="Copilot", kind="onset")
    proposed = record.rows(LogKind.PROPOSED)
    if proposed:
        together = [row for row in proposed if (row.at - proposed[0].at).total_seconds() < 1]
        label = "1 proposal" if len(together) == 1 else f"{len(together)} proposals"
        yield Moment(at=proposed[0].at.timestamp(), label=label, lane="Copilot", kind="onset")


def _people(record: Record) -> Iterator[Moment]:
    by_id = {proposal.id: proposal for proposal in record.proposals}
    for row in record.rows(LogKind.ACKNOWLEDGED):
        label = f"{words.who(record, row.actor)} acknowledged"
        yield Moment(at=row.at.timestamp(), label=label, lane="People", kind="decision")
    for row in record.rows(*DECISIONS):
        title = by_id[str(row.payload["proposal"])].title
        label = f"{words.who(record, row.actor)} {DECISIONS[row.kind]}: {title}"
        yield Moment(at=row.at.timestamp(), label=label, lane="People", kind="decision")


def _actions(record: Record) -> Iterator[Moment]:
    by_id: dict[str, Proposal] = {proposal.id: proposal for proposal in record.proposals}
    said = {
        LogKind.CARRIED_OUT: "carried out",
        LogKind.FAILED: "failed",
        LogKind.UNKNOWN: "outcome unknown",
        LogKind.PUBLISHED: "published",
        LogKind.CORRECTED: "corrected",
        LogKind.WITHDRAWN: "withdrawn",
        LogKind.VERIFIED: "verified",
    }
    for row in record.rows(*said):
        verb = "no help so far" if row.payload.get("healthy") is False else said[row.kind]
        label = f"{verb}: {by_id[str(row.payload['proposal'])].title}"
        yield Moment(at=row.at.timestamp(), label=label, lane="Actions", kind="decision")


def _status(record: Record) -> Iterator[Moment]:
    incident = record.incident
    yield Moment(at=incident.opened_at.timestamp(), label=f"opened, {incident.severity}", lane="Status", kind="onset")
    if incident.mitigated_at:
        yield Moment(at=incident.mitigated_at.timestamp(), label="mitigated", lane="Status", kind="end")
    if incident.ended_at:
        yield Moment(at=incident.ended_at.timestamp(), label=_ending(record), lane="Status", kind="end")


def _ending(record: Record) -> str:
    ending = record.incident.ending
    return ending.replace("_", " ") if ending else "ended"
